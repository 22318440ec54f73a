import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { algoEvent, amount, id, ms, orderEvent } from "../../test/account-news.ts";
import type { EventMs } from "../kernel/scalars.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import { BOOKING_SLACK_MS, bookingName, bookingsOf, STEPS_MAX, stepOf, Told } from "./told-steps.ts";

function booked(at: number, bc: string, m: AccountUpdate["a"]["m"] = "DEPOSIT"): AccountUpdate {
  const B = [{ a: "USDT", wb: amount("1"), cw: amount("1"), bc: amount(bc) }];
  return { e: "ACCOUNT_UPDATE", T: ms(at), E: at as EventMs, a: { m, B, P: [] } };
}

function row(at: number, income: string) {
  return { name: bookingName("USDT", income), at: ms(at) };
}

test("a step is named by what happened to what, with trailing zeros left aside", () => {
  const fill = orderEvent(1, "FILLED", { t: id("9007199254740993") });
  for (const [event, step] of [
    [orderEvent(1, "NEW"), "O|BTCUSDT|5|NEW"],
    [fill, "F|BTCUSDT|9007199254740993"],
    [{ ...fill, o: { ...fill.o, x: "CALCULATED" } } as typeof fill, "F|BTCUSDT|9007199254740993"],
    [orderEvent(1, "NEW", { x: "AMENDMENT", p: amount("100.50"), q: amount("2.0") }), "O|BTCUSDT|5|AMENDMENT|100.5|2"],
    [algoEvent(1, "TRIGGERED"), "A|3000|TRIGGERED"],
    [booked(1, "5"), undefined],
  ] as const) {
    assert.equal(stepOf(event), step);
  }
});

test("a booking is what changed a wallet beside fills", () => {
  assert.deepEqual(bookingsOf(booked(7, "-0.50", "FUNDING_FEE")), [row(7, "-0.5")]);
  assert.deepEqual(bookingsOf(booked(7, "0")), []);
  assert.deepEqual(bookingsOf(booked(7, "5", "ORDER")), []);
});

for (const [name, told, rows, news] of [
  ["nothing was told", [], [row(0, "5")], [0]],
  ["one was told, with other zeros", [booked(3, "5.0")], [row(0, "5")], []],
  ["another amount was told", [booked(0, "5.1")], [row(0, "5")], [0]],
  ["it was told too long before", [booked(0, "5")], [row(BOOKING_SLACK_MS + 1, "5")], [BOOKING_SLACK_MS + 1]],
  ["two happened and one was told", [booked(9000, "5")], [row(0, "5"), row(10_000, "5")], [0]],
  ["two happened and two were told", [booked(1, "5"), booked(2, "5")], [row(0, "5"), row(3, "5")], []],
  ["it was told with others", [booked(1, "7"), booked(1, "5")], [row(0, "5"), row(0, "7"), row(0, "9")], [0]],
] as const) {
  test(`what was not told of bookings: ${name}`, () => {
    const memory = new Told();
    for (const event of told) memory.note(event);
    assert.deepEqual(
      memory.newAmong(rows).map(({ at }) => at as number),
      news,
    );
  });
}

test("each told booking stands for one row: as many are new as there are more rows than told ones", () => {
  const dates = fc.array(fc.integer({ min: 0, max: BOOKING_SLACK_MS }), { maxLength: 20 });
  fc.assert(
    fc.property(dates, dates, (told, rows) => {
      const memory = new Told();
      for (const at of told) memory.note(booked(at, "5"));
      const found = memory.newAmong(rows.map((at) => row(at, "5")));
      assert.equal(found.length, Math.max(0, rows.length - told.length));
    }),
  );
});

test("a booking that is taken stands for nothing any more", () => {
  const memory = new Told();
  memory.note(booked(0, "5"));
  assert.equal(memory.takeBookings([]), false);
  assert.equal(memory.takeBookings([row(1, "5"), row(1, "6")]), false);
  assert.equal(memory.takeBookings([row(1, "5")]), true);
  assert.equal(memory.takeBookings([row(1, "5")]), false);
});

test("L12 two generations are remembered, and it is said since when", () => {
  const memory = new Told();
  const note = (at: number) => memory.note(orderEvent(at, "NEW", { i: id(String(at)) }));
  for (let at = 1; at <= STEPS_MAX; at++) note(at);
  assert.deepEqual([memory.hasStep("O|BTCUSDT|1|NEW"), memory.coversSince], [true, 0]);
  for (let at = STEPS_MAX + 1; at <= 2 * STEPS_MAX; at++) note(at);
  assert.deepEqual([memory.hasStep("O|BTCUSDT|1|NEW"), memory.coversSince], [false, STEPS_MAX]);
  memory.turn(ms(STEPS_MAX));
  assert(memory.hasStep(`O|BTCUSDT|${2 * STEPS_MAX}|NEW`), "what may still be asked about is not forgotten");
});
