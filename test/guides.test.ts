/**
 * What the guides show is so: each program of theirs runs as it stands, against a paper venue and a hub of its own, and
 * prints what it should; each call is answered, and each command exists with its flags.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { readFaultWish } from "../src/venue/faults/fault-kinds.ts";
import { DEMO_ACCOUNT } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { startHubWorld } from "./hub-world.ts";

const run = promisify(execFile);
const SHOWN_AT = "127.0.0.1:9780";
/** How long a program may take to say what it has to say. */
const DEADLINE_MS = 40_000;

const ORDER = /^order \d{19}: BUY ETHUSDT FILLED, 0\.1 of 0\.1$/m;
/** What a program of ours prints beside one of another client. */
const HERE = [/^USDT 10000/m, ORDER];

/** Of each guide, the programs in their order: what each prints, in any order. */
const GUIDES: Readonly<Record<string, readonly (readonly RegExp[])[]>> = {
  "getting-started": [
    [
      /^followed: 10000\.?0* USDT, 0 positions, \w+$/m,
      /^order \d{19}: BUY ETHUSDT FILLED, 0\.1 of 0\.1$/m,
      /^changed: /m,
    ],
    [
      /^gap: closed 1006$/m,
      /^certificate over 1 gaps, recovered \{.*\}, holes 0$/m,
      /^status: synced$(?:.|\n)*^status: synced$/m,
    ],
    [/^1 status $/m, /^\d+ event ORDER_TRADE_UPDATE$/m, /^USDT 10000/m],
  ],
  "test-your-bot": [[/^# pass 2$|^ℹ pass 2$/m]],
  "migrate-from-ccxt": [[/^USDT 10000$/m, /^order \d{19}: buy ETH\/USDT:USDT closed, 0\.1 of 0\.1$/m], HERE],
  "migrate-from-binance": [[/^USDT 10000/m, /^order \d{19}: BUY ETHUSDT FILLED, 0\.1 of 0\.1$/m], HERE],
  "migrate-from-the-official-connector": [[/^USDT 10000/m, ORDER], HERE],
};

for (const [guide, prints] of Object.entries(GUIDES)) {
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

test("every call of the guides is answered", async (t) => {
  const calls = lines().filter((line) => line.startsWith("curl "));
  if (calls.length === 0) return;
  const { url, hub } = await world(t);
  await eventually("in sync", () => hub.isReady);
  await trade(url);
  for (const line of calls) {
    const [, x = "", address = "", , body] = /^curl -X (\w+) '?([^' ]+)'?( -d '(.*)')?$/.exec(line) ?? [];
    const request = { method: x, ...(body === undefined ? {} : { body }) };
    const response = await fetch(address.replace(`http://${SHOWN_AT}`, url), request);
    assert.equal(response.status, 200, `${line}\n${await response.text()}`);
  }
});

test("every listenkey line of the guides names a command, and flags that it has", async () => {
  const helps = new Map<string, string>();
  const commands = lines().filter((line) => /^npx listenkey /.test(line));
  assert.ok(commands.length > 3);
  for (const line of commands) {
    const words = line.split(/ +/).slice(2);
    const names = words.slice(0, words[0] === "fault" ? 2 : 1);
    const name = names.join(" ");
    const help = helps.get(name) ?? (await run(process.execPath, ["dist/cli/main.js", ...names, "--help"])).stdout;
    helps.set(name, help);
    assert.match(help, new RegExp(`^Usage: listenkey ${name} `), line);
    const flags = words.filter((word) => word.startsWith("--"));
    for (const flag of flags) assert.match(help, new RegExp(`^  ${flag}\\b`, "m"), line);
  }
});

test("every fault that a guide names in a table or a sentence can be started", () => {
  const faults = pages().flatMap((page) => [...page.matchAll(/`listenkey fault start ([^`]+)`/g)]);
  assert.ok(faults.length > 10);
  for (const [, words = ""] of faults) {
    const [, type = "", settings = "", forMs] = /^([\w-]+)((?: \w+=\S+)*)(?: --for (\d+))?$/.exec(words) ?? [];
    const given = [...settings.matchAll(/(\w+)=(\S+)/g)].map(([, name, text = ""]) => {
      return [name, /^-?\d+$|^(?:true|false)$/.test(text) ? JSON.parse(text) : text];
    });
    const lasts = forMs === undefined ? {} : { forMs: Number(forMs) };
    assert.doesNotThrow(() => readFaultWish({ type, ...lasts, ...Object.fromEntries(given) }), words);
  }
});

/** The lines of all shell snippets of the guides, comments left out. */
function lines(): string[] {
  const blocks = pages().flatMap((page) => [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block));
  return blocks.flatMap((block) => block.split("\n").map((line) => line.replace(/\s+#.*$|^#.*$/, "").trim()));
}

/** All guides, and the questions. */
function pages(): string[] {
  return [...Object.keys(GUIDES), "faq"].map((guide) => readFileSync(`docs/${guide}.md`, "utf8"));
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

async function world(t: TestContext): ReturnType<typeof startHubWorld> {
  const running = await startHubWorld();
  t.after(() => running.close());
  return running;
}

/** The demo account buys at the market. */
async function trade(url: string): Promise<void> {
  const order = { symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "0.1" };
  const query = new URLSearchParams({ ...order, timestamp: String(Date.now()) }).toString();
  const signature = createHmac("sha256", DEMO_ACCOUNT.apiSecret).update(query).digest("hex");
  const headers = { "X-MBX-APIKEY": DEMO_ACCOUNT.apiKey };
  const response = await fetch(`${url}/fapi/v1/order?${query}&signature=${signature}`, { method: "POST", headers });
  assert.equal(response.status, 200, await response.text());
}
