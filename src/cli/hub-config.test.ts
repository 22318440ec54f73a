/** What the file of a hub says of its bots, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_ACCOUNT } from "../venue/index.ts";
import { defaultConfig, parseConfig } from "./hub-config.ts";

const EXCHANGE = { environment: "demo", apiKey: { env: "KEY" }, apiSecret: { env: "SECRET" } };

const ENV = { KEY: "grid-0123456789abcdef", SECRET: "a-secret-of-the-bot", TOKEN: "reader-0123456789" };

function parse(wire: object) {
  return parseConfig("hub.json", JSON.stringify(wire), ENV, defaultConfig(DEMO_ACCOUNT));
}

test("a bot has an account and an API key, reads unless it may trade, and is sent away when it is slow", () => {
  const { bots } = parse({
    accounts: { demo: EXCHANGE },
    bots: {
      plain: { account: "demo", apiKey: { env: "KEY" } },
      full: {
        account: "demo",
        apiKey: { env: "KEY" },
        apiSecret: { env: "SECRET" },
        may: "trade",
        policy: "drop-oldest",
        queue: 10,
      },
    },
  });
  const plain = { name: "plain", account: "demo", apiKey: ENV.KEY, may: "read", credential: undefined };
  const credential = { keyType: "HMAC", secret: ENV.SECRET };
  assert.deepEqual(bots, [
    { ...plain, policy: "disconnect", queueEntries: 5_000 },
    { ...plain, name: "full", may: "trade", credential, policy: "drop-oldest", queueEntries: 10 },
  ]);
});

const WRONG: readonly [bot: object, message: RegExp][] = [
  [{ apiKey: { env: "KEY" } }, /^hub\.json bots\.x\.account: expected the name of an account, found undefined/],
  [{ account: "demo" }, /^hub\.json bots\.x\.apiKey: expected \{ "env": "NAME" \}/],
  [{ account: "demo", apiKey: "grid-0123456789abcdef" }, /^hub\.json bots\.x\.apiKey: .* found "something else"$/],
  [{ account: "far", apiKey: { env: "KEY" } }, /^hub\.json bots\.x\.account: expected one of demo, found "far"/],
  [{ account: "demo", apiKey: { env: "KEY" }, may: "administer" }, /bots\.x\.may: expected read or trade/],
  [{ account: "demo", apiKey: { env: "KEY" }, policy: "coalesce" }, /bots\.x\.policy: expected disconnect or drop/],
  [{ account: "demo", apiKey: { env: "KEY" }, sekret: 1 }, /^hub\.json bots\.x: expected only .*found "sekret"/],
];

for (const [bot, message] of WRONG) {
  test(`L9 a bot that is wrong is refused by field, without its secrets: ${message.source}`, () => {
    assert.throws(
      () => parse({ accounts: { demo: EXCHANGE }, bots: { x: bot } }),
      (error: Error) => message.test(error.message) && !error.message.includes(ENV.KEY),
    );
  });
}

test("bots have a port of their own beside an account on paper, and only there", () => {
  const bots = { x: { account: "demo", apiKey: { env: "KEY" } } };
  assert.throws(() => parse({ bots }), {
    message: /^hub\.json bots: expected botsPort as well, beside an account on paper, found "x"/,
    remedy: /answers \/fapi and \/ws itself/,
  });
  assert.equal(parse({ bots, botsPort: 0 }).bots.length, 1);
  assert.throws(() => parse({ accounts: { demo: EXCHANGE }, botsPort: 1 }), {
    message: /^hub\.json botsPort: expected none without an account on paper, found 1/,
  });
});

test("calls go on to another hub as one of its bots, when the account names its key", () => {
  const far = { hub: "https://far:9780", account: "main" };
  const calls = (account: object) => {
    const found = parse({ accounts: { x: { ...far, ...account } } }).accounts.get("x");
    return found?.on === "hub" ? found.calls : assert.fail("another hub");
  };
  assert.equal(calls({}), undefined);
  assert.deepEqual(calls({ apiKey: { env: "KEY" }, apiSecret: { env: "KEY" } }), {
    apiKey: ENV.KEY,
    apiSecret: ENV.KEY,
    environment: { rest: far.hub, stream: "wss://far:9780", wsApi: "wss://far:9780/ws-fapi/v1" },
  });
});

const URLS: readonly [account: object, message: RegExp][] = [
  [{ hub: "ws://far:9780" }, /^hub\.json accounts\.x\.hub: expected the URL of a hub, without a trailing slash, found/],
  [{ hub: "http://far:9780/" }, /^hub\.json accounts\.x\.hub: expected the URL of a hub/],
  [{ hub: "http://far:port" }, /^hub\.json accounts\.x\.hub: expected the URL of a hub/],
  [{ ...EXCHANGE, environment: { rest: "far", stream: "wss://far" } }, /^hub\.json accounts\.x\.environment\.rest: /],
  [{ ...EXCHANGE, timing: { noSuchWait: 1 } }, /^hub\.json accounts\.x\.timing/],
];

for (const [account, message] of URLS) {
  test(`an account that could never be followed is refused by field: ${message}`, () => {
    assert.throws(() => parse({ accounts: { x: account } }), { name: "UsageError", message });
  });
}
