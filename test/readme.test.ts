import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import { ENDPOINTS } from "../src/protocol/endpoints.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { undiciHttp } from "../src/rest/io/undici-http.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { DEMO_ACCOUNT, startPaperVenue } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { startHubWorld } from "./hub-world.ts";

const README = readFileSync("README.md", "utf8");

test("the README's example runs as it stands and tells of an order and its balance", async () => {
  const [, code = ""] = /```js\n(.*?)```/s.exec(README) ?? [];
  assert(code.split("\n").length <= 14, "the example is short");
  const venue = await startPaperVenue({ port: 0 });
  mkdirSync("build/readme", { recursive: true });
  // Inside of the package, so that "listenkey" is this package; only the port is another one.
  writeFileSync("build/readme/example.mjs", code.replaceAll("127.0.0.1:9780", `127.0.0.1:${venue.port}`));
  const child = spawn(process.execPath, ["build/readme/example.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
  const wanted = [
    /^in sync; USDT 10000\.?0* positions 0$/,
    /^ETHUSDT BUY FILLED 0\.1 of 0\.1 order \d{19}$/,
    /^ORDER USDT 9\d+/,
  ];
  const seen = new Set<RegExp>();
  try {
    for await (const line of createInterface(child.stdout)) {
      for (const pattern of wanted) if (pattern.test(line)) seen.add(pattern);
      if (line.startsWith("in sync;")) await buy(venue.url);
      if (seen.size === wanted.length) break;
    }
  } finally {
    child.kill();
    await venue.close();
  }
  assert.deepEqual([...seen].length, wanted.length, `seen: ${[...seen].join(" ")}`);
});

test("the README's client of a hub runs as it stands and tells what was told before it came", async (t) => {
  const [, code = ""] = [...README.matchAll(/```js\n(.*?)```/gs)].map(([, block = ""]) => block);
  const running = await startHubWorld();
  t.after(() => running.close());
  await eventually("in sync", () => running.hub.isReady);
  mkdirSync("build/readme", { recursive: true });
  writeFileSync("build/readme/hub.mjs", code.replaceAll("http://127.0.0.1:9780", running.url));
  const child = spawn(process.execPath, ["build/readme/hub.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (lines.push(line) === 2) await buy(running.url);
    if (line.endsWith("event ORDER_TRADE_UPDATE")) break;
  }
  assert.deepEqual(lines.slice(0, 2), ["1 status ", "2 status "]);
});

async function buy(baseUrl: string): Promise<void> {
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const deps = { http: undiciHttp, clock: systemClock, budget: new WeightBudget(), baseUrl, apiKey };
  const params = { symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "0.1" };
  const call = { endpoint: ENDPOINTS.placeOrder, params, priority: "read" } as const;
  await new RestClient({ ...deps, signer: hmacSigner(apiSecret) }).call(call);
}

test("every file and command that README and ARCHITECTURE name is there", () => {
  const text = README + readFileSync("ARCHITECTURE.md", "utf8");
  const files = [...text.matchAll(/`((?:src|sim|docs|tools|test)\/[\w/.-]*)`|\]\(([\w/.-]+)\)/g)].map(
    (m) => m[1] ?? m[2] ?? "",
  );
  assert(files.length > 5);
  assert.deepEqual(
    files.filter((file) => !existsSync(file)),
    [],
  );
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const commands = [...text.matchAll(/(?:`|^)npm (?:run )?(\w+)/gm)].map((m) => m[1] ?? "");
  assert.deepEqual(
    commands.filter((command) => scripts[command] === undefined && command !== "pack"),
    [],
  );
});
