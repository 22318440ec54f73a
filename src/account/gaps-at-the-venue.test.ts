/** What happens at the venue's real core while nobody hears it, and what is known of it afterwards; in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";

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
