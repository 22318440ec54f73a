/** What happens at the venue's real core while nobody hears it, and what is known of it afterwards; in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";
import { type Fixed, fixed, trimmed } from "../kernel/decimal.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Exchange } from "../venue/exchange/exchange.ts";

const ID = "demo";
const BTC = { symbol: "BTCUSDT", type: "MARKET", quantity: "0.010" };
const BUY = { ...BTC, side: "BUY" };
const SELL = { ...BTC, side: "SELL" };

test("a setting that was changed in each of several gaps is told each time, and known, with a date", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  for (const leverage of [10, 11, 10]) {
    await world.unheard(() => {
      world.act((exchange, now) => exchange.changeLeverage(ID, "BTCUSDT", leverage, now));
      world.act((exchange, now) => exchange.changeMultiAssetsMode(ID, leverage === 10, now));
    });
    await world.until(() => world.view.leverage.get("BTCUSDT")?.value === leverage);
    await world.certain();
    assert.deepEqual(world.lies(), []);
    assert.deepEqual(world.certificates.at(-1)?.recovered, { ACCOUNT_CONFIG_UPDATE: 2 });
  }
});

test("a certificate says how long it took since the gap, though the first picture was not certain yet", async () => {
  const world = new AccountAtVenue();
  world.start();
  await world.until(() => world.program.follower.health.sync === "confirming");
  await world.pass(50_000);
  world.network.cut(0);
  const since = world.clock.now();
  await world.certain();
  assert.equal(world.certificates.length, 1);
  assert.equal(Math.round(world.certificates[0]?.tookMs ?? 0), Math.round(world.clock.now() - since));
});

test("each setting is believed by itself: one that the line tells of lately does not hide another", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  await world.unheard(() => {
    world.act((exchange, now) => exchange.changeMarginType(ID, "BTCUSDT", "ISOLATED", now));
  });
  for (let step = 0; step < 5; step++) {
    world.act((exchange, now) => exchange.changeLeverage(ID, "BTCUSDT", 10 + step, now));
    await world.pass(14_000);
  }
  await world.proveTrue();
  assert.equal(world.certificates.at(-1)?.recovered.ACCOUNT_UPDATE, 1);
});

test("a position that was closed and opened again in a gap is told though only its price is another one", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  world.act((exchange, now) => exchange.placeOrder(ID, BUY, now));
  await world.pass(1000);
  await world.unheard(() => {
    world.act((exchange, now) => exchange.placeOrder(ID, SELL, now));
    world.act((exchange, now) => exchange.moveMarket("BTCUSDT", { price: "87000.0" }, now));
    world.act((exchange, now) => exchange.placeOrder(ID, BUY, now));
  });
  await world.proveTrue();
});

test("what changed just before the line opens is told as it stands, like everything else", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  await world.unheard(() => {});
  while (world.network.wireCount === 0) {
    world.transfer("BNB", "1");
    await world.pass(100);
  }
  await world.proveTrue();
});

test("of two changes of one millisecond the line brought one: the other is believed, and told", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  const [first] = world.exchange.depth("BTCUSDT", 1)?.asks ?? [];
  assert(first !== undefined);
  const quantity = trimmed((first.qty + fixed("0.010")) as Fixed);
  world.act((exchange, now) => exchange.placeOrder(ID, { ...BUY, quantity }, now));
  await world.until(() => (world.view.position("BTCUSDT")?.amount ?? "0") !== "0");
  world.network.cut(0);
  assert.notEqual(world.view.position("BTCUSDT")?.amount, quantity);
  await world.proveTrue();
});

test("a position that was opened and closed within a minute is flat by its fills, and nothing is deaf", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  world.act((exchange, now) => exchange.placeOrder(ID, BUY, now));
  await world.pass(1000);
  await world.unheard(() => world.act((exchange, now) => exchange.placeOrder(ID, SELL, now)));
  await world.until(() => world.program.follower.health.sync === "confirming");
  assert.deepEqual(world.view.held(), []);
  await world.proveTrue();
  assert.deepEqual(world.gaps, ["closed 1006"]);
});

test("an isolated wallet that changed in a gap is told, though REST dates the position by its last fill", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  const addMargin = () =>
    world.act((exchange, now) =>
      exchange.modifyPositionMargin(ID, { symbol: "BTCUSDT", positionSide: undefined, amount: "5", type: 1 }, now),
    );
  world.act((exchange, now) => exchange.changeMarginType(ID, "BTCUSDT", "ISOLATED", now));
  world.act((exchange, now) => exchange.placeOrder(ID, BUY, now));
  await world.pass(1000);
  addMargin();
  await world.pass(70_000);
  await world.unheard(() => {
    addMargin();
    world.act((exchange, now) => exchange.settleFunding("BTCUSDT", "0.001", now));
  });
  await world.proveTrue();
});

test("the position mode, of which no event tells, is known by the next audit", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  world.act((exchange, now) => exchange.changePositionMode(ID, true, now));
  await world.proveTrue();
  assert.equal(world.view.hedgeMode?.value, true);
  assert.deepEqual(world.gaps, []);
});

test("a stream that swallows nothing but a setting is deaf all the same", async () => {
  const changes: readonly ((exchange: Exchange, now: TransactMs) => unknown)[] = [
    (exchange: Exchange, now: TransactMs) => exchange.changeLeverage(ID, "BTCUSDT", 7, now),
    (exchange: Exchange, now: TransactMs) => exchange.changeMarginType(ID, "BTCUSDT", "ISOLATED", now),
    (exchange: Exchange, now: TransactMs) => exchange.changeMultiAssetsMode(ID, true, now),
  ];
  for (const change of changes) {
    const world = new AccountAtVenue();
    await world.begin();
    world.misbehave({ type: "silence", account: ID, forMs: 10_000 });
    world.act(change);
    await world.until(() => world.gaps.length === 1);
    assert.match(
      world.gaps[0] ?? "",
      /^deaf: REST knows of (?:a leverage of BTCUSDT|a margin type of BTCUSDT|the Multi)/,
    );
    await world.certain();
    assert.deepEqual(world.lies(), []);
  }
});
