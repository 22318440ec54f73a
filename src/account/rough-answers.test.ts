/** One answer that cannot be read, and amounts finer than anything booked: neither ends the following of an account. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, bookingEvent, orderEvent } from "../../test/account-news.ts";
import { FakeReads } from "../../test/fake-reads.ts";
import { FakeClock } from "../../test/fake-world.ts";
import { FollowerWorld } from "../../test/follower-world.ts";
import { parseCommand } from "../../test/transcript.ts";
import { NetworkError, VenueRejected, WireFormatError } from "../kernel/errors.ts";
import { Asking } from "./asking.ts";
import { Told } from "./told-steps.ts";

test("one answer that cannot be read is asked for again, at the first sync as well", async () => {
  const world = new FollowerWorld();
  world.reads.refusals.set("balances", () => {
    world.reads.refusals.clear();
    return new WireFormatError("GET /fapi/v3/balance $", "JSON", "<html>");
  });
  const told: string[] = [];
  for (const line of ["live", "wait 100s"]) told.push(...(await world.answer(parseCommand(line))));
  assert(
    told.some((line) => / synced$/.test(line)),
    told.join("\n"),
  );
});

test("after a long outage one refusal without a code is asked against like any other", async () => {
  const clock = new FakeClock();
  const reads = new FakeReads(() => 5);
  const asking = new Asking({ reads, clock, random: { next: () => 0.5 }, backoffMs: 10, backoffMaxMs: 10, waits() {} });
  let asked = 0;
  reads.refusals.set("exchangeTime", () => {
    if (++asked <= 20) return new NetworkError("GET /fapi", "no answer", "not-sent");
    if (asked === 22) reads.refusals.clear();
    return new VenueRejected("GET /fapi", { status: 403, code: 0, msg: "forbidden" });
  });
  const answer = asking.ask((from) => from.exchangeTime());
  answer.catch(() => {});
  await clock.advance(1000);
  assert.equal(await answer, 5);
});

test("L4 what is finer than a hundred-millionth is told, and remembered as it is spelled", () => {
  const told = new Told();
  told.note(bookingEvent(5, "0.000000001", "1.123456789"));
  told.note(orderEvent(5, "NEW", { x: "AMENDMENT", p: amount("0.0000123456") }));
  assert(told.hasStep("O|BTCUSDT|5|AMENDMENT|0.0000123456|10"));
  assert.equal(told.bookings.of("USDT", 0).length, 1);
});
