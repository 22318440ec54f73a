import assert from "node:assert/strict";
import { test } from "node:test";
import { id, orderEvent, orderRow } from "../../test/account-news.ts";
import { FakeReads } from "../../test/fake-reads.ts";
import { FakeClock } from "../../test/fake-world.ts";
import { tradeRow } from "../../test/follower-world.ts";
import { InvariantViolation, NetworkError, VenueRejected } from "../kernel/errors.ts";
import { seededRandom } from "../kernel/random.ts";
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { Asking } from "./asking.ts";
import { Audit } from "./audit.ts";
import { FOLLOW_TIMING } from "./follow-timing.ts";
import { Mirror } from "./mirror.ts";
import { PromisedDates } from "./proof-time.ts";
import { STEPS_MAX, Told } from "./told-steps.ts";
import { copyUntold } from "./untold-facts.ts";

const { quietMaxMs, auditEveryMs, deafAfterMs, restLagMaxMs, askAgainMaxMs } = FOLLOW_TIMING;
const SECOND = 1000;
/** The exchange's time when the clock begins, and up to when all is proven then. */
const BEGINS_AT = 1_000_000;

test("REST is asked when it was quiet for so long, and not before; each time the key is doubted too", async () => {
  const world = begin();
  await world.clock.advance(quietMaxMs - 1);
  assert.deepEqual([world.rounds(), world.said], [0, []]);
  await world.clock.advance(1);
  assert.deepEqual([world.rounds(), world.said], [1, ["key doubted", "passed"]]);
  await world.clock.advance(quietMaxMs);
  assert.equal(world.rounds(), 2);
});

test("events put it off, but never beyond the time at which it is due in any case", async () => {
  const world = begin();
  for (let ms = 0; ms < auditEveryMs - SECOND; ms += SECOND) {
    world.audit.heard();
    await world.clock.advance(SECOND);
  }
  assert.equal(world.rounds(), 0);
  world.audit.heard();
  await world.clock.advance(SECOND);
  assert.equal(world.rounds(), 1);
});

test("L12 after more events than can be compared it is due at the next look, however much is told", async () => {
  const world = begin();
  await world.clock.advance(quietMaxMs - 1);
  for (let n = 0; n <= STEPS_MAX / 2; n++) world.audit.heard();
  await world.clock.advance(1);
  assert.equal(world.rounds(), 1);
});

test("what it finds nothing against is proven, up to as long ago as REST may lag, and never less", async () => {
  const world = begin();
  await world.clock.advance(quietMaxMs);
  assert.equal(world.audit.proven?.upTo, BEGINS_AT + quietMaxMs - restLagMaxMs);
  const early = begin({ upTo: BEGINS_AT + quietMaxMs, at: quietMaxMs });
  await early.clock.advance(quietMaxMs);
  assert.equal(early.audit.proven?.upTo, BEGINS_AT + quietMaxMs);
});

test("what REST knows and no event told, twice and for long enough, is proof that the stream is deaf", async () => {
  const world = begin();
  world.fill("7");
  await world.clock.advance(quietMaxMs);
  assert.deepEqual(world.said, ["key doubted"]);
  await world.clock.advance(deafAfterMs);
  const why = "REST knows of order 5 of BTCUSDT (PARTIALLY_FILLED), and no event came";
  assert.deepEqual(world.said, ["key doubted", `deaf: ${why}`]);
  assert.equal(world.audit.proven?.upTo, BEGINS_AT, "nothing more is proven");
  await world.clock.advance(2 * quietMaxMs);
  assert.equal(world.rounds(), 2, "it is for others to go on");
});

test("a stream that is deaf is found after the exchange's clock was put back, too", async () => {
  const world = begin({ upTo: BEGINS_AT + 2 * quietMaxMs });
  await world.clock.advance(quietMaxMs - 2 * deafAfterMs);
  world.fill("7");
  await world.clock.advance(3 * deafAfterMs);
  const why = "REST knows of order 5 of BTCUSDT (PARTIALLY_FILLED), and no event came";
  assert.deepEqual(world.said, ["key doubted", `deaf: ${why}`]);
});

test("L2 nothing is proven of a time that the exchange has not reached, once its clock was put back", async () => {
  const world = begin({ upTo: BEGINS_AT + 2 * quietMaxMs });
  world.fill("7");
  await world.clock.advance(quietMaxMs);
  assert.deepEqual(world.said, ["key doubted"]);
  assert.equal(world.audit.proven?.upTo, BEGINS_AT, "it shows it as soon as the exchange is asked for its time");
  const passed = begin({ upTo: BEGINS_AT + 2 * quietMaxMs });
  await passed.clock.advance(quietMaxMs);
  assert.equal(passed.audit.proven?.upTo, BEGINS_AT + quietMaxMs - restLagMaxMs);
});

test("what comes between the two looks was only late", async () => {
  const world = begin();
  const event = world.fill("7");
  await world.clock.advance(quietMaxMs);
  world.tell(event);
  await world.clock.advance(deafAfterMs);
  assert.deepEqual([world.rounds(), world.said], [2, ["key doubted"]]);
  await world.clock.advance(quietMaxMs);
  assert.deepEqual(world.said, ["key doubted", "key doubted", "passed"]);
});

test("what is younger than an event may be on its way is no sign of anything", async () => {
  const world = begin();
  await world.clock.advance(quietMaxMs - deafAfterMs + 1);
  world.fill("7");
  await world.clock.advance(deafAfterMs - 1);
  assert.deepEqual([world.rounds(), world.said], [1, ["key doubted", "passed"]]);
});

test("an audit with a part refused proves nothing, unless nobody is told that part", async () => {
  const refusal = () => new VenueRejected("GET /fapi", { status: 400, code: -1102, msg: "no" });
  const world = begin();
  world.reads.refusals.set("openAlgoOrders", refusal);
  await world.clock.advance(quietMaxMs);
  assert.deepEqual([world.audit.proven?.upTo, world.said], [BEGINS_AT, ["key doubted"]]);
  const known = begin({ holes: [`conditional orders: ${refusal().message}`] });
  known.reads.refusals.set("openAlgoOrders", refusal);
  await known.clock.advance(quietMaxMs);
  assert.deepEqual(known.said, ["key doubted", "passed"]);
});

test("an audit that is refused for good proves nothing, and the next one comes in its time", async () => {
  const world = begin();
  world.reads.refusals.set("balances", () => new VenueRejected("GET /fapi", { status: 401, code: -2015, msg: "no" }));
  await world.clock.advance(quietMaxMs);
  assert.deepEqual([world.audit.proven?.upTo, world.said], [BEGINS_AT, ["key doubted"]]);
  world.reads.refusals.clear();
  await world.clock.advance(quietMaxMs);
  assert.deepEqual(world.said, ["key doubted", "key doubted", "passed"]);
});

test("while REST is out of reach it goes on asking, and proves all in the end", async () => {
  const world = begin();
  world.reads.refusals.set("exchangeTime", () => new NetworkError("GET /fapi", "no answer", "not-sent"));
  await world.clock.advance(quietMaxMs + 10 * askAgainMaxMs);
  assert.deepEqual(world.said, ["key doubted"]);
  world.reads.refusals.clear();
  await world.clock.advance(askAgainMaxMs);
  assert.deepEqual(world.said, ["key doubted", "passed"]);
});

test("when it is stopped nothing is proven, and no alarm and no question is left, wherever it was", async () => {
  const moments: readonly [ms: number, isMissed: boolean][] = [
    [0, false],
    [quietMaxMs, false],
    [quietMaxMs + 1, true],
  ];
  for (const [ms, isMissed] of moments) {
    const world = begin();
    if (isMissed) world.fill("7");
    await world.clock.advance(ms);
    world.audit.stop();
    const rounds = world.rounds();
    assert.deepEqual([world.audit.proven, world.clock.alarms], [undefined, []]);
    await world.clock.advance(auditEveryMs);
    assert.deepEqual([world.rounds(), world.said.filter((one) => one.startsWith("deaf"))], [rounds, []]);
  }
});

test("a bug of ours is not taken for an audit that could not be made", async () => {
  const bugs: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => bugs.push(error));
  try {
    const world = begin();
    world.reads.refusals.set("balances", () => new InvariantViolation("a bug"));
    await world.clock.advance(quietMaxMs);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  assert.equal(bugs.length, 1);
  assert(bugs[0] instanceof InvariantViolation);
});

/** An account that is certain, with one open order, and its audit begun. */
function begin({ upTo = BEGINS_AT, at = 0, holes = [] as readonly string[] } = {}) {
  const clock = new FakeClock();
  const now = () => BEGINS_AT + clock.now();
  const reads = new FakeReads(now);
  const [mirror, told] = [new Mirror(), new Told()];
  const said: string[] = [];
  const audit = new Audit({
    clock,
    timing: FOLLOW_TIMING,
    mirror,
    told,
    untold: copyUntold(),
    dates: new PromisedDates(BEGINS_AT as TransactMs),
    makeAsking: () =>
      new Asking({ reads, clock, random: seededRandom(1), backoffMs: 1000, backoffMaxMs: askAgainMaxMs, waits() {} }),
    doubtKey: () => said.push("key doubted"),
    deaf: (why) => said.push(`deaf: ${why}`),
    passed: () => said.push("passed"),
  });
  const tell = (event: ReturnType<typeof orderEvent>) => {
    told.note(event);
    mirror.apply(event, "stream");
    audit.heard();
  };
  reads.tables.orders = [orderRow(BEGINS_AT - 5000, "NEW")];
  tell(orderEvent(BEGINS_AT - 5000, "NEW"));
  audit.start({ upTo: upTo as TransactMs, at: at as MonotonicMs, lastTradeIds: new Map(), holes });
  /** The order is filled at the exchange, and nobody hears of it but who tells the event that is returned. */
  const fill = (tradeId: string) => {
    const at = now();
    const [order] = reads.tables.orders;
    const row = orderRow(at, "PARTIALLY_FILLED", { executedQty: "1" as never });
    reads.tables.orders = [{ ...row, time: order?.time ?? row.time }];
    reads.tables.trades = [tradeRow(at, row.orderId, tradeId)];
    return orderEvent(at, "PARTIALLY_FILLED", { t: id(tradeId), l: "1" as never, z: "1" as never });
  };
  const rounds = () => reads.asked.filter((what) => what === "balances").length;
  return { clock, reads, audit, said, tell, fill, rounds };
}
