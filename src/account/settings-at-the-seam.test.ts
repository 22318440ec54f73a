/** A setting that is changed while a repair asks: the line brings it, and REST knows it. It is told once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import type { Exchange } from "../venue/exchange/exchange.ts";

const ID = "demo";
const CHANGES: readonly (readonly [name: string, change: (exchange: Exchange, now: TransactMs) => unknown])[] = [
  ["leverage", (exchange, now) => exchange.changeLeverage(ID, "BTCUSDT", 7, now)],
  ["margin type", (exchange, now) => exchange.changeMarginType(ID, "BTCUSDT", "ISOLATED", now)],
  ["Multi-Assets mode", (exchange, now) => exchange.changeMultiAssetsMode(ID, true, now)],
];

for (const [name, change] of CHANGES) {
  test(`a ${name} that is set while the first round asks is told once, by the line`, async () => {
    const world = new AccountAtVenue();
    await world.begin();
    await world.pass(120_000);
    await world.unheard(() => {});
    while (world.network.wireCount === 0) await world.pass(5);
    world.act(change);
    await world.pass(2000);
    const told = world.records.flatMap((record) => (record.kind === "event" ? [record.origin] : []));
    assert.deepEqual(told, ["stream"]);
    await world.proveTrue();
  });
}

for (const [name, change] of CHANGES) {
  test(`a ${name} that is set just before the last round, and that the line brings late, is told once`, async () => {
    const world = new AccountAtVenue();
    await world.begin();
    await world.pass(120_000);
    await world.unheard(() => {});
    while (world.certificates.length < 2 && world.program.follower.health.sync !== "confirming") await world.pass(50);
    world.misbehave({ type: "delay", byMs: 30_000, forMs: 200_000 });
    await world.pass(55_000);
    world.act(change);
    await world.pass(60_000);
    const told = world.records.flatMap((record) => (record.kind === "event" ? [record.origin] : []));
    assert.deepEqual(told, ["repair"]);
    await world.proveTrue();
  });
}
