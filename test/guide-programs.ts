/** Programs that a page shows, run as they stand against a paper venue and a hub of their own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { DEMO_ACCOUNT } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { startHubWorld } from "./hub-world.ts";

/** Where pages show venue and hub. */
export const SHOWN_AT = "127.0.0.1:9780";
/** How long a program may take to say what it has to say. */
const DEADLINE_MS = 50_000;

/** The line of an order of {@link trade}, as the guides print it. */
export const ORDER = /^order \d{19}: BUY ETHUSDT FILLED, 0\.1 of 0\.1$/m;

/** Makes tests of each guide's programs, in their order; each prints what its patterns say, in any order. */
export function testPrograms(guides: Readonly<Record<string, readonly (readonly RegExp[])[]>>): void {
  for (const [guide, prints] of Object.entries(guides)) {
    const page = readFileSync(`docs/${guide}.md`, "utf8");
    const programs = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = ""]) => code);

    test(`docs/${guide}.md: each program is among those that are run`, () => {
      assert.equal(programs.length, prints.length);
    });

    for (const [index, patterns] of prints.entries()) {
      test(`docs/${guide}.md: program ${index + 1} runs as it stands`, async (t) => {
        await says(t, guide, programs[index] ?? "", patterns);
      });
    }
  }
}

/** How often somebody trades: some programs speak before they listen. */
const TRADES_EVERY_MS = 2_000;

/** Runs a program until it has printed all of it; from its first word on somebody trades. @throws when it does not */
async function says(t: TestContext, guide: string, code: string, patterns: readonly RegExp[]): Promise<void> {
  const { url, hub } = await world(t);
  await eventually("in sync", () => hub.isReady);
  mkdirSync("build/guides", { recursive: true });
  // Inside of the package, so that "listenkey" is this package.
  const cwd = mkdtempSync(`build/guides/${guide}-`);
  writeFileSync(`${cwd}/program.mjs`, code.replaceAll(SHOWN_AT, new URL(url).host));
  // A test runner below this one would think it is a part of it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [resolve(cwd, "program.mjs")], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let traded = Promise.resolve();
  let trading: NodeJS.Timeout | undefined;
  const output = await new Promise<string>((settle) => {
    let text = "";
    const hear = (chunk: Buffer) => {
      text += chunk;
      trading ??= repeatedly(() => {
        traded = traded.then(() => trade(url));
      }, TRADES_EVERY_MS);
      if (patterns.every((pattern) => pattern.test(text))) settle(text);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", () => settle(text));
    setTimeout(() => settle(text), DEADLINE_MS).unref();
  });
  clearInterval(trading);
  child.kill("SIGKILL");
  await traded;
  for (const pattern of patterns) assert.match(output, pattern);
}

/** Now, and again and again. */
function repeatedly(act: () => void, everyMs: number): NodeJS.Timeout {
  act();
  return setInterval(act, everyMs);
}

/** A paper venue with a hub, for one test. */
export async function world(t: TestContext): ReturnType<typeof startHubWorld> {
  const running = await startHubWorld();
  t.after(() => running.close());
  return running;
}

/** The demo account buys at the market. */
export async function trade(url: string): Promise<void> {
  const order = { symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "0.1" };
  const query = new URLSearchParams({ ...order, timestamp: String(Date.now()) }).toString();
  const signature = createHmac("sha256", DEMO_ACCOUNT.apiSecret).update(query).digest("hex");
  const headers = { "X-MBX-APIKEY": DEMO_ACCOUNT.apiKey };
  const response = await fetch(`${url}/fapi/v1/order?${query}&signature=${signature}`, { method: "POST", headers });
  assert.equal(response.status, 200, await response.text());
}
