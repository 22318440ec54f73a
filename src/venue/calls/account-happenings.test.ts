/** What happens to an account, over the wire: caused by native calls, heard on the stream, read back by REST. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPENED_AT, VenueClient } from "../../../test/venue-client.ts";

const HOUR_MS = 3_600_000;
const BUY = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.100" };

function native(client: VenueClient, path: string, body: object = {}) {
  const answer = client.venue.http(
    { method: "POST", path: `/v1/paper/${path}`, query: "", body: JSON.stringify(body), headers: {}, ip: "1.2.3.4" },
    client.now(),
  );
  return { status: answer.status, json: JSON.parse(answer.body) as Record<string, unknown> };
}

test("income lists each of 2 500 transfers, the first deposit among them: who was away asks for all", () => {
  const client = new VenueClient();
  for (let i = 0; i < 2_499; i++) native(client, "accounts/demo/transfer", { asset: "USDT", amount: "1" });
  const ids = [1, 2, 3].map((page) => {
    const rows = client.call("GET", "/fapi/v1/income", {
      incomeType: "TRANSFER",
      limit: "1000",
      page: String(page),
    }).json;
    return rows.map(({ tranId }) => tranId);
  });
  assert.deepEqual(
    ids.map(({ length }) => length),
    [1000, 1000, 500],
  );
  assert.equal(new Set(ids.flat()).size, 2_500);
});

test("funding is paid every eight hours at the rate that premiumIndex shows, and stands in income", () => {
  const client = new VenueClient({ funding: { rate: "0.001" } });
  client.call("POST", "/fapi/v1/order", BUY);
  const { lastFundingRate, nextFundingTime } = client.open("GET", "/fapi/v1/premiumIndex", { symbol: "BTCUSDT" }).json;
  assert.deepEqual([lastFundingRate, nextFundingTime], ["0.00100000", OPENED_AT + 8 * HOUR_MS]);
  native(client, "clock/advance", { ms: 16 * HOUR_MS });
  const rows = client.call("GET", "/fapi/v1/income", { incomeType: "FUNDING_FEE" }).json;
  assert.deepEqual(
    rows.map(({ symbol, asset, time }) => [symbol, asset, time]),
    [8, 16].map((hours) => ["BTCUSDT", "USDT", OPENED_AT + hours * HOUR_MS]),
  );
  for (const { income } of rows) assert.match(String(income), /^-8\.\d{8}$/);
  assert.equal(new Set(rows.map(({ tranId }) => tranId)).size, 2);
});

test("another interval of funding is kept, and shown by fundingInfo", () => {
  const client = new VenueClient({ funding: { intervalHours: 4 } });
  const [info] = client.open("GET", "/fapi/v1/fundingInfo").json;
  assert.equal(info?.fundingIntervalHours, 4);
  client.call("POST", "/fapi/v1/order", BUY);
  native(client, "clock/advance", { ms: 8 * HOUR_MS });
  const rows = client.call("GET", "/fapi/v1/income", { incomeType: "FUNDING_FEE" }).json;
  assert.deepEqual(
    rows.map(({ time }) => time),
    [4, 8].map((hours) => OPENED_AT + hours * HOUR_MS),
  );
});

test("POST /v1/paper/funding pays at once, at a rate of one's own", () => {
  const client = new VenueClient();
  client.call("POST", "/fapi/v1/order", BUY);
  assert.deepEqual(native(client, "funding/BTCUSDT", { rate: "-0.0005" }), {
    status: 200,
    json: { symbol: "BTCUSDT", rate: "-0.0005", positions: 1 },
  });
  assert.equal(native(client, "funding/BTCUSDT", { rate: "5" }).status, 400);
  assert.equal(native(client, "funding/XYZ").status, 404);
  const [row] = client.call("GET", "/fapi/v1/income", { incomeType: "FUNDING_FEE" }).json;
  assert.match(String(row?.income), /^4\.3/);
});

test("a liquidation on command is in forceOrders, and its fee in income", () => {
  const client = new VenueClient();
  client.call("POST", "/fapi/v1/order", BUY);
  assert.deepEqual(native(client, "accounts/demo/liquidation"), {
    status: 200,
    json: { account: "demo", positions: 1 },
  });
  const [order, ...others] = client.call("GET", "/fapi/v1/forceOrders", { autoCloseType: "LIQUIDATION" }).json;
  assert.deepEqual(others, []);
  assert.match(String(order?.clientOrderId), /^autoclose-\d{19}$/);
  assert.deepEqual([order?.status, order?.timeInForce, order?.side], ["FILLED", "IOC", "SELL"]);
  assert.deepEqual(client.call("GET", "/fapi/v1/forceOrders", { autoCloseType: "ADL" }).json, []);
  assert.equal(client.call("GET", "/fapi/v1/forceOrders", { autoCloseType: "WHIM" }).json.code, -1130);
  const [fee] = client.call("GET", "/fapi/v1/income", { incomeType: "INSURANCE_CLEAR" }).json;
  assert.match(String(fee?.income), /^-10\d\.\d{8}$/);
  assert.equal(native(client, "accounts/demo/liquidation").status, 400);
});

test("deleveraging and margin calls on command", () => {
  const client = new VenueClient();
  client.call("POST", "/fapi/v1/order", BUY);
  assert.equal(native(client, "accounts/demo/margin-call", { symbol: "BTCUSDT" }).status, 200);
  assert.equal(native(client, "accounts/demo/adl", { symbol: "BTCUSDT" }).status, 200);
  const [order] = client.call("GET", "/fapi/v1/forceOrders", { autoCloseType: "ADL" }).json;
  assert.equal(order?.clientOrderId, "adl_autoclose");
  assert.equal(native(client, "accounts/nobody/adl").status, 404);
});

test("hedge mode and isolated margin, as all reads show them", () => {
  const client = new VenueClient();
  const ask = (method: string, path: string, parameters: object = {}) => client.call(method, path, parameters).json;
  assert.equal(ask("POST", "/fapi/v1/positionSide/dual", { dualSidePosition: true }).code, 200);
  assert.equal(ask("POST", "/fapi/v1/marginType", { symbol: "BTCUSDT", marginType: "ISOLATED" }).code, 200);
  ask("POST", "/fapi/v1/order", { ...BUY, positionSide: "LONG" });
  ask("POST", "/fapi/v1/order", { ...BUY, side: "SELL", positionSide: "SHORT" });
  assert.deepEqual(
    ask("POST", "/fapi/v1/positionMargin", { symbol: "BTCUSDT", positionSide: "LONG", amount: "12.5", type: 1 }),
    {
      amount: 12.5,
      code: 200,
      msg: "Successfully modify position margin.",
      type: 1,
    },
  );
  const [moved] = ask("GET", "/fapi/v1/positionMargin/history", { symbol: "BTCUSDT" });
  assert.deepEqual([moved?.amount, moved?.type, moved?.positionSide], ["12.5", 1, "LONG"]);
  const risks = ask("GET", "/fapi/v3/positionRisk");
  assert.deepEqual(
    risks.map(({ positionSide, positionAmt }) => [positionSide, positionAmt]),
    [
      ["LONG", "0.100"],
      ["SHORT", "-0.100"],
    ],
  );
  const own = ask("GET", "/fapi/v2/positionRisk", { symbol: "BTCUSDT" });
  assert.deepEqual(
    own.map(({ marginType }) => marginType),
    ["isolated", "isolated"],
  );
  const [config, ...others] = ask("GET", "/fapi/v1/symbolConfig", { symbol: "BTCUSDT" });
  assert.deepEqual([config?.marginType, others], ["ISOLATED", []]);
  assert.equal(ask("GET", "/fapi/v1/accountConfig").dualSidePosition, true);
  assert.equal(ask("GET", "/fapi/v1/positionSide/dual").dualSidePosition, true);
  const [quantile] = ask("GET", "/fapi/v1/adlQuantile");
  assert.deepEqual(quantile?.adlQuantile, { LONG: 0, SHORT: 0, HEDGE: 0 });
  const [balance] = ask("GET", "/fapi/v3/balance");
  assert.ok(Number(balance?.crossWalletBalance) < Number(balance?.balance) - 800);
});
