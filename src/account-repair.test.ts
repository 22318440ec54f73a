/** An account over real sockets: what is missed is found, told and certified, and the mirror agrees with the venue. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../test/eventually.ts";
import { agree, begin, certain, command, lifeOf, pause } from "../test/paper-account.ts";
import { isEvent } from "./index.ts";

test("start resolves when the mirror is in sync: orders and positions from before are there", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { orderId } = await trader.place("BTCUSDT", {
    type: "LIMIT",
    quantity: "0.010",
    price: "20000.0",
    timeInForce: "GTC",
  });
  await trader.place("ETHUSDT", { quantity: "0.05" });
  const { stream, records } = open();
  await stream.start();
  assert.equal(records.at(-1)?.kind, "status");
  assert(stream.account.order("BTCUSDT", orderId) !== undefined);
  assert.equal(stream.account.position("ETHUSDT")?.source, "snapshot");
  agree(stream, venue);
  await certain(stream);
  assert.deepEqual(stream.health.counts.gaps, 0);
});

test("a gap: fills on a known and on a never-seen symbol are told, ids to the digit, and certified", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => stream.account.position("BTCUSDT") !== undefined);
  await certain(stream);
  await pause(100);
  venue.cutSockets();
  const missed = [
    await trader.place("BTCUSDT", { quantity: "0.003" }),
    await trader.place("ETHUSDT", { quantity: "0.05" }),
    await trader.place("ETHUSDT", { type: "LIMIT", quantity: "0.05", price: "1000.00", timeInForce: "GTC" }),
  ].map(({ orderId }) => orderId);
  await until(() => records.some(({ kind }) => kind === "repair" && records.some((one) => one.kind === "gap")));
  await certain(stream);
  const gap = records.find(({ kind }) => kind === "gap");
  const repair = records.findLast((record) => record.kind === "repair");
  assert(gap !== undefined && repair?.kind === "repair");
  assert.deepEqual([repair.gaps, repair.holes, repair.requests > 0], [[gap.seq], [], true]);
  const lives = missed.map((orderId) => lifeOf(records, orderId));
  assert.deepEqual(lives, [["NEW", "FILLED"], ["NEW", "FILLED"], ["NEW"]]);
  const fills = await trader.fills("ETHUSDT");
  const told = records.flatMap((record) => (isEvent(record, "ORDER_TRADE_UPDATE") ? [record.event.o] : []));
  for (const { id, orderId } of fills) {
    assert.equal(told.filter((o) => o.s === "ETHUSDT" && o.t === id && o.i === orderId).length, 1, `fill ${id}`);
  }
  assert.deepEqual(
    records.map(({ seq }) => seq),
    records.map((_record, i) => i + 1),
  );
  agree(stream, venue);
});

test("a repair over a REST side that lags says nothing wrong, and has everything in the end", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await trader.place("BTCUSDT", { quantity: "0.002" });
  await certain(stream);
  await pause(100);
  await command(venue, "faults", { type: "rest-lag", account: "demo", byMs: 200, forMs: 3000 });
  venue.cutSockets();
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.003" });
  await until(() => records.some((record) => record.kind === "repair" && record.gaps.length > 0));
  assert.deepEqual(lifeOf(records, orderId), ["NEW", "FILLED"]);
  await certain(stream);
  agree(stream, venue);
});

test("a stream that is silent while REST knows of trades is found, named, and repaired", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  await command(venue, "faults", { type: "silence", account: "demo", forMs: 1500 });
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => records.some((record) => record.kind === "gap" && record.why.startsWith("deaf")));
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});

test("a key that somebody else ended is found though nothing says so", async (t) => {
  const { venue, trader, open } = await begin(t);
  const { stream, records } = open();
  await stream.start();
  await certain(stream);
  await trader.endKey();
  await until(() => records.some(({ kind }) => kind === "gap"));
  const { orderId } = await trader.place("BTCUSDT", { quantity: "0.002" });
  await until(() => lifeOf(records, orderId).length === 2);
  await certain(stream);
  agree(stream, venue);
});
