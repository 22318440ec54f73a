/** The native calls: what they do, and what each refusal says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, VenueClient } from "../../../test/venue-client.ts";
import { hmacSigner } from "../../rest/io/signers.ts";

const ACCOUNTS = "POST /v1/paper/accounts";
const TRANSFER = "POST /v1/paper/accounts/demo/transfer";
const MARKET = "POST /v1/paper/market/BTCUSDT";
const ADVANCE = "POST /v1/paper/clock/advance";

/** Route and body → status, message, and what the remedy names. */
const REFUSALS: readonly [route: string, body: string, status: number, message: string, remedy?: RegExp][] = [
  ["GET /v1/paper/accounts", "", 405, 'method: expected POST, found "GET"'],
  ["POST /v1/paper/nothing", "", 404, 'path: expected a path that exists, found "/v1/paper/nothing"', /clock\/advance/],
  ["GET /v1/", "", 404, 'path: expected a path that exists, found "/v1/"', /paper\/accounts/],
  [ACCOUNTS, "{", 400, 'body: expected JSON, found "{"'],
  [ACCOUNTS, "[]", 400, "body: expected an object, found an array of 0"],
  [ACCOUNTS, '{"name":5}', 400, "body.name: expected a string, found 5"],
  [ACCOUNTS, '{"balance":{}}', 400, 'body: expected only name, balances, publicKey, found "balance"'],
  [
    ACCOUNTS,
    '{"balances":[]}',
    400,
    'body.balances: expected amounts by asset, such as {"USDT":"10000"}, found an array of 0',
  ],
  [ACCOUNTS, '{"balances":{"USDT":5}}', 400, "body.balances.USDT: expected an amount in a string, found 5"],
  [ACCOUNTS, '{"balances":{"USDT":"-5"}}', 400, 'balances.USDT: expected a decimal, not negative, found "-5"'],
  [ACCOUNTS, '{"balances":{"usdt":"5"}}', 400, 'balances: expected names of assets, found "usdt"'],
  [ACCOUNTS, '{"name":""}', 400, 'account id: expected letters, digits, dots, dashes, at most 64, found ""'],
  [
    ACCOUNTS,
    '{"publicKey":"x"}',
    400,
    'body.publicKey: expected an RSA or Ed25519 public key in PEM, found "other text"',
    /PUBLIC KEY/,
  ],
  [
    "POST /v1/paper/accounts/nobody/keys",
    "{}",
    404,
    'account: expected an account that exists, found "nobody"',
    /accounts makes one/,
  ],
  ["POST /v1/paper/accounts/%7Ehouse/transfer", "{}", 404, 'account: expected an account that exists, found "~house"'],
  [TRANSFER, '{"asset":"USDT"}', 400, "body.amount: expected a string, found undefined"],
  [
    TRANSFER,
    '{"asset":"USDT","amount":"0"}',
    400,
    "the transfer of USDT was refused: Amount must be positive. (-4055)",
  ],
  [
    TRANSFER,
    '{"asset":"USDT","amount":"-10000.01"}',
    400,
    "the transfer of USDT was refused: Balance is insufficient. (-2018)",
  ],
  [ADVANCE, '{"ms":0}', 400, "body.ms: expected milliseconds from 1 to 2678400000, found 0", /several times/],
  [ADVANCE, '{"ms":1.5}', 400, "body.ms: expected an integer, found 1.5"],
  [
    "POST /v1/paper/market/XYZ",
    '{"price":"1"}',
    404,
    'symbol: expected a symbol that exists, found "XYZ"',
    /exchangeInfo/,
  ],
  [MARKET, "{}", 400, 'body: expected a price or a markPrice, found "neither"', /"price"/],
  [MARKET, '{"price":"86000.05"}', 400, "moving BTCUSDT was refused: Price not increased by tick size. (-4014)"],
  [MARKET, '{"price":"1"}', 400, "moving BTCUSDT was refused: Price less than min price. (-4013)"],
];

for (const [route, body, status, message, remedy] of REFUSALS) {
  test(`${route} ${body} is refused: ${message}`, () => {
    const [method = "", path = ""] = route.split(" ");
    const answer = new VenueClient().send(method, path, { body });
    const error = answer.json.error as { message: string; remedy?: string };
    assert.deepEqual([answer.status, error.message], [status, message]);
    if (remedy !== undefined) assert.match(error.remedy ?? "", remedy);
  });
}

test("a new account trades with its own key, and its name makes its id", () => {
  const client = new VenueClient();
  const made = client.native("/v1/paper/accounts", { name: "my bot", balances: { USDT: "250.5" } });
  assert.deepEqual(Object.keys(made), ["id", "apiKey", "apiSecret"]);
  assert.equal(made.id, "my-bot");
  assert.match(String(made.apiKey), /^[A-Za-z0-9]{64}$/);
  assert.match(String(made.apiSecret), /^[A-Za-z0-9]{64}$/);
  assert.equal(client.native("/v1/paper/accounts", { name: "my bot" }).id, "my-bot-2");
  assert.equal(client.native("/v1/paper/accounts", {}).id, "account");
  const caller = { apiKey: String(made.apiKey), signer: hmacSigner(String(made.apiSecret)) };
  const [usdt] = client.call("GET", "/fapi/v3/balance", {}, caller).json;
  assert.deepEqual([usdt?.accountAlias, usdt?.asset, usdt?.balance], ["my-bot", "USDT", "250.50000000"]);
});

test("a second key of an account sees the same account and the same listenKey", () => {
  const client = new VenueClient();
  const { apiKey } = client.native("/v1/paper/accounts/demo/keys", {});
  const key = (caller: { apiKey: string }) => client.open("POST", "/fapi/v1/listenKey", {}, caller).json.listenKey;
  assert.equal(key({ apiKey: String(apiKey) }), key({ apiKey: DEMO.apiKey }));
});

test("a transfer changes the wallet, is pushed, and stands in the income", () => {
  const client = new VenueClient();
  const key = client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: DEMO.apiKey }).json.listenKey;
  const session = client.socket(`/private/ws/${key}`);
  assert.deepEqual(client.native("/v1/paper/accounts/demo/transfer", { asset: "USDT", amount: "-12.5" }), {
    account: "demo",
    asset: "USDT",
    amount: "-12.5",
    walletBalance: "9987.5",
  });
  const [update = ""] = client.heard(session);
  const { a } = JSON.parse(update);
  assert.deepEqual([a.m, a.B], ["WITHDRAW", [{ a: "USDT", wb: "9987.5", cw: "9987.5", bc: "-12.5" }]]);
  const rows = client.call("GET", "/fapi/v1/income", { incomeType: "TRANSFER" }).json;
  assert.deepEqual(
    rows.map(({ income, symbol, tradeId }) => [income, symbol, tradeId]),
    [
      ["10000.00000000", "", ""],
      ["-12.50000000", "", ""],
    ],
  );
});

test("the market goes where it is told", () => {
  const client = new VenueClient();
  const moved = client.native("/v1/paper/market/BTCUSDT", { price: "90000.0" });
  assert.deepEqual(moved, { symbol: "BTCUSDT", price: "90000", markPrice: "90000", indexPrice: "90000" });
  assert.equal(client.native("/v1/paper/market/BTCUSDT", { markPrice: "89999.5" }).markPrice, "89999.5");
  assert.equal(client.open("GET", "/fapi/v1/premiumIndex", { symbol: "BTCUSDT" }).json.markPrice, "89999.50000000");
});
