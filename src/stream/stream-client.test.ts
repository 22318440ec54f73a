import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeDialer, FakeKeys, type FakeSocket, KeptLog, settled } from "../../test/fake-world.ts";
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected } from "../kernel/errors.ts";
import type { Random } from "../kernel/ports.ts";
import { seededRandom } from "../kernel/random.ts";
import type { ListenKey } from "../kernel/scalars.ts";
import { NOVELTIES_MAX } from "../protocol/novelties.ts";
import type { Redundancy } from "./phases.ts";
import { KEY_CHANGED, KEY_UNKNOWN } from "./recovery.ts";
import { StreamClient } from "./stream-client.ts";
import { TIMING } from "./timing.ts";
import type { StreamTold } from "./told.ts";

const K1 = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1" as ListenKey;
const K2 = "WsCMN0a4KHUPTQuX6IUnqEZfB1inxmv1qR4kbf1LuEjur5VdbzqvyxqG9TSjVVxv" as ListenKey;

const NOTICE = `{"e":"serverShutdown","E":1}`;

const SECOND = 1000;
const MINUTE = 60 * SECOND;

test("every effect is carried out: a key is got and renewed; lines are dialled, probed, replaced", async () => {
  const world = await World.live();
  assert.deepEqual(world.keys.asked, ["acquire"]);
  assert.equal(world.socket.url, `wss://fake/private/ws/${K1}`);
  assert.deepEqual(world.told(), ["live"]);

  await world.clock.advance(20 * SECOND);
  assert.equal(world.socket.pings, 1);
  world.socket.pong();

  await world.quietly(30 * MINUTE);
  assert.deepEqual(world.keys.asked, ["acquire", "renew"]);

  await world.quietly(23 * 60 * MINUTE);
  const [old, heir] = world.dialer.sockets;
  assert.equal(world.dialer.sockets.length, 2);
  assert.equal(heir?.url, old?.url);
  assert.deepEqual(old?.hungUp, { code: 1000, reason: "rotated" });
  assert.deepEqual(world.told(), ["live"]);

  await world.client.stop(true);
  assert.deepEqual(heir?.hungUp, { code: 1000, reason: "stopped" });
  assert.equal(world.keys.asked.at(-1), "release");
  assert.deepEqual(world.told(), ["live", "stopped"]);
});

test("L5 stopping never ends the shared key unless that is asked for", async () => {
  for (const release of [false, true]) {
    const world = await World.live();
    await world.client.stop(release);
    assert.equal(world.keys.asked.includes("release"), release);
  }
});

test("stop leaves no alarm and no socket, from every phase, and is idempotent", async () => {
  const phases: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
    idle: async () => {},
    acquiring: async (world) => {
      world.keys.acquireAnswer = () => Promise.resolve(K1);
      world.client.start();
    },
    pausing: async (world) => {
      world.keys.acquireAnswer = () => new NetworkError("POST", "no route", "not-sent");
      world.client.start();
      await settled();
    },
    dialing: async (world) => {
      world.client.start();
      await settled();
    },
    following: async (world) => {
      world.client.start();
      await settled();
      world.socket.open();
    },
    rotating: async (world) => {
      world.client.start();
      await settled();
      world.socket.open().say(NOTICE);
      await world.clock.advance(0);
      world.socket.open();
    },
  };
  for (const [phase, reach] of Object.entries(phases)) {
    const world = new World();
    await reach(world);
    await Promise.all([world.client.stop(false), world.client.stop(false)]);
    await world.client.stop(false);
    assert.equal(world.dialer.aliveCount, 0, phase);
    assert.deepEqual(world.clock.alarms, [], phase);
    assert.equal(world.told().at(-1), "stopped", phase);
    assert.equal(world.told().filter((one) => one === "stopped").length, 1, phase);
    world.client.start();
    await world.clock.advance(MINUTE);
    assert.equal(world.client.health.phase, "stopped", phase);
    assert.equal(world.told().at(-1), "stopped", phase);
  }
});

test("stop resolves only when the sockets are closed", async () => {
  const world = await World.live();
  const { socket } = world;
  let isStopped = false;
  socket.close = () => {};
  const stopping = world.client.stop(false).then(() => {
    isStopped = true;
  });
  await settled();
  assert.equal(isStopped, false);
  socket.cut(1000);
  await stopping;
  assert.equal(isStopped, true);
});

test("a reader that stops the stream in the middle of a batch is told the rest of it, and `stopped` last", async () => {
  const world = await World.live();
  const [old, heir] = await world.rotate({ isOldAlive: false });
  world.onRecord = (record) => {
    if (record.kind === "event") void world.client.stop(false);
  };
  heir.say(fill(1));
  heir.say(fill(2));
  heir.say(fill(3));
  assert.deepEqual(world.told(), ["live"]);
  old.cut();
  await settled();
  const told = ["live", "gap closed 1006", "live", "fill 1", "fill 2", "fill 3", "stopped"];
  assert.deepEqual(world.told(), told);
  assert.equal(world.dialer.aliveCount, 0);
});

test("stop resolves only when the key is released, when that was asked for, even out of a listener", async () => {
  const world = await World.live();
  let answer: (nothing: undefined) => void = () => {};
  world.keys.releaseAnswer = () => new Promise((resolve) => (answer = resolve));
  let isStopped = false;
  world.onRecord = (record) => {
    if (record.kind === "gap") void world.client.stop(true).then(() => (isStopped = true));
  };
  world.socket.cut();
  await settled();
  assert.deepEqual([world.keys.asked, isStopped], [["acquire", "release"], false]);
  answer(undefined);
  await settled();
  assert.equal(isStopped, true);
});

test("a release that is refused is said, and holds nothing up", async () => {
  const world = await World.live();
  world.keys.releaseAnswer = () => refused(400, -1125, "This listenKey does not exist.");
  await world.client.stop(true);
  assert.deepEqual(world.log.lines, [
    `warn: the listenKey was not released {"key":"pqia…","why":"PUT /fapi/v1/listenKey was refused: ` +
      `This listenKey does not exist. (-1125)"}`,
  ]);
});

test("a socket that was hung up says nothing more to us, readable or not", async () => {
  const world = await World.live();
  const { socket } = world;
  socket.say(`{"e":"listenKeyExpired","E":5,"listenKey":"${K1}"}`);
  const told = ["live", "listenKeyExpired", "gap key expired"];
  for (const late of [fill(1), "{"]) socket.say(late);
  await world.clock.advance(TIMING.backoffMs);
  for (const late of [fill(2), "{"]) socket.say(late);
  assert.deepEqual(world.told(), told);
  world.socket.cut();
  for (const late of [fill(3), "{"]) world.dialer.last.say(late);
  assert.deepEqual(world.told(), told);
});

test("a reader that stops the stream when it hears of a gap is told nothing after `stopped`", async () => {
  for (const cause of ["cut", "garbage"]) {
    const world = await World.live();
    let stopping: Promise<void> | undefined;
    world.onRecord = (record) => {
      if (record.kind === "gap") stopping = world.client.stop(true);
    };
    if (cause === "cut") world.socket.cut();
    else world.socket.say("{");
    await stopping;
    assert.equal(world.told().at(-1), "stopped");
    assert.equal(world.told().filter((one) => one === "stopped").length, 1);
    assert.equal(world.keys.inFlight, 0);
    assert.deepEqual(world.clock.alarms, []);
  }
});

test("L5 every trigger leads into one recovery: one gap, one new key, one new socket, live again", async () => {
  const triggers: Readonly<Record<string, (world: World) => unknown>> = {
    "closed 1006": ({ socket }) => socket.cut(),
    "closed 1001 bye": ({ socket }) => socket.cut(1001, "bye"),
    "key expired": ({ socket }) => socket.say(`{"e":"listenKeyExpired","E":7,"listenKey":"${K1}"}`),
    [KEY_UNKNOWN]: (world) => {
      world.keys.renewAnswer = () => refused(400, -1125, "This listenKey does not exist.");
      return world.quietly(30 * MINUTE);
    },
    [KEY_CHANGED]: (world) => {
      world.keys.renewAnswer = () => K2;
      return world.quietly(30 * MINUTE);
    },
    "key lapsed": (world) => {
      world.keys.renewAnswer = () => new NetworkError("PUT", "no route", "unknown");
      return world.quietly(60 * MINUTE);
    },
    silent: (world) => world.clock.advance(40 * SECOND),
  };
  for (const [why, trigger] of Object.entries(triggers)) {
    const world = await World.live();
    world.keys.acquireAnswer = () => K2;
    const old = world.socket;
    await trigger(world);
    const told = () => world.told().filter((one) => one !== "listenKeyExpired");
    assert.deepEqual(told(), ["live", `gap ${why}`], why);
    await world.clock.advance(TIMING.backoffMs);
    world.socket.open();
    assert.deepEqual(told(), ["live", `gap ${why}`, "live"], why);
    assert.equal(old.isGone, true, why);
    assert.equal(world.socket.url, `wss://fake/private/ws/${K2}`, why);
    assert.deepEqual([world.grants, world.dialer.aliveCount], [2, 1], why);
    await world.client.stop(false);
  }
});

test("L5 an expiry told twice, with a string E or without the key, leads to exactly one recovery", async () => {
  const frames = [
    `{"e":"listenKeyExpired","E":1736996475556,"listenKey":"${K1}"}`,
    `{"e":"listenKeyExpired","E":"1736996475556","listenKey":"${K1}"}`,
    `{"e":"listenKeyExpired","E":"1736996475556"}`,
    `{"stream":"${K1}","data":{"e":"listenKeyExpired","E":1736996475556,"listenKey":"${K1}"}}`,
  ];
  for (const frame of frames) {
    const world = await World.live();
    world.keys.acquireAnswer = () => K2;
    const old = world.socket;
    old.say(frame);
    old.say(frame);
    await world.clock.advance(TIMING.backoffMs);
    old.say(frame);
    world.socket.open();
    assert.deepEqual(world.told(), ["live", "listenKeyExpired", "gap key expired", "live"]);
    assert.equal(world.records.flatMap((one) => (one.kind === "gap" ? [one.from] : []))[0], 1736996475556);
    assert.deepEqual([world.grants, world.dialer.sockets.length], [2, 2]);
  }
});

test("L5 an expiry told on both lines of a rotation leads to exactly one recovery, and is told once", async () => {
  const world = await World.live();
  const [old, heir] = await world.rotate();
  const frame = `{"e":"listenKeyExpired","E":5,"listenKey":"${K1}"}`;
  heir.say(frame);
  old.say(frame);
  await settled();
  assert.deepEqual(world.told(), ["live", "listenKeyExpired", "gap key expired"]);
  await world.clock.advance(TIMING.backoffMs);
  assert.deepEqual([old.isGone, heir.isGone, world.grants, world.dialer.aliveCount], [true, true, 2, 1]);
});

test("a doubt finds out at once that another program ended or changed the key, and the health says so", async () => {
  const findings: readonly (readonly [answer: () => ListenKey | Error, why: string])[] = [
    [() => refused(400, -1125, "This listenKey does not exist."), KEY_UNKNOWN],
    [() => K2, KEY_CHANGED],
  ];
  for (const [answer, why] of findings) {
    const world = await World.live();
    await world.quietly(MINUTE);
    world.keys.acquireAnswer = () => K2;
    world.keys.renewAnswer = answer;
    for (let n = 0; n < 100; n++) world.client.doubtKey();
    await settled();
    assert.deepEqual(world.keys.asked, ["acquire", "renew"]);
    assert.deepEqual(world.told(), ["live", `gap ${why}`]);
    await world.clock.advance(TIMING.backoffMs);
    world.socket.open();
    assert.equal(world.socket.url, `wss://fake/private/ws/${K2}`);
    assert.deepEqual(world.client.health.diagnosis, { why, agoMs: TIMING.backoffMs });
  }
});

test("L6 a doubt about a good key costs one renewal every doubtRestMs at the most, and tells nothing", async () => {
  const world = await World.live();
  for (let n = 0; n < 100; n++) {
    world.client.doubtKey();
    await world.clock.advance(100);
  }
  assert.deepEqual(world.keys.asked, ["acquire", "renew", "renew"]);
  assert.deepEqual(world.told(), ["live"]);
  assert.equal(world.client.health.diagnosis, undefined);
});

test("a stream declared deaf is a gap, a new socket, and a finding about the key: replaced, or good", async () => {
  const findings = [
    [K2, KEY_CHANGED],
    [K1, "the key is good: the socket, or its subscription, was deaf"],
  ] as const;
  for (const [granted, why] of findings) {
    const world = await World.live();
    world.keys.acquireAnswer = () => granted;
    const old = world.socket;
    world.client.declareDeaf("fill 7 is in REST only");
    world.client.declareDeaf("fill 8 is in REST only");
    assert.equal(world.client.health.diagnosis?.why, "deaf: fill 7 is in REST only");
    await world.clock.advance(TIMING.backoffMs);
    world.socket.open();
    assert.deepEqual([old.isGone, world.socket.url], [true, `wss://fake/private/ws/${granted}`]);
    assert.deepEqual(world.told(), ["live", "gap deaf: fill 7 is in REST only", "live"]);
    assert.equal(world.client.health.diagnosis?.why, why);
    await world.client.stop(false);
    world.client.declareDeaf("too late");
    world.client.doubtKey();
    assert.equal(world.told().at(-1), "stopped");
  }
});

test("an expiry of a key that is not ours changes nothing", async () => {
  const world = await World.live();
  world.socket.say(`{"e":"listenKeyExpired","E":5,"listenKey":"${K2}"}`);
  await world.clock.advance(SECOND);
  assert.deepEqual(world.told(), ["live", "listenKeyExpired"]);
  assert.equal(world.grants, 1);
});

test("L1 L2 a rotation in which events arrive on both sockets tells each once, in order, with no gap", async () => {
  const world = await World.live();
  const expected: string[] = ["live"];
  let sent = 0;
  const both = (...lines: FakeSocket[]) => {
    sent++;
    for (const line of lines) line.say(fill(sent));
    expected.push(`fill ${sent}`);
  };
  both(world.socket);
  both(world.socket);
  const [old, heir] = await world.rotate();
  both(old, heir);
  both(heir, old);
  // One is ahead of the other by some frames, then the other.
  for (const n of [sent + 1, sent + 2, sent + 3]) heir.say(fill(n));
  for (const n of [sent + 1, sent + 2, sent + 3]) old.say(fill(n));
  for (const n of [sent + 4, sent + 5]) old.say(fill(n));
  heir.say(fill(sent + 4));
  expected.push(...[1, 2, 3, 4, 5].map((n) => `fill ${sent + n}`));
  sent += 5;
  await world.clock.advance(TIMING.overlapMs);
  assert.equal(old.isGone, true);
  heir.say(fill(sent)); // The copy of what only the old one had delivered so far.
  both(heir);
  assert.deepEqual(world.told(), expected);
  assert.equal(world.client.health.counts.copies, 7);
  assert.equal(world.client.health.counts.gaps, 0);
});

test("L1 what only the new socket has delivered when the old one is hung up is told then, in order", async () => {
  const world = await World.live();
  const [old, heir] = await world.rotate();
  await world.clock.advance(TIMING.overlapMs - 1);
  old.say(fill(1));
  heir.say(fill(1));
  heir.say(fill(2));
  await world.clock.advance(1);
  assert.equal(old.isGone, true);
  heir.say(fill(3));
  assert.deepEqual(world.told(), ["live", "fill 1", "fill 2", "fill 3"]);
});

test("L2 what a new socket brings waits for one that lags, which is then given up: a gap, said first", async () => {
  const world = await World.live();
  world.socket.say(fill(1));
  const [old, heir] = await world.rotate({ isOldAlive: false });
  await world.clock.advance(1);
  old.pong();
  heir.say(fill(3));
  heir.say(fill(4));
  await world.clock.advance(TIMING.holdMaxMs - 1);
  assert.deepEqual(world.told(), ["live", "fill 1"]);
  await world.clock.advance(1);
  assert.deepEqual(world.told(), ["live", "fill 1", "gap late", "live", "fill 3", "fill 4"]);
  assert.deepEqual([old.hungUp?.reason, heir.isGone], ["late", false]);
  old.say(fill(2));
  heir.say(fill(5));
  assert.deepEqual(world.told().slice(6), ["fill 5"]);
});

test("L1 what a new socket brings waits for an answer of the old one no longer than that takes", async () => {
  const world = await World.live();
  const [old, heir] = await world.rotate({ isOldAlive: false });
  heir.say(fill(2));
  assert.deepEqual(world.told(), ["live"]);
  old.say(fill(1));
  old.answer();
  assert.deepEqual(world.told(), ["live", "fill 1", "fill 2"]);
  old.say(fill(2));
  heir.say(fill(3));
  old.say(fill(3));
  assert.deepEqual(world.told(), ["live", "fill 1", "fill 2", "fill 3"]);
});

test("L2 an answer, or an event on both, proves that nothing fell between; a sign of life does not", async () => {
  const proofs: Readonly<Record<string, (old: FakeSocket, heir: FakeSocket) => void>> = {
    "an answer": (old) => old.answer(),
    "a refusal": (old) => old.say(`{"error":{"code":2,"msg":"Invalid request: no"},"id":2}`),
    "a common event": (old, heir) => [old, heir].forEach((one) => void one.say(fill(2))),
    "a pong": (old) => old.pong(),
    "an event of the old one alone": (old) => old.say(fill(2)),
    "a notice to each connection": (old, heir) => [old, heir].forEach((one) => void one.say(NOTICE)),
    "an answer to nothing that was asked": (old) => old.say(`{"result":[],"id":3}`),
    "an answer of the new one": (_, heir) => heir.say(`{"result":[],"id":2}`),
  };
  const gaps: string[] = [];
  for (const [name, prove] of Object.entries(proofs)) {
    const world = await World.live();
    world.socket.say(fill(1));
    const [old, heir] = await world.rotate({ isOldAlive: false });
    assert.deepEqual(old.sent, [`{"method":"LIST_SUBSCRIPTIONS","id":2}`]);
    await world.clock.advance(3 * SECOND);
    prove(old, heir);
    old.cut(1001, "Server is shutting down");
    if (world.told().includes("gap closed 1001 Server is shutting down")) gaps.push(name);
  }
  assert.deepEqual(gaps, Object.keys(proofs).slice(3));
});

test("L2 a rotation away from a socket that was dead already says so", async () => {
  const world = await World.live();
  world.socket.say(fill(1));
  const [old, heir] = await world.rotate({ isOldAlive: false });
  assert.equal(old.pings, 1);
  heir.say(fill(9));
  await world.clock.advance(TIMING.overlapMs);
  assert.deepEqual(world.told(), ["live", "fill 1", "gap silent", "live", "fill 9"]);
  // The announcement of the shutdown was the last thing that it delivered.
  assert.equal(world.records.flatMap((one) => (one.kind === "gap" ? [one.from] : []))[0], 1);
});

test("two sockets: the first copy of each event is told, one may die without a gap, and is dialled again", async () => {
  const world = await World.live(2);
  const one = world.socket;
  await world.clock.advance(TIMING.apartMs);
  const other = world.socket.open();
  assert.notEqual(one, other);
  for (const socket of [one, other]) socket.say(fill(1));
  other.say(fill(2));
  one.say(fill(2));
  one.say(fill(3));
  assert.deepEqual(world.told(), ["live", "fill 1", "fill 2", "fill 3"]);
  other.say(fill(3));
  other.say(fill(4));
  one.pong();
  one.cut();
  other.say(fill(5));
  await world.clock.advance(TIMING.backoffMs);
  const third = world.socket.open();
  other.say(fill(6));
  third.say(fill(6));
  third.say(fill(7));
  other.say(fill(7));
  assert.deepEqual(world.told(), ["live", ...[1, 2, 3, 4, 5, 6, 7].map((n) => `fill ${n}`)]);
  assert.deepEqual(world.keys.asked, ["acquire"]);
  assert.deepEqual([world.client.health.lines.length, world.client.health.counts.copies], [2, 5]);
  await world.client.stop(false);
  assert.equal(world.dialer.aliveCount, 0);
});

test("L2 when both sockets turn out to be dead, the gap begins where the last one fell silent", async () => {
  const world = await World.live(2);
  await world.clock.advance(TIMING.apartMs);
  const [mute] = world.dialer.sockets;
  const other = world.socket.open();
  mute?.say(fill(1));
  other.say(fill(1));
  other.say(fill(2));
  other.cut();
  await world.clock.advance(TIMING.backoffMs);
  const third = world.socket.open();
  third.say(fill(9));
  await world.clock.advance(TIMING.holdMaxMs);
  assert.deepEqual(world.told(), ["live", "fill 1", "fill 2", "gap silent", "live", "fill 9"]);
  assert.equal(mute?.isGone, true);
  assert.equal(world.records.flatMap((one) => (one.kind === "gap" ? [one.from] : []))[0], 1001);
});

test("a sign of life asked for is taken to heart, however soon after another one it comes", async () => {
  const world = await World.live();
  world.socket.say(fill(1));
  const [old, heir] = await world.rotate({ isOldAlive: false });
  assert.equal(old.pings, 1);
  await world.clock.advance(100);
  old.answer();
  await world.clock.advance(TIMING.overlapMs);
  assert.equal(heir.isGone, false);
  assert.deepEqual(world.told(), ["live", "fill 1"]);
});

test("L2 an unreadable frame is a gap that ends at once, and the stream goes on", async () => {
  const world = await World.live();
  const frames = ["", "{", "null", "[]", `{"e":7}`, `{"e":"TRADE_LITE","E":1,"T":1}`, `{"hello":"world"}`, "\u0000"];
  for (const [i, frame] of frames.entries()) {
    world.socket.say(fill(i));
    world.socket.say(frame);
    const [gap, live] = world.records.slice(-2);
    assert(gap?.kind === "gap" && live?.kind === "status", frame);
    assert.match(gap.why, /^unreadable frame: \$.*: expected .*, found /);
    assert.equal(gap.from, 1000 + i);
    assert.equal(live.status, "live");
  }
  world.socket.say(fill(99));
  assert.equal(world.told().at(-1), "fill 99");
  assert.equal(world.client.health.counts.unreadable, frames.length);
  assert.equal(world.client.health.counts.gaps, frames.length);
  assert.equal(world.dialer.sockets.length, 1);
});

test("replies and errors to control frames are no events and no gaps", async () => {
  const world = await World.live();
  world.socket.say(`{"result":null,"id":1}`);
  world.socket.say(`{"error":{"code":2,"msg":"Invalid request: too many parameters"},"id":2}`);
  assert.deepEqual(world.told(), ["live"]);
  assert.deepEqual(world.log.lines, [
    `warn: the stream answered an error {"code":2,"why":"Invalid request: too many parameters"}`,
  ]);
});

test("L10 unknown events, fields and values pass through with every digit, and are said once", async () => {
  const world = await World.live();
  for (let n = 1; n <= 3; n++) {
    world.socket.say(`{"e":"BRAND_NEW","E":${n},"id":8389765612825190229}`);
    world.socket.say(fill(n).replace(`"m":false`, `"m":false,"zz":${n}`).replace("BUY", "SWAP"));
  }
  const events = world.records.flatMap((record) => (record.kind === "event" ? [record] : []));
  assert.equal(events.length, 6);
  const [brandNew, swap] = events.map(({ event }) => event as Readonly<Record<string, unknown>>);
  assert.deepEqual(brandNew, { e: "BRAND_NEW", E: 1, id: "8389765612825190229" });
  assert.equal(events[0]?.raw, `{"e":"BRAND_NEW","E":1,"id":8389765612825190229}`);
  assert.deepEqual([swap?.zz, swap?.S], [1, "SWAP"]);
  assert.deepEqual(world.client.health.novelties, [
    { what: "event", where: "$", found: "BRAND_NEW" },
    { what: "value", where: "TRADE_LITE.S", found: "SWAP" },
    { what: "field", where: "TRADE_LITE", found: "zz" },
  ]);
  assert.equal(world.log.lines.filter((line) => line.includes("something new")).length, 3);
});

test("L12 an exchange that says something new with every frame is heard, and not listed without end", async () => {
  const world = await World.live();
  for (let n = 0; n < 3 * NOVELTIES_MAX; n++) world.socket.say(`{"e":"NEW_${n}","E":${n}}`);
  assert.equal(world.client.health.novelties.length, NOVELTIES_MAX);
  assert.equal(world.client.health.counts.events, 3 * NOVELTIES_MAX);
  assert.equal(world.log.lines.length, NOVELTIES_MAX);
});

test("an event is told with the frame as it came; a gap, with the E of the last event", async () => {
  const world = await World.live();
  world.socket.say(fill(1));
  await world.clock.advance(1234);
  world.socket.say(fill(2));
  world.socket.cut();
  await world.clock.advance(TIMING.backoffMs);
  world.socket.open();
  world.socket.say(fill(3));
  await world.client.stop(false);
  assert.equal(world.records.length, 7);
  assert.deepEqual(world.records[2], {
    kind: "event",
    event: { ...JSON.parse(fill(2)), t: "2", i: "8389765612825190229" },
    raw: fill(2),
  });
  assert.deepEqual(world.records[3], {
    kind: "gap",
    from: 1002,
    why: "closed 1006",
  });
});

test("events after the exchange's clock was put back are marked, until it is as late again; no other is", async () => {
  const world = await World.live(2);
  const first = world.socket;
  await world.clock.advance(TIMING.apartMs);
  const second = world.socket.open();
  const say = (line: FakeSocket, n: number, E: number) => line.say(fill(n).replace(/"E":\d+/, `"E":${E}`));
  for (const line of [first, second]) for (const n of [1, 2]) say(line, n, 1000 + n);
  // Later than what the other line has told, and in order on its own.
  say(first, 3, 1010);
  say(second, 4, 1009);
  for (const [n, E] of [
    [5, 1004],
    [6, 1005],
    [7, 1010],
    [8, 1011],
  ] as const)
    say(first, n, E);
  const events = world.records.filter((record) => record.kind === "event");
  const marked = events.filter(({ putBack }) => putBack === true).map(({ event }) => event.E);
  assert.equal(events.length, 8);
  assert.deepEqual(marked, [1004, 1005]);
});

test("a gap before any event has no `from`", async () => {
  const world = await World.live();
  world.socket.cut();
  const gap = world.records.at(-1);
  assert(gap?.kind === "gap");
  assert.equal(gap.from, undefined);
});

test("L6 a refusal that names a wait is obeyed to the millisecond", async () => {
  for (const waitMs of [120_000, 60_000, 3 * 24 * 60 * MINUTE]) {
    const world = new World();
    world.keys.acquireAnswer = () => new RateLimited("POST", { status: 418, waitMs, msg: "banned" });
    world.client.start();
    await settled();
    assert.deepEqual(world.client.health.pause?.why, "POST was refused: banned (HTTP 418)");
    world.keys.acquireAnswer = () => K1;
    await world.clock.advance(waitMs - 1);
    assert.deepEqual(world.keys.asked, ["acquire"]);
    await world.clock.advance(1 + TIMING.backoffMs);
    assert.deepEqual(world.keys.asked, ["acquire", "acquire"]);
    await world.client.stop(false);
  }
});

test("L6 retries against an exchange that refuses for an hour stay few, and never overlap", async () => {
  const world = new World(seededRandom(7));
  world.keys.acquireAnswer = () => refused(503, 0, "HTTP 503 without a code");
  world.client.start();
  await world.clock.advance(60 * MINUTE);
  assert(world.grants > 100 && world.grants < 400, `${world.grants} requests in an hour`);
  assert(world.keys.inFlight <= 1);
});

test("L5 L6 a renewal that is refused is retried inside the validity, without haste at its end", async () => {
  const world = new World(seededRandom(11));
  world.client.start();
  await settled();
  world.socket.open();
  let last = -Infinity;
  let closest = Infinity;
  world.keys.renewAnswer = () => {
    closest = Math.min(closest, world.clock.now() - last);
    last = world.clock.now();
    return new NetworkError("PUT", "connect ECONNREFUSED", "not-sent");
  };
  await world.quietly(60 * MINUTE);
  const renewals = world.keys.asked.filter((one) => one === "renew").length;
  assert(renewals >= 10 && renewals <= 80, `${renewals} renewals in half an hour`);
  assert(last > 59 * MINUTE, `the last one came after ${last} ms`);
  assert(closest >= TIMING.renewRetryMinMs, `two came ${closest} ms apart`);
});

test("one failed renewal is neither fatal nor forgotten", async () => {
  const troubles = [
    new NetworkError("PUT", "no answer in 10 s", "unknown"),
    refused(500, -1001, "Internal error; unable to process your request. Please try again."),
    refused(401, -2015, "Invalid API-key, IP, or permissions for action."),
    refused(400, -1101, "Too many parameters sent for this endpoint."),
    new RateLimited("PUT", { status: 429, waitMs: 60_000, msg: "Too many requests" }),
  ];
  for (const trouble of troubles) {
    const world = await World.live();
    world.keys.renewAnswer = () => trouble;
    await world.quietly(30 * MINUTE);
    assert.equal(world.client.health.key?.failures, 1, trouble.message);
    world.keys.renewAnswer = () => K1;
    await world.quietly(2 * MINUTE);
    const { key, live } = world.client.health;
    assert.deepEqual([key?.failures, live], [0, true], trouble.message);
    assert((key?.validForMs ?? 0) > 57 * MINUTE, trouble.message);
    assert.deepEqual(world.told(), ["live"], trouble.message);
  }
});

test("an error that no retry can mend ends the stream before it was live, and is retried after that", async () => {
  const wrongKey = refused(401, -2015, "Invalid API-key, IP, or permissions for action.");
  const world = new World();
  world.keys.acquireAnswer = () => wrongKey;
  world.client.start();
  await settled();
  assert.deepEqual(world.failures, [wrongKey]);
  assert.equal(world.client.health.phase, "stopped");
  assert.deepEqual(world.told(), ["stopped"]);
  assert.deepEqual(world.clock.alarms, []);

  const later = await World.live();
  later.keys.acquireAnswer = () => wrongKey;
  later.socket.cut();
  await later.clock.advance(TIMING.backoffMs);
  assert.equal(later.client.health.live, false);
  // The key in hand may still be good: it is dialled though REST refuses us.
  assert.equal(later.dialer.sockets.length, 2);
  assert.deepEqual(later.failures, []);
});

test("an answer that comes after the stop fails nothing and says nothing", async () => {
  for (const answer of [refused(401, -2015, "Invalid API-key"), K1]) {
    const world = new World();
    let give: (answer: ListenKey) => void = () => {};
    let fail: (error: unknown) => void = () => {};
    world.keys.acquireAnswer = () =>
      new Promise((resolve, reject) => {
        give = resolve;
        fail = reject;
      });
    world.client.start();
    await settled();
    let isStopped = false;
    const stopping = world.client.stop(false).then(() => {
      isStopped = true;
    });
    await settled();
    assert.equal(isStopped, false, "a request is still in flight");
    if (typeof answer === "string") give(answer);
    else fail(answer);
    await stopping;
    assert.deepEqual([world.failures, world.told(), world.log.lines], [[], ["stopped"], []]);
    assert.equal(world.dialer.sockets.length, 0);
  }
});

test("L1 a balance that comes back within one millisecond is told each time, over a rotation too", async () => {
  const world = await World.live();
  const wallet = (wb: string) =>
    `{"e":"ACCOUNT_UPDATE","T":5,"E":5,"a":{"m":"DEPOSIT","B":[{"a":"USDT","wb":"${wb}","cw":"0"}],"P":[]}}`;
  const story = ["1", "2", "1", "2", "1"];
  const first = world.socket;
  first.say(NOTICE);
  await world.clock.advance(0);
  world.socket.open();
  for (const wb of story) first.say(wallet(wb));
  for (const wb of story) world.socket.say(wallet(wb));
  await world.clock.advance(MINUTE);
  const told = world.records.flatMap((record) =>
    record.kind === "event" && record.event.e === "ACCOUNT_UPDATE" ? [record.raw] : [],
  );
  assert.deepEqual(told, story.map(wallet));
});

test("a key that is granted after a stop that releases is released, and nothing is dialled", async () => {
  for (const release of [true, false]) {
    const world = new World();
    let give: (answer: ListenKey) => void = () => {};
    world.keys.acquireAnswer = () => new Promise((resolve) => (give = resolve));
    world.client.start();
    await settled();
    const stopping = world.client.stop(release);
    give(K1);
    await stopping;
    assert.deepEqual(world.keys.asked, release ? ["acquire", "release"] : ["acquire"]);
    assert.equal(world.dialer.sockets.length, 0);
  }
});

test("ten thousand reconnects leave one alarm, one socket, one renewal; nothing piles up", async () => {
  const world = await World.live();
  for (let n = 0; n < 10_000; n++) {
    world.socket.say(fill(n));
    if (n % 3 === 0) world.socket.say(`{"e":"listenKeyExpired","E":${n},"listenKey":"${K1}"}`);
    else world.socket.cut(1006, "");
    // Most of the backoff grows with the trouble; the clock is moved to where the next attempt is due.
    await world.untilDialled();
    world.socket.open();
  }
  assert.equal(world.dialer.aliveCount, 1);
  assert.equal(world.clock.alarms.length, 1);
  assert.equal(world.keys.inFlight, 0);
  const { counts, lines } = world.client.health;
  assert.equal(lines.length, 1);
  assert.deepEqual([counts.gaps, counts.dials, counts.grants], [10_000, 10_001, 10_001]);
  world.records.length = 0;
  const renewals = world.keys.asked.filter((one) => one === "renew").length;
  await world.quietly(60 * MINUTE);
  const renewed = world.keys.asked.filter((one) => one === "renew").length - renewals;
  assert(renewed === 1 || renewed === 2, `${renewed} renewals in an hour`);
  await world.client.stop(false);
  assert.deepEqual([world.clock.alarms.length, world.dialer.aliveCount], [0, 0]);
});

test("L9 no log line, error, record or health holds a whole listenKey, whatever goes wrong", async () => {
  const world = await World.live();
  world.keys.acquireAnswer = () => K2;
  world.keys.renewAnswer = () => new NetworkError("PUT", "no answer", "unknown");
  await world.quietly(31 * MINUTE);
  const seen = [world.log.lines.join("\n"), JSON.stringify(world.client.health)];
  for (const frame of [
    `{"stream":"${K1}","data":`,
    `{"e":"listenKeyExpired","E":[],"listenKey":"${K1}"}`,
    `"${K1}"`,
    K1,
  ]) {
    world.socket.say(frame);
    const gap = world.records.findLast(({ kind }) => kind === "gap");
    seen.push(JSON.stringify(gap));
  }
  world.keys.renewAnswer = () => refused(400, -1125, "This listenKey does not exist.");
  await world.quietly(3 * MINUTE);
  await world.clock.advance(SECOND);
  seen.push(JSON.stringify(world.client.health));
  await world.client.stop(true);
  seen.push(...world.log.lines);
  assert(
    seen.some((text) => text.includes("pqia…")),
    "the key is never shown at all",
  );
  for (const text of seen) assert(!text.includes(K1) && !text.includes(K2), text);
});

test("the health tells the phase, the key, the lines and the pause that is made", async () => {
  const world = new World();
  assert.deepEqual(world.client.health, {
    phase: "idle",
    live: false,
    key: undefined,
    lines: [],
    pause: undefined,
    diagnosis: undefined,
    lastEventE: undefined,
    counts: { events: 0, copies: 0, gaps: 0, grants: 0, renewals: 0, dials: 0, unreadable: 0 },
    novelties: [],
  });
  world.client.start();
  await settled();
  assert.deepEqual(world.client.health.lines, [{ epoch: 1, stage: "dialing", openForMs: 0, quietForMs: 0 }]);
  world.socket.open();
  await world.clock.advance(5 * SECOND);
  const { phase, live, key, lines } = world.client.health;
  assert.deepEqual([phase, live], ["following", true]);
  assert.deepEqual(key, { shown: "pqia…", heldForMs: 5 * SECOND, validForMs: 60 * MINUTE - 5 * SECOND, failures: 0 });
  assert.deepEqual(lines, [{ epoch: 1, stage: "open", openForMs: 5 * SECOND, quietForMs: 5 * SECOND }]);
  world.socket.cut();
  assert.deepEqual(world.client.health.pause, { why: "closed 1006", forMs: TIMING.backoffMs / 2 });
});

test("whoever looks at the health is told when it has changed, and not for each frame", async () => {
  const world = await World.live();
  const before = world.changes;
  for (let n = 0; n < 1000; n++) world.socket.say(fill(n));
  assert.equal(world.changes, before);
  world.socket.cut();
  assert.equal(world.changes, before + 1);
});

test("a bug of ours is not turned into data", async () => {
  const world = await World.live();
  world.onRecord = () => {
    throw new TypeError("a bug");
  };
  assert.throws(() => world.socket.say(fill(1)), TypeError);
});

function fill(n: number): string {
  return (
    `{"e":"TRADE_LITE","E":${1000 + n},"T":${1000 + n},"s":"ETHUSDT","q":"0.001","p":"0","m":false,"c":"x",` +
    `"S":"BUY","L":"64089.20","l":"0.040","t":${n},"i":8389765612825190229}`
  );
}

function refused(status: number, code: number, msg: string): VenueRejected {
  return new VenueRejected("PUT /fapi/v1/listenKey", { status, code, msg });
}

/** A stream client between fakes. */
class World {
  readonly clock = new FakeClock();
  readonly dialer = new FakeDialer();
  readonly keys = new FakeKeys(K1);
  readonly log = new KeptLog();
  readonly records: StreamTold[] = [];
  readonly failures: ListenkeyError[] = [];
  readonly client: StreamClient;
  changes = 0;
  onRecord: (record: StreamTold) => void = () => {};

  constructor(random: Random = { next: () => 0.5 }, redundancy: Redundancy = 1) {
    const { clock, dialer, keys, log } = this;
    this.client = new StreamClient({
      clock,
      random,
      dialer,
      keys,
      log,
      timing: TIMING,
      redundancy,
      account: "main",
      urlOf: (key) => `wss://fake/private/ws/${key}`,
      tell: (record) => {
        this.records.push(record);
        this.onRecord(record);
      },
      changed: () => {
        this.changes++;
      },
      failed: (error) => this.failures.push(error),
    });
  }

  /** A stream that has just become live. */
  static async live(redundancy: Redundancy = 1): Promise<World> {
    const world = new World({ next: () => 0.5 }, redundancy);
    world.client.start();
    await settled();
    world.socket.open();
    return world;
  }

  get socket(): FakeSocket {
    return this.dialer.last;
  }

  get grants(): number {
    return this.keys.asked.filter((one) => one === "acquire").length;
  }

  /** What was told, in words. */
  told(): string[] {
    return this.records.map((record) => {
      if (record.kind === "gap") return `gap ${record.why}`;
      if (record.kind === "status") return record.status;
      const { event } = record;
      return event.e === "TRADE_LITE" ? `fill ${(event as { t: string }).t}` : event.e;
    });
  }

  /** The exchange announces that it closes the socket: a successor is dialled and opens. */
  async rotate({ isOldAlive = true } = {}): Promise<[old: FakeSocket, heir: FakeSocket]> {
    const old = this.socket;
    const before = this.records.length;
    old.say(NOTICE);
    this.records.splice(before);
    await this.clock.advance(1);
    const heir = this.socket;
    assert.notEqual(heir, old);
    heir.open();
    if (isOldAlive) old.answer();
    return [old, heir];
  }

  /** The same, while one socket shows no sign of life. */
  async quietlyBut(mute: FakeSocket | undefined, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SECOND) {
      await this.clock.advance(SECOND);
      for (const socket of this.dialer.sockets) if (socket !== mute && socket.isOpen) socket.pong();
    }
  }

  /** So much time passes while every socket shows signs of life, and new ones open. */
  async quietly(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10 * SECOND) {
      await this.clock.advance(Math.min(10 * SECOND, ms - passed));
      for (const socket of this.dialer.sockets) {
        if (!socket.isGone && !socket.isOpen && this.client.health.live) socket.open();
      }
      for (const socket of this.dialer.sockets) {
        if (socket.isGone || !socket.isOpen) continue;
        socket.pong();
        socket.answer();
      }
    }
  }

  /** Lets time pass until the stream dials. */
  async untilDialled(): Promise<void> {
    const { length } = this.dialer.sockets;
    for (let turn = 0; turn < 10 && this.dialer.sockets.length === length; turn++) {
      await this.clock.advance(this.client.health.pause?.forMs ?? 0);
    }
    assert.equal(this.dialer.sockets.length, length + 1);
  }
}
