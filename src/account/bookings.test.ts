import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, bookingEvent, ms } from "../../test/account-news.ts";
import { fixed } from "../kernel/decimal.ts";
import { BOOKING_SLACK_MS, BOOKINGS_MAX, bookingName, bookingsOf, ToldBookings } from "./bookings.ts";

function booking(at: number, change: string, wallet?: string) {
  return { name: bookingName("USDT", change), at: ms(at), wallet: wallet === undefined ? undefined : fixed(wallet) };
}

test("a booking is what changed a wallet beside fills; trailing zeros say nothing", () => {
  assert.deepEqual(bookingsOf(bookingEvent(7, "-0.50", "9.50", "FUNDING_FEE")), [booking(7, "-0.5", "9.5")]);
  assert.deepEqual(bookingsOf(bookingEvent(7, "0", "10")), []);
  assert.deepEqual(bookingsOf(bookingEvent(7, "5", "10", "ORDER")), []);
  const B = [{ a: "USDT", bc: amount("5") }];
  assert.deepEqual(bookingsOf({ e: "ACCOUNT_UPDATE", T: ms(7), a: { m: "DEPOSIT", B, P: [] } }), [booking(7, "5")]);
});

for (const [rule, told, taken, is] of [
  ["nothing was told", [], [booking(1, "5")], false],
  ["nothing is looked for", [booking(1, "5")], [], false],
  ["it has the same wallet after it", [booking(1, "5", "15")], [booking(9, "5", "15")], true],
  ["it has another one: a twin", [booking(1, "5", "15")], [booking(1, "5", "20")], false],
  ["its wallet is not known, and it is near", [booking(1, "5")], [booking(9, "5", "20")], true],
  ["its wallet is not known, and it is far", [booking(1, "5")], [booking(2 + BOOKING_SLACK_MS, "5", "20")], false],
  ["each of several was told", [booking(1, "5"), booking(1, "6")], [booking(1, "5"), booking(1, "6")], true],
  ["one of several was", [booking(1, "5")], [booking(1, "5"), booking(1, "6")], false],
  ["one was told, and two are looked for", [booking(1, "5")], [booking(1, "5"), booking(2, "5")], false],
] as const) {
  test(`a copy? ${rule}: ${is ? "yes" : "no"}, and once`, () => {
    const memory = new ToldBookings();
    for (const one of told) memory.note(one);
    assert.equal(memory.take(taken), is);
    assert.equal(memory.take(taken), false);
  });
}

test("L12 the newest bookings are remembered, and it is said since when", () => {
  const memory = new ToldBookings();
  for (let at = 1; at <= BOOKINGS_MAX; at++) memory.note(booking(at, "5"));
  assert.deepEqual([memory.of("USDT", 0).length, memory.coversSince], [BOOKINGS_MAX, 0]);
  memory.note(booking(BOOKINGS_MAX + 1, "5"));
  assert.equal(memory.of("USDT", 0)[0]?.at, BOOKINGS_MAX / 10 + 1);
  assert.equal(memory.coversSince, BOOKINGS_MAX / 10 + BOOKING_SLACK_MS);
});
