/** Two orders of one account trade with one another: one trade id, two fills. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountAtVenue } from "../../test/account-at-venue.ts";
import { FollowerWorld } from "../../test/follower-world.ts";
import { parseCommand } from "../../test/transcript.ts";

const ID = "demo";
const LIMIT = {
  symbol: "BTCUSDT",
  type: "LIMIT",
  timeInForce: "GTC",
  price: "86000.0",
  selfTradePreventionMode: "NONE",
};

test("what each of two own orders was filled to is told of each, though both fills have one id", async () => {
  const world = new AccountAtVenue();
  await world.begin();
  const place = (side: string, quantity: string) =>
    world.act((exchange, now) => exchange.placeOrder(ID, { ...LIMIT, side, quantity }, now));
  place("BUY", "0.030");
  place("SELL", "0.010");
  await world.pass(1000);
  await world.unheard(() => place("SELL", "0.010"));
  await world.certain();
  const filled = world.records.flatMap((record) => {
    if (record.kind !== "event" || record.origin !== "repair" || record.event.e !== "ORDER_TRADE_UPDATE") return [];
    const { S, x, X, z } = record.event.o;
    return x === "TRADE" ? [`${S} ${X} ${z}`] : [];
  });
  assert.deepEqual(filled.sort(), ["BUY PARTIALLY_FILLED 0.02", "SELL FILLED 0.01"]);
  await world.proveTrue();
});

test("the line ends between the two fills of one trade: the second is told by repair", async () => {
  const told = await toldBy(["told fill 5 17 qty=2", "gap closed 1006", "missed fill 6 17 qty=2"]);
  assert(told.some((line) => / repaired order 6 BTCUSDT TRADE .* fill 17 of 2, in all 2 /.test(line)));
});

for (const wait of ["1s", "5s", "100s"]) {
  test(`what is filled and never listed as a fill is a hole, ${wait} before the line is heard again, too`, async () => {
    const missed = ["gap closed 1006", "missed fill 6 17 qty=2", "loses 17", `wait ${wait}`];
    const told = await toldBy(missed);
    assert.match(
      told.findLast((line) => / repair of gaps/.test(line)) ?? "",
      /order BTCUSDT\/6 has fills that are not listed/,
    );
  });
}

/** Orders 5 and 6 rest; then this happens, and the line is heard again. */
async function toldBy(story: readonly string[]): Promise<string[]> {
  const world = new FollowerWorld();
  const told: string[] = [];
  const before = ["live", "wait 70s", "told order 5 NEW", "told order 6 NEW", "wait 1s"];
  for (const line of [...before, ...story, "wait 5s", "live", "wait 90s"]) {
    told.push(...(await world.answer(parseCommand(line))));
  }
  return told;
}
