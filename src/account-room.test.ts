/** The room of the account through its public door, over real sockets: each sentence that it promises, by name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../test/eventually.ts";
import { agree, begin, certain, command, lifeOf, pause } from "../test/paper-account.ts";
import { lookUp } from "./account/vanished.ts";
import { type AccountChange, type AccountRecord, isEvent, type RepairRecord } from "./index.ts";
import { type Fixed, fixed, trimmed } from "./kernel/decimal.ts";
import { systemClock } from "./kernel/io/system-clock.ts";
import type { EventMs, Id64, TransactMs } from "./kernel/scalars.ts";
import type { Exchange } from "./venue/exchange/exchange.ts";

const RESTING = { type: "LIMIT", quantity: "0.010", price: "20000.0", timeInForce: "GTC" };
const SOURCES: readonly string[] = ["stream", "snapshot", "repair"];

test("every fact of the mirror has its exchange date and its source; undated settings have 0", async (t) => {
  const { venue, trader, open } = await begin(t);
  await trader.place("BTCUSDT", RESTING);
  await trader.place("ETHUSDT", { quantity: "0.05" });
  const { stream } = open();
  await stream.start();
  await trader.place("ETHUSDT", { quantity: "0.05", side: "SELL" });
  await until(() => stream.account.position("ETHUSDT")?.source === "stream");
  await certain(stream);
  const { account } = stream;
  const { balances, positions, openOrders, finishedOrders, leverage, marginType } = account;
  const dated = [balances, positions, openOrders, finishedOrders].flatMap((facts) => [...facts.values()]);
  const settings = [...leverage.values(), ...marginType.values(), account.hedgeMode, account.multiAssetsMode];
  assert(dated.length > 4 && settings.length > 4);
  const now = Date.now();
  for (const fact of dated) {
    assert(SOURCES.includes(fact.source), JSON.stringify(fact));
    assert(fact.at === 0 ? fact.source === "snapshot" : fact.at > now - 60_000, JSON.stringify(fact));
  }
  for (const fact of settings) assert(fact !== undefined && SOURCES.includes(fact.source) && fact.at >= 0);
  agree(stream, venue);
});

test("the changes alone, one upon the other, are what the mirror holds, through a repair too", async (t) => {
  const { venue, trader, open } = await begin(t);
  await trader.place("BTCUSDT", RESTING);
  const { stream, records } = open();
  const facts = new Map<string, AccountChange["after"]>();
  stream.on("change", (changes) => {
    for (const { kind, key, after } of changes) facts.set(`${kind} ${key}`, after);
  });
  await stream.start();
  const { orderId } = await trader.place("ETHUSDT", { quantity: "0.05" });
  await certain(stream);
  venue.cutSockets();
  await trader.place("BNBUSDT", { quantity: "0.05" });
  await trader.place("ETHUSDT", { quantity: "0.02", side: "SELL" });
  await until(() => certificates(records).length === 2);
  await certain(stream);
  const { account } = stream;
  const held = [...account.positions].map(([key, { amount }]) => [`position ${key}`, amount]);
  const wallets = [...account.balances].map(([key, { wallet }]) => [`balance ${key}`, wallet]);
  const orders = [...account.openOrders, ...account.finishedOrders].map(([key, { status }]) => [
    `order ${key}`,
    status,
  ]);
  assert(account.finishedOrders.has(`ETHUSDT/${orderId}`) && orders.length === 4);
  for (const [key = "", value] of [...held, ...wallets, ...orders]) {
    const fact = facts.get(key);
    assert(fact !== undefined, key);
    assert.equal(
      "amount" in fact ? fact.amount : "wallet" in fact ? fact.wallet : "status" in fact && fact.status,
      value,
    );
  }
});

test("pages exactly full: a thousand fills of one millisecond are told once, on a symbol seen or not", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { exchange } = venue.venue;
  exchange.createAccount({ id: "maker", balances: { USDT: "1000000" } }, present());
  const { stream, records } = open();
  await stream.start();
  await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => stream.account.position("BTCUSDT") !== undefined);
  await certain(stream);
  for (const isSeen of [false, true]) {
    assert.equal(stream.account.position("ETHUSDT") !== undefined, isSeen);
    await pause(60);
    const { length } = certificates(records);
    const told = records.length;
    venue.cutSockets();
    const fills = thousandFills(exchange);
    await until(() => certificates(records).length > length);
    const seen = records.slice(told).flatMap((record) => {
      return isEvent(record, "ORDER_TRADE_UPDATE") && record.event.o.x === "TRADE" ? [record.event.o.t] : [];
    });
    assert.deepEqual(new Set(seen), new Set(fills));
    assert.equal(seen.length, 1000);
    const last = certificates(records).at(-1);
    assert.deepEqual([last?.holes, last?.gaps.length], [[], 1]);
    await certain(stream);
    agree(stream, venue);
  }
});

test("orders of others, placed and cancelled on a symbol never seen, and many that vanished, are told", async (t) => {
  const { venue, trader, open } = await begin(t);
  const open8: Id64[] = [];
  for (let n = 0; n < 8; n++) open8.push((await trader.place("BTCUSDT", RESTING)).orderId);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  venue.cutSockets();
  for (const orderId of open8.slice(0, 7)) await trader.cancel("BTCUSDT", orderId);
  const other = await trader.place("BNBUSDT", { ...RESTING, price: "500.00" });
  await trader.cancel("BNBUSDT", other.orderId);
  await until(() => certificates(records).length === 2);
  assert.deepEqual(lifeOf(records, other.orderId), ["NEW", "CANCELED"]);
  assert.deepEqual(
    open8.map((orderId) => lifeOf(records, orderId)),
    open8.map((_id, n) => (n < 7 ? ["CANCELED"] : [])),
  );
  assert.deepEqual(certificates(records).at(-1)?.holes, []);
  agree(stream, venue);
});

test("what vanished is looked up at the venue: many in one page by id; an id it does not know is said", async (t) => {
  const { trader } = await begin(t);
  const orders: Id64[] = [];
  const waiting: Id64[] = [];
  for (let n = 0; n < 12; n++) {
    orders.push((await trader.place("BTCUSDT", RESTING)).orderId);
    waiting.push(
      (await trader.wait("BTCUSDT", { type: "STOP_MARKET", triggerPrice: "900000", quantity: "0.01" })).algoId,
    );
  }
  for (const id of orders.slice(0, 10)) await trader.cancel("BTCUSDT", id);
  for (const id of waiting.slice(0, 10)) await trader.unwait(id);
  const reads = trader.reads();
  const unknown = "9007199254740993" as Id64;
  const ended = await lookUp("BTCUSDT", [...orders, unknown].reverse(), {
    one: (symbol, id) => reads.order(symbol, id),
    page: (symbol, id) => reads.ordersFrom(symbol, id),
    idOf: (row) => row.orderId,
  });
  const settled = await lookUp("BTCUSDT", [...waiting, unknown].reverse(), {
    one: (_symbol, id) => reads.algoOrder(id),
    page: (symbol, id) => reads.algoOrdersFrom(symbol, id),
    idOf: (row) => row.algoId,
  });
  assert.deepEqual([ended.unknown, settled.unknown], [[unknown], [unknown]]);
  assert.deepEqual(
    ended.rows.map(({ orderId, status }) => `${orderId} ${status}`),
    orders.map((id, n) => `${id} ${n < 10 ? "CANCELED" : "NEW"}`),
  );
  assert.deepEqual(
    settled.rows.map(({ algoId, algoStatus }) => `${algoId} ${algoStatus}`),
    waiting.map((id, n) => `${id} ${n < 10 ? "CANCELED" : "NEW"}`),
  );
  assert.equal(reads.requestCount, 4);
});

test("a ban in either round of a repair is waited for, named in the health, and leaves no hole", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open({ timing: { restLagMaxMs: 2000 } });
  await stream.start();
  await certain(stream);
  const troubles = new Set<string>();
  const blocked: number[] = [];
  stream.on("health", ({ askingTrouble, budget, sync }) => {
    if (askingTrouble !== undefined) troubles.add(`${sync}: ${/418|over its weight/.exec(askingTrouble)?.[0]}`);
    blocked.push(budget.blockedForMs);
  });
  await command(venue, "faults", { type: "ban", account: "demo", status: 418, forMs: 1200 });
  venue.cutSockets();
  await until(() => blocked.some((ms) => ms > 0));
  await until(() => stream.health.sync === "confirming");
  await command(venue, "faults", { type: "ban", account: "demo", status: 418, forMs: 3000 });
  const banOverAt = performance.now() + 3000;
  await until(() => certificates(records).length === 2);
  assert.deepEqual(certificates(records).at(-1)?.holes, []);
  assert(
    [...troubles].some((one) => one.startsWith("asking: ")),
    [...troubles].join(),
  );
  // The trader is banned as well: the round may have been over before the ban.
  await until(() => performance.now() > banOverAt);
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});

test("a second gap during a repair: one certificate names both, and tells what either missed once", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  const orderIds: string[] = [];
  for (const round of [1, 2]) {
    await until(() => stream.health.live);
    if (round === 2) await until(() => stream.health.sync === "confirming");
    venue.cutSockets();
    orderIds.push((await trader.place("ETHUSDT", { quantity: "0.05" })).orderId);
    await until(() => gapWhys(records).length === round);
  }
  await until(() => certificates(records).length === 2);
  const gaps = records.filter(({ kind }) => kind === "gap").map(({ seq }) => seq);
  assert.deepEqual([gaps.length, certificates(records).at(-1)?.gaps], [2, gaps]);
  for (const orderId of orderIds) assert.deepEqual(lifeOf(records, orderId), ["NEW", "FILLED"]);
  await certain(stream);
  agree(stream, venue);
});

const FOREIGN: readonly (readonly [fault: string, why: RegExp])[] = [
  ["foreign-delete", /^key unknown \(-1125\): another program has probably ended it with DELETE$/],
  ["change-key", /^key changed elsewhere: another program has probably ended ours with DELETE$/],
];

for (const [fault, why] of FOREIGN) {
  test(`a key that others meddle with is found and named in the gap and in the health: ${fault}`, async (t) => {
    const { venue, trader, open } = await begin(t);
    const { stream, records } = open({ timing: { doubtRestMs: 100 } });
    await stream.start();
    await certain(stream);
    await command(venue, "faults", { type: fault, account: "demo" });
    const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
    await until(() => gapWhys(records).length > 0);
    assert.match(gapWhys(records)[0] ?? "", why);
    assert.match(stream.health.diagnosis?.why ?? "", why);
    await until(() => lifeOf(records, orderId).length === 2);
    await certain(stream);
    agree(stream, venue);
  });
}

test("a socket that is dead and a stream that is deaf have different names", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open({ timing: { probeAfterMs: 150, silenceMaxMs: 300 } });
  await stream.start();
  await certain(stream);
  await command(venue, "faults", { type: "half-open", account: "demo", forMs: 600 });
  await until(() => gapWhys(records).length === 1);
  await until(() => certificates(records).length === 2);
  await certain(stream);
  await command(venue, "faults", { type: "silence", account: "demo", forMs: 1500 });
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => gapWhys(records).length >= 2);
  const [first = "", second = ""] = gapWhys(records);
  assert.equal(first, "silent");
  assert.match(second, /^deaf: REST knows of .+, and no event came$/);
  await until(() => lifeOf(records, orderId).length === 2);
});

test("with hardly any weight left a key is got at once, and the repair waits; the health shows it", async (t) => {
  const untilTurn = 60_000 - (Date.now() % 60_000);
  if (untilTurn < 5000) await pause(untilTurn);
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  await trader.burn(2300);
  await command(venue, "faults", { type: "expire-key", account: "demo" });
  await until(() => stream.health.counts.grants === 2 && stream.health.live);
  await until(() => stream.health.askingTrouble !== undefined || stream.health.waiting > 0);
  const { budget, sync, key } = stream.health;
  assert(budget.used > budget.limit * 0.9 && budget.used < budget.limit, `${budget.used} of ${budget.limit}`);
  assert.equal(sync, "asking");
  assert(key !== undefined && key.validForMs > 0);
  assert.equal(records.at(-1)?.kind, "status");
});

test("the exchange's clock steps by ten seconds to and fro: no signed read fails of it, no gap opens", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  const troubles: string[] = [];
  stream.on("health", ({ askingTrouble }) => void (askingTrouble !== undefined && troubles.push(askingTrouble)));
  await stream.start();
  await certain(stream);
  for (const byMs of [10_000, -10_000]) {
    await command(venue, "faults", { type: "clock-skew", byMs, forMs: 2500 });
    await pause(2400);
    assert(Math.abs(stream.health.clock.offsetMs - byMs) < 1000, `${stream.health.clock.offsetMs}, not ${byMs}`);
    await pause(200);
  }
  assert.deepEqual(
    troubles.filter((one) => one.includes("-1021")),
    [],
  );
  assert.deepEqual(gapWhys(records), []);
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});

test("an owner that kept records and mirror takes over: seq goes on, and the time between is one gap", async (t) => {
  const { venue, trader, open } = await begin(t);
  const before = await trader.place("BTCUSDT", RESTING);
  const first = open();
  await first.stream.start();
  const told = await trader.place("ETHUSDT", { quantity: "0.05" });
  await until(() => lifeOf(first.records, told.orderId).length === 2);
  await certain(first.stream);
  await first.stream.stop();
  const { records } = first;
  await trader.cancel("BTCUSDT", before.orderId);
  const missed = await trader.place("BNBUSDT", { quantity: "0.05" });
  const from = certificates(records).at(-1)?.completeUpTo as number as EventMs;
  const events = records.flatMap((record) => (record.kind === "event" ? [record.event] : []));
  const seq = records.length;
  const promisedSince = certificates(records)[0]?.completeUpTo as TransactMs;
  const second = open({}, { ...first.stream.kept, seq, from, told: events, promisedSince });
  assert(second.stream.account.order("BTCUSDT", before.orderId) !== undefined, "it is what it was, before it starts");
  await second.stream.start();
  await until(() => certificates(second.records).length === 1);
  const [gap] = second.records;
  assert.deepEqual([gap?.kind, gap?.seq], ["gap", seq + 1]);
  assert.deepEqual(gapWhys(second.records), ["the program was not running"]);
  assert.deepEqual(lifeOf(second.records, before.orderId), ["CANCELED"]);
  assert.deepEqual(lifeOf(second.records, missed.orderId), ["NEW", "FILLED"]);
  assert.deepEqual(lifeOf(second.records, told.orderId), []);
  assert.deepEqual(certificates(second.records)[0]?.holes, []);
  agree(second.stream, venue);
});

function certificates(records: readonly AccountRecord[]): RepairRecord[] {
  return records.filter((record) => record.kind === "repair");
}

function gapWhys(records: readonly AccountRecord[]): string[] {
  return records.flatMap((record) => (record.kind === "gap" ? [record.why] : []));
}

function present(): TransactMs {
  return Math.floor(systemClock.wall()) as TransactMs;
}

/** Fills a thousand times in one millisecond, fifty times an order; the trade ids. Nobody else sells as cheaply. */
function thousandFills(exchange: Exchange): string[] {
  const now = (present() + 1) as TransactMs;
  const fromId = fillsAfter(exchange, "0", now).at(-1) ?? "0";
  const best = exchange.depth("ETHUSDT", 1)?.asks[0]?.price ?? 0n;
  const price = trimmed((best - fixed("0.01")) as Fixed);
  const resting = { symbol: "ETHUSDT", side: "SELL", type: "LIMIT", timeInForce: "GTX", price, quantity: "0.010" };
  const whole = { symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "0.500" };
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 50; n++) exchange.placeOrder("maker", resting, now);
    exchange.placeOrder("demo", whole, now);
  }
  const fills = fillsAfter(exchange, fromId, now);
  assert.equal(fills.length, 1000);
  assert.deepEqual(fillsAfter(exchange, fills.at(-1) ?? "", now), []);
  return fills;
}

function fillsAfter(exchange: Exchange, id: string, now: TransactMs): string[] {
  const query = { symbol: "ETHUSDT", fromId: String(BigInt(id) + 1n) as Id64, limit: 1000 };
  const rows = exchange.userTrades("demo", query, now);
  assert(!("outcome" in rows));
  return rows.map((row) => row.id);
}
