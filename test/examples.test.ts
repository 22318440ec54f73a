/** The programs in examples/ run as they stand, each against a venue of its own, and print what they promise. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { startPaperVenue } from "../src/venue/index.ts";

const run = promisify(execFile);

/** The slowest of them takes about two seconds. */
const DEADLINE_MS = 30_000;

/** `npm run example`. */
const SCRIPT = "scripts/example.mjs";

/** What each program prints, among other lines and in this order. */
const PROGRAMS: Readonly<Record<string, readonly RegExp[]>> = {
  "official-connector.mjs": [
    /^order first: NEW, 0 of 0\.01$/,
    /^balance: 99\d\d\.\d+ USDT, by ORDER$/,
    /^order first: FILLED, 0\.01 of 0\.01$/,
    /^margin call: BTCUSDT, mark price \d+/,
    /^cut, and connected again$/,
    /^order second has the id \d{19}, a bigint$/,
    /^order second: FILLED, 0\.1 of 0\.1$/,
  ],
  "ccxt.mjs": [
    /^order resting: open, 0 of 0\.01$/,
    /^order resting: canceled, 0 of 0\.01$/,
    /^order first: closed, 0\.01 of 0\.01$/,
    /^margin call: BTCUSDT, call 1$/,
    /^cut, and connected again$/,
    /^position as REST has it: 0\.01 BTC\/USDT:USDT$/,
  ],
  "account-stream.mjs": [
    /^status: live$/,
    /^order first: FILLED, 0\.01 of 0\.01$/,
    /^margin call: BTCUSDT, mark \d+/,
    /^gap: closed 1006$/,
    /^status: live$/,
    /^order second: FILLED, 0\.01 of 0\.01$/,
    /^status: stopped$/,
  ],
};

for (const [file, promised] of Object.entries(PROGRAMS)) {
  test(`examples/${file} trades, hears its fill and a margin call, is cut, and ends with 0`, async (t) => {
    const venue = await startPaperVenue({ port: 0 });
    t.after(() => venue.close());
    const stdout = await output([`examples/${file}`, venue.url], {});
    const lines = stdout.split("\n");
    let from = 0;
    for (const pattern of promised) {
      const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
      assert.notEqual(at, -1, `no line matches ${pattern} from line ${from + 1} on:\n${stdout}`);
      from = at + 1;
    }
  });
}

test("an example takes the address from LISTENKEY_URL as well", async (t) => {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  assert.match(await output(["examples/account-stream.mjs"], { LISTENKEY_URL: venue.url }), /FILLED/);
});

test("npm run example starts a paper exchange, runs the program beside it, and ends with its exit code", async () => {
  assert.match(await output([SCRIPT, "examples/account-stream.mjs"], {}), /^order second: FILLED, 0\.01 of 0\.01$/m);
  await assert.rejects(output([SCRIPT, "account-stream"], { LISTENKEY_URL: "nowhere" }), { code: 1 });
});

test("npm run example with no such name ends with 2 and says which there are", async () => {
  await assert.rejects(output([SCRIPT, "no-such"], {}), {
    code: 2,
    stdout: /^listenkey: which example\? account-stream, bot, ccxt, .*several-bots$/m,
  });
});

test("the test of the example's bot passes", async () => {
  assert.match(await output(["--test", "--test-reporter=tap", "examples/bot.test.mjs"], {}), /^# pass 3$/m);
});

test("examples/README.md names each file of the folder, and no other", () => {
  const page = readFileSync("examples/README.md", "utf8");
  const named = [...page.matchAll(/\]\(([\w.-]+)\)/g)].map(([, name]) => name).sort();
  assert.deepEqual(
    named,
    readdirSync("examples")
      .filter((name) => name !== "README.md")
      .sort(),
  );
});

/** What a Node program prints. @throws when it fails, or takes too long */
async function output(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  // A test runner below this one would think it is a part of it.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const options = { env: { ...inherited, ...env }, timeout: DEADLINE_MS };
  return (await run(process.execPath, args, options)).stdout;
}
