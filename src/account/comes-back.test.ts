/** What comes back to a state that was told before is news, and no copy: amendments to and fro, an activated stop. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";

const ID = "demo";
const TERMS = { symbol: "BTCUSDT", side: "BUY", quantity: "0.010" };
const LOW = "80000";
const HIGH = "81000";

/** One order that rests at the lower price. */
async function withOrder() {
  const world = new AccountAtVenue();
  await world.begin();
  const limit = { ...TERMS, type: "LIMIT", timeInForce: "GTC", price: LOW };
  world.act((exchange, now) => exchange.placeOrder(ID, limit, now));
  await world.pass(1000);
  const order = () => [...world.view.openOrders.values()][0];
  const amend = (price: string) => {
    const orderId = order()?.orderId;
    world.act((exchange, now) => exchange.amendOrder(ID, { ...TERMS, orderId, price }, now));
  };
  return { world, amend, price: () => Number(order()?.price), orderId: order()?.orderId };
}

test("an order that was amended in a gap, then back, then to the same again shows the last of these", async () => {
  const { world, amend, price } = await withOrder();
  await world.unheard(() => amend(HIGH));
  await world.certain();
  for (const next of [LOW, HIGH]) {
    amend(next);
    await world.pass(1000);
    assert.equal(price(), Number(next));
  }
  await world.proveTrue();
  assert.deepEqual(world.gaps, ["closed 1006"]);
});

test("an order that repair told as amended is known whole, and kept whole", async () => {
  const { world, amend } = await withOrder();
  await world.unheard(() => amend(HIGH));
  await world.certain();
  assert.equal(Number([...world.view.openOrders.values()][0]?.averagePrice), 0);
  await world.restart();
  await world.proveTrue();
});

test("an amendment in a gap back to what was told before is told", async () => {
  const { world, amend, price } = await withOrder();
  for (const next of [HIGH, LOW]) {
    amend(next);
    await world.pass(1000);
  }
  await world.unheard(() => amend(HIGH));
  await world.certain();
  assert.equal(price(), Number(HIGH));
  assert.deepEqual(world.certificates.at(-1)?.recovered, { ORDER_TRADE_UPDATE: 1 });
  await world.proveTrue();
});

test("a trailing stop of which repair told is known to be activated soon after, and that is told", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  const terms = { ...TERMS, algoType: "CONDITIONAL", side: "SELL", type: "TRAILING_STOP_MARKET" };
  const stop = { ...terms, callbackRate: "5", activatePrice: "99000" };
  await world.unheard(() => world.act((exchange, now) => exchange.placeConditional(ID, stop, now)));
  await world.certain();
  world.act((exchange, now) => exchange.moveMarket("BTCUSDT", { price: "99500.0" }, now));
  await world.pass(2000);
  assert.equal([...world.view.conditionalOrders.values()][0]?.isActivated, true);
  assert.equal(world.program.follower.health.lateCopies, 0);
  await world.proveTrue();
});

test("an order that comes early, and is amended in the next gap, is told as amended", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  world.misbehave({ type: "rest-error", status: 503, code: -1000, forMs: 60_000 });
  await world.unheard(() => {});
  while (world.network.wireCount === 0) await world.pass(50);
  await world.pass(500);
  const limit = { ...TERMS, type: "LIMIT", timeInForce: "GTC", price: LOW };
  const placed = world.act((exchange, now) => exchange.placeOrder(ID, limit, now));
  const orderId = placed.outcome === "placed" ? placed.order.orderId : assert.fail("refused");
  await world.pass(20_000);
  assert.ok(world.records.some((record) => "early" in record));
  await world.unheard(() =>
    world.act((exchange, now) => exchange.amendOrder(ID, { ...TERMS, orderId, price: HIGH }, now)),
  );
  await world.certain();
  const told = world.records.flatMap((record) =>
    record.kind === "event" && record.origin === "repair" && record.event.e === "ORDER_TRADE_UPDATE"
      ? [record.event.o.x]
      : [],
  );
  assert.deepEqual(told, ["AMENDMENT"]);
  await world.proveTrue();
});

test("an amendment just before the line opens is told in time though a later end hides its date", async () => {
  const { world, amend, orderId } = await withOrder();
  await world.unheard(() => {});
  amend(HIGH);
  while (world.network.wireCount === 0) await world.pass(5);
  world.misbehave({ type: "silence", forMs: 120_000 });
  await world.pass(60_000);
  assert.equal(world.program.follower.health.sync, "confirming");
  world.act((exchange, now) => exchange.cancelOrder(ID, { symbol: "BTCUSDT", orderId }, now));
  await world.certain();
  assert.deepEqual(world.certificates.at(-1)?.recovered, { ORDER_TRADE_UPDATE: 1 });
  await world.until(() => world.gaps.length === 2);
  await world.proveTrue();
});

test("amendments that are on their way when the certificate is made come by the line, in their order", async () => {
  const { world, amend } = await withOrder();
  await world.unheard(() => {});
  await world.pass(50_000);
  assert.equal(world.program.follower.health.sync, "confirming");
  world.misbehave({ type: "delay", byMs: 14_000, forMs: 20_000 });
  const { length } = world.records;
  for (const price of [HIGH, "82000"]) {
    amend(price);
    await world.pass(500);
  }
  await world.certain();
  await world.pass(20_000);
  const told = world.records.slice(length).flatMap((record) => (record.kind === "event" ? [record] : []));
  assert.deepEqual(
    told.map((record) => [record.origin, record.origin === "stream" && /"p":"(\d+)/.exec(record.raw)?.[1]]),
    [
      ["stream", HIGH],
      ["stream", "82000"],
    ],
  );
  await world.proveTrue();
});
