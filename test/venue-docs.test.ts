/** What docs/venue.md shows is so: its snippets run as they stand, and its table is the venue's own. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { venueFlags } from "../src/cli/venue-flags.ts";
import { FAULT_KINDS, FAULT_TYPES } from "../src/venue/faults/fault-kinds.ts";
import { type RunningPaperVenue, startPaperVenue } from "../src/venue/index.ts";

const PAGE = readFileSync("docs/venue.md", "utf8");
const SHOWN_AT = "127.0.0.1:9780";
const run = promisify(execFile);

/** The lines of all shell snippets, comments left out. */
const COMMANDS = [...PAGE.matchAll(/```sh\n(.*?)```/gs)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$|^#.*$/, ""))
  .filter((line) => line !== "");

const PROGRAMS = [...PAGE.matchAll(/```js\n(.*?)```/gs)].map(([, code = ""]) => code);

/** How long a program may take to say what it has to say. */
const DEADLINE_MS = 30_000;

test("every curl line of the page is carried out, and there is one for each fault", async (t) => {
  const venue = await open(t);
  const started = new Set<unknown>();
  const lines = COMMANDS.filter((line) => line.startsWith("curl "));
  assert.ok(lines.length > FAULT_TYPES.length);
  for (const line of lines) {
    if (line.includes("/accounts/demo/")) await trade(venue);
    if (line.includes("/auto-exchange")) await signed(venue, "multiAssetsMargin", { multiAssetsMargin: "true" });
    const [status, body] = await curl(venue, line);
    assert.equal(status, 200, `${line}\n${JSON.stringify(body)}`);
    started.add(body.type);
  }
  assert.deepEqual(
    FAULT_TYPES.filter((type) => !started.has(type)),
    [],
  );
});

test("every listenkey line of the page runs", async (t) => {
  const venue = await open(t);
  const lines = COMMANDS.filter((line) => line.startsWith("npx listenkey fault "));
  assert.equal(lines.length, 3);
  const env = { ...process.env, LISTENKEY_URL: venue.url };
  const outputs: string[] = [];
  for (const line of lines) {
    const args = line.trim().split(/ +/).slice(2);
    outputs.push((await run(process.execPath, ["dist/cli/main.js", ...args], { env })).stdout);
  }
  const [started = "", listed, ended] = outputs;
  assert.match(started, /^f1 silence on demo until 20/);
  assert.deepEqual([listed, ended], [started, `ended ${started}`]);
});

test("every other line of the page starts a venue", async (t) => {
  const lines = COMMANDS.filter((line) => !/^curl |^npx listenkey fault /.test(line));
  assert.ok(lines.length > 2);
  const folder = "build/venue-docs/serve";
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/BTCUSDT-aggTrades-2026-09-01.csv`, `1,86000.1,0.010,1,1,1788220800000,true\n`);
  for (const line of lines) {
    assert.match(line, /^npx listenkey serve/);
    const args = [resolve("dist/cli/main.js"), ...line.trim().split(/ +/).slice(2)];
    await said(t, [...args, "--port", "0"], /listens on http:\/\/127\.0\.0\.1:\d+$/m, { cwd: folder });
  }
});

test("the page names each flag that sets up a venue", () => {
  assert.deepEqual(
    venueFlags().filter(({ long }) => !PAGE.includes(`| \`${long} `) && !PAGE.includes(`, \`${long} `)),
    [],
  );
});

/** What each program of the page prints, by what it begins with. */
const PRINTS: readonly [begins: string, prints: RegExp][] = [
  ["import { DerivativesTradingUsdsFutures } from", /^USDT 10000\.0+$/m],
  ['import ccxt from "ccxt";', /^USDT 10000$/m],
  ['import { USDMClient, WebsocketClient } from "binance";', /^USDT 10000\.0+$/m],
  ["import binanceApiNode from", /^USDT 10000\.0+$/m],
  ['import Binance from "node-binance-api";', /^USDT 10000\.0+$/m],
  ["import { UMFutures, UMStream } from", /^listening$/m],
  ['import { startPaperVenue } from "listenkey/venue";', /^http:\/\/127\.0\.0\.1:(\d+) ws:\/\/127\.0\.0\.1:\1$/m],
  ['import WebSocket from "ws";', /^\{"stream":"btcusdt@markPrice@1s","data":\{"e":"markPriceUpdate".*$/m],
];

for (const [begins, prints] of PRINTS) {
  test(`the page's program with ${begins} runs as it stands`, async (t) => {
    const [code, ...others] = PROGRAMS.filter((program) => program.startsWith(begins));
    assert.ok(code !== undefined && others.length === 0, "it is there, once");
    const { port } = await open(t);
    mkdirSync("build/venue-docs", { recursive: true });
    // Inside of the package, so that "listenkey/venue" is this package.
    const file = `build/venue-docs/program-${PRINTS.findIndex(([other]) => other === begins)}.mjs`;
    writeFileSync(file, code.replaceAll(SHOWN_AT, `127.0.0.1:${port}`));
    await said(t, [file], prints);
  });
}

test("each program of the page is among those that are run", () => {
  assert.deepEqual(
    PROGRAMS.filter((program) => !PRINTS.some(([begins]) => program.startsWith(begins))),
    [],
  );
});

test("the page's table of faults is the one that the venue checks by", () => {
  const rows = FAULT_TYPES.map((type) => {
    const { lasts, what, settings } = FAULT_KINDS[type];
    const shown = Object.entries(settings).map(([name, { absent }]) => `\`${name}\` ${JSON.stringify(absent)}`);
    return `| \`${type}\` | ${lasts.replace("-", " ")} | ${what} | ${shown.join(", ")} |`.replace("|  |", "| |");
  });
  const begin = PAGE.indexOf("| fault | lasts |");
  assert.equal(PAGE.slice(begin, PAGE.indexOf("\n\n", begin)).split("\n").slice(2).join("\n"), rows.join("\n"));
});

/** Runs Node until it prints what matches; then, or when the test is over, it is ended. @throws when it never does */
async function said(
  t: TestContext,
  args: readonly string[],
  prints: RegExp,
  where: { cwd?: string } = {},
): Promise<void> {
  const child = spawn(process.execPath, args, { ...where, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const output = await new Promise<string>((settle) => {
    let text = "";
    const hear = (chunk: Buffer) => {
      text += chunk;
      if (prints.test(text)) settle(text);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", () => settle(text));
    setTimeout(() => settle(text), DEADLINE_MS).unref();
  });
  child.kill("SIGKILL");
  assert.match(output, prints);
}

async function open(t: { after(end: () => Promise<void>): void }): Promise<RunningPaperVenue> {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  return venue;
}

/** What the page lets the reader's bot have done before, whatever the lines until then have left of its account. */
async function trade(venue: RunningPaperVenue): Promise<void> {
  await curl(venue, `curl -X POST http://${SHOWN_AT}/v1/paper/market/BTCUSDT -d '{"price": "86000"}'`);
  await curl(
    venue,
    `curl -X POST http://${SHOWN_AT}/v1/paper/accounts/demo/transfer -d '{"asset": "USDT", "amount": "10000"}'`,
  );
  await signed(venue, "order", { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.5" });
}

async function signed(venue: RunningPaperVenue, path: string, parameters: Record<string, string>): Promise<void> {
  const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
  const signature = createHmac("sha256", "paper-demo-secret").update(query).digest("hex");
  const url = `${venue.url}/fapi/v1/${path}?${query}&signature=${signature}`;
  const response = await fetch(url, { method: "POST", headers: { "X-MBX-APIKEY": "paper-demo-key" } });
  assert.equal(response.status, 200, `${path}: ${await response.text()}`);
}

/** Carries out `curl -X METHOD URL [-H 'NAME: VALUE'] [-d 'BODY']`, on the port of the venue. */
async function curl(venue: RunningPaperVenue, line: string): Promise<[number, Readonly<Record<string, unknown>>]> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const [name, x, method = "", url = "", ...options] = words;
  assert.deepEqual([name, x], ["curl", "-X"]);
  // What curl sends with -d when nothing else is said.
  const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
  let body: string | undefined;
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1] ?? "";
    if (options[i] === "-d") body = value;
    else headers[value.split(": ")[0] ?? ""] = value.split(": ")[1] ?? "";
  }
  const response = await fetch(url.replace(SHOWN_AT, `127.0.0.1:${venue.port}`), {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return [response.status, (await response.json()) as Readonly<Record<string, unknown>>];
}
