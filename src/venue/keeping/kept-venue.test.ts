/** Stories of a venue whose process ends and is started again: what goes on, what happened meanwhile, what ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryLog } from "../../../test/memory-log.ts";
import { DEMO, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { StorageError } from "../../kernel/errors.ts";
import { hmacSigner } from "../../rest/io/signers.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BUY = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };

test("accounts, keys, history and the listenKey go on; faults have ended", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept() });
  const made = first.native("/v1/paper/accounts", { name: "bot", balances: { USDT: "5000" } });
  const bot = { apiKey: String(made.apiKey), signer: hmacSigner(String(made.apiSecret)) };
  const key = first.open("POST", "/fapi/v1/listenKey", {}, bot).json.listenKey;
  first.call("POST", "/fapi/v1/order", BUY, bot);
  first.native("/v1/paper/accounts/bot/transfer", { asset: "USDT", amount: "-12.5" });
  first.native("/v1/paper/faults", { type: "silence" });
  first.wait(1500);
  const reads = ["userTrades", "allOrders", "income"].map(
    (name) => [`/fapi/v1/${name}`, { symbol: "BTCUSDT" }] as const,
  );
  const before = [...reads, ["/fapi/v3/account", {}] as const].map(([path, query]) =>
    first.call("GET", path, query, bot),
  );

  const second = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(memory) }, 1500);
  const after = [...reads, ["/fapi/v3/account", {}] as const].map(([path, query]) =>
    second.call("GET", path, query, bot),
  );
  assert.deepEqual(
    after.map(({ text }) => text),
    before.map(({ text }) => text),
  );
  assert.equal(second.open("GET", "/fapi/v1/income", {}, DEMO).status, 400, "who does not sign is still refused");
  const session = second.socket(`/private/ws/${key}`);
  second.call("POST", "/fapi/v1/order", BUY, bot);
  assert.deepEqual(second.eventsHeard(session).at(-1), "ORDER_TRADE_UPDATE FILLED");
  assert.deepEqual(JSON.parse(second.send("GET", "/v1/paper/faults").text), { faults: [] });
  assert.equal(second.open("POST", "/fapi/v1/listenKey", {}, bot).json.listenKey, key);
  const [one, two] = second.call("GET", "/fapi/v1/userTrades", { symbol: "BTCUSDT" }, bot).json;
  assert(BigInt(String(one?.id)) < BigInt(String(two?.id)));
});

test("what fell due while the process was away has happened, at its time, before anything is answered", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept() });
  first.open("POST", "/fapi/v1/listenKey", {}, DEMO);
  const goodTillDate = OPENED_AT + 20 * MINUTE;
  const resting = { ...BUY, type: "LIMIT", timeInForce: "GTD", price: "50000", goodTillDate };
  const { orderId } = first.call("POST", "/fapi/v1/order", resting).json;
  first.call("POST", "/fapi/v1/order", BUY);

  const second = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(memory) }, 9 * HOUR);
  const order = second.call("GET", "/fapi/v1/order", { symbol: "BTCUSDT", orderId }).json;
  assert.deepEqual([order.status, order.updateTime], ["EXPIRED", goodTillDate]);
  const income = second.call("GET", "/fapi/v1/income", { incomeType: "FUNDING_FEE" }).json;
  assert.deepEqual(
    income.map(({ time }) => time),
    [OPENED_AT + 8 * HOUR],
  );
  assert.equal(second.open("PUT", "/fapi/v1/listenKey", {}, DEMO).json.code, -1125, "time went on for the key, too");
});

test("what happened while the process was away happens the same way at each later start", () => {
  const memory = new MemoryLog(OPENED_AT);
  new VenueClient({ kept: memory.kept(), marketMaker: {} }).call("POST", "/fapi/v1/order", BUY);
  const second = new MemoryLog(OPENED_AT);
  const away = new VenueClient({ kept: second.kept(memory), marketMaker: {} }, 5 * HOUR);
  const price = away.open("GET", "/fapi/v1/ticker/24hr", { symbol: "BTCUSDT" }).text;
  second.entries.unshift(...memory.entries);
  const third = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(second), marketMaker: {} }, 5 * HOUR);
  assert.equal(third.open("GET", "/fapi/v1/ticker/24hr", { symbol: "BTCUSDT" }).text, price);
});

test("how much is carried out again is told as a share that grows, up to the whole", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept(), marketMaker: {} });
  first.wait(MINUTE);
  first.call("POST", "/fapi/v1/order", BUY);
  const shares: number[] = [];
  new VenueClient({
    kept: new MemoryLog(OPENED_AT).kept(memory),
    marketMaker: {},
    onReplay: (one) => shares.push(one),
  });
  assert.ok(shares.length > 10);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.ok((shares[0] ?? 1) < 0.1 && (shares.at(-1) ?? 0) > 0.9 && (shares.at(-1) ?? 2) <= 1);
});

test("a jump of the clock lasts: venue time stays ahead after a restart", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept() });
  first.native("/v1/paper/clock/advance", { ms: 3 * HOUR });
  const second = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(memory) }, 5000);
  assert.equal(second.open("GET", "/fapi/v1/time").json.serverTime, OPENED_AT + 3 * HOUR + 5000);
});

test("a process that dies right after a delisting was announced for soon starts again", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept(), marketMaker: "none" });
  first.native("/v1/paper/delist/ETHUSDT", { inMs: 20 * MINUTE });
  assert.equal(first.venue.nextDeadline(first.now())?.inMs, 1000, "nothing is left to be done at the time of the call");
  first.native("/v1/paper/delist/BTCUSDT", { inMs: 20 * MINUTE });
  const second = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(memory), marketMaker: "none" });
  for (const client of [first, second]) client.wait(20 * MINUTE);
  const [after, before] = [second, first].map((client) => client.open("GET", "/fapi/v1/premiumIndex").text);
  assert.equal(after, before);
});

test("a wall clock that was set back lets venue time stand still until it has caught up", () => {
  const memory = new MemoryLog(OPENED_AT);
  const first = new VenueClient({ kept: memory.kept() }, HOUR);
  first.call("POST", "/fapi/v1/order", BUY);
  const second = new VenueClient({ kept: new MemoryLog(OPENED_AT).kept(memory) }, MINUTE);
  assert.equal(second.open("GET", "/fapi/v1/time").json.serverTime, OPENED_AT + HOUR);
});

test("when an input cannot be made safe, it is not answered: the venue throws, and tells nobody", () => {
  const memory = new MemoryLog(OPENED_AT);
  const pushed: string[] = [];
  const client = new VenueClient({ kept: memory.kept(), onPush: (_account, json) => void pushed.push(json) });
  memory.failure = new StorageError("venue.db", "disk full", "failed");
  assert.throws(() => client.call("POST", "/fapi/v1/order", BUY), StorageError);
  assert.deepEqual(pushed, []);
});
