/** What repair told of what REST does not date, servers that lag do not take back in the repairs that follow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Exchange } from "../venue/exchange/exchange.ts";

const ID = "demo";
const BTC = "BTCUSDT";

type Change = (exchange: Exchange, now: TransactMs) => unknown;

const SETTINGS: readonly (readonly [name: string, change: Change])[] = [
  ["leverage", (exchange, now) => exchange.changeLeverage(ID, BTC, 7, now)],
  ["margin type", (exchange, now) => exchange.changeMarginType(ID, BTC, "ISOLATED", now)],
  ["Multi-Assets mode", (exchange, now) => exchange.changeMultiAssetsMode(ID, true, now)],
];

const AGAIN: readonly (readonly [when: string, again: (world: AccountAtVenue) => Promise<void>])[] = [
  ["repair after repair", (world) => world.unheard(() => {}, 500)],
  ["restart after restart", (world) => world.restart()],
];

/** Five more repairs, within the time that REST may lag, each of which may ask servers that lag. */
async function repairs(world: AccountAtVenue, change: Change, again: (world: AccountAtVenue) => Promise<void>) {
  await world.pass(120_000);
  const { length } = world.records;
  world.misbehave({ type: "rest-disagree", byMs: 50_000, forMs: 120_000 });
  await world.unheard(() => world.act(change));
  for (let turn = 0; turn < 5; turn++) {
    await again(world);
    await world.pass(4000);
  }
  await world.certain();
  return world.records.slice(length).flatMap((record) => (record.kind === "event" ? [record] : []));
}

for (const [when, again] of AGAIN) {
  for (const [name, change] of SETTINGS) {
    test(`a ${name} that repair told is not taken back by servers that lag, ${when}`, async () => {
      const world = new AccountAtVenue();
      await world.begin();
      const told = await repairs(world, change, again);
      assert.deepEqual(
        told.map(({ origin }) => origin),
        ["repair"],
      );
      await world.proveTrue();
    });
  }

  test(`the margin of a position that repair told is not taken back by servers that lag, ${when}`, async () => {
    const world = new AccountAtVenue({ seed: 2 });
    await world.begin();
    const buy = { symbol: BTC, type: "MARKET", quantity: "0.010", side: "BUY" };
    world.act((exchange, now) => exchange.changeMarginType(ID, BTC, "ISOLATED", now));
    world.act((exchange, now) => exchange.placeOrder(ID, buy, now));
    const more = { symbol: BTC, amount: "10", type: 1 };
    const told = await repairs(world, (exchange, now) => exchange.modifyPositionMargin(ID, more, now), again);
    const margins = told.flatMap(({ origin, event }) =>
      origin === "repair" && event.e === "ACCOUNT_UPDATE" ? event.a.P.map(({ iw }) => Number(iw).toFixed(0)) : [],
    );
    assert.deepEqual(margins, ["53"]);
    await world.proveTrue();
  });
}
