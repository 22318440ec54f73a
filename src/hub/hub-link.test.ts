/** A hub's consumer, with the hub in the hands of the test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ms, walletEvent } from "../../test/account-news.ts";
import { FakeClock, FakeDialer, KeptLog } from "../../test/fake-world.ts";
import { Mirror } from "../account/mirror.ts";
import type { AccountRecord } from "../account/record.ts";
import { seededRandom } from "../kernel/random.ts";
import type { WallMs } from "../kernel/scalars.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { HubLink, type HubLinkDeps, PAUSE_MAX_MS, SILENCE_MAX_MS } from "./hub-link.ts";
import { snapshotText } from "./mirror-text.ts";
import { recordText } from "./record-text.ts";
import { NOWHERE } from "./standing.ts";

class World {
  readonly clock = new FakeClock();
  readonly dialer = new FakeDialer();
  readonly told: AccountRecord[] = [];
  readonly link: HubLink;
  failure: Error | undefined;
  readyCount = 0;

  constructor(more: Partial<HubLinkDeps> = {}) {
    this.link = new HubLink({
      clock: this.clock,
      random: seededRandom(1),
      log: new KeptLog(),
      dialer: this.dialer,
      since: undefined,
      isFiltered: false,
      urlOf: (since) => `since=${since}`,
      tell: (record) => void this.told.push(record),
      mirrored: () => {},
      changed: () => {},
      ready: () => void this.readyCount++,
      failed: (error) => {
        this.failure = error;
      },
      ...more,
    });
    this.link.start();
  }

  get seqs(): number[] {
    return this.told.map(({ seq }) => seq);
  }

  /** Waits until the hub is dialled again, and lets it in. */
  async redialled(): Promise<void> {
    const count = this.dialer.sockets.length;
    for (let ms = 0; this.dialer.sockets.length === count; ms += 100) {
      assert.ok(ms <= PAUSE_MAX_MS + 100, "dialled again");
      await this.clock.advance(100);
    }
    this.dialer.last.open();
  }

  say(text: string): void {
    this.dialer.last.say(text);
  }
}

/** A wallet changes; `seq` is how much is in it. */
function walletRecord(seq: number): string {
  const event = walletEvent(seq, "USDT", String(seq));
  const head = { seq, account: "demo", at: seq as WallMs, kind: "event", origin: "stream" } as const;
  return recordText({ ...head, event, raw: encodeEvent(event) });
}

function snapshot(asOfSeq: number): string {
  const mirror = new Mirror();
  mirror.apply(walletEvent(asOfSeq, "USDT", String(asOfSeq)), "stream");
  return `{"snapshot":${snapshotText({ account: "demo", asOfSeq, view: mirror.view, standing: NOWHERE })}}`;
}

function wallet({ link }: World): string | undefined {
  return link.account.balance("USDT")?.wallet;
}

test("the account is known when the hub knows it, and all records of its snapshot have come", () => {
  const world = new World();
  const { view } = new Mirror();
  const said = (asOfSeq: number, standing = NOWHERE) =>
    world.say(`{"snapshot":${snapshotText({ account: "demo", asOfSeq, view, standing })}}`);
  world.dialer.last.open();
  said(1);
  assert.deepEqual([world.link.health.live, world.link.health.known], [true, "nothing"]);
  said(2, { ...NOWHERE, promisedSince: ms(7) });
  assert.equal(world.link.health.known, "part");
  world.say(walletRecord(2));
  assert.equal(world.link.health.known, "whole");
});

test("what a filter keeps away is not said to be in the account that is shown", () => {
  const world = new World({ isFiltered: true });
  world.dialer.last.open();
  world.say(snapshot(5));
  world.say('{"cursor":40}');
  assert.deepEqual([world.link.health.lastSeq, world.link.health.asOfSeq, wallet(world)], [40, 5, "5"]);
  world.say(snapshot(41));
  assert.deepEqual([world.link.health.asOfSeq, wallet(world)], [41, "41"]);
});

test("the account is the snapshot, and the records after it", () => {
  const world = new World();
  world.dialer.last.open();
  assert.equal(world.link.health.live, false);
  world.say(snapshot(5));
  assert.deepEqual(
    [wallet(world), world.readyCount, world.link.health.lastSeq, world.link.health.live],
    ["5", 1, 5, true],
  );
  world.say(walletRecord(6));
  assert.deepEqual([wallet(world), world.seqs], ["6", [6]]);
});

test("with a cursor the records after it are told, and those that the snapshot includes change nothing", () => {
  const world = new World({ since: 2 });
  world.dialer.last.open();
  assert.equal(world.dialer.last.url, "since=2");
  world.say(snapshot(4));
  world.say(walletRecord(3));
  assert.deepEqual([wallet(world), world.link.health.lastSeq, world.link.health.asOfSeq], ["4", 3, 4]);
  world.say(walletRecord(4));
  world.say(walletRecord(5));
  assert.deepEqual([wallet(world), world.seqs], ["5", [3, 4, 5]]);
});

test("with a mirror to go on with, the account is never ahead of the records", () => {
  const mirror = new Mirror();
  mirror.apply(walletEvent(2, "USDT", "2"), "stream");
  const changes: number[] = [];
  const world = new World({ since: 2, mirror, mirrored: (some) => void changes.push(some.length) });
  const shown = () => {
    const { lastSeq, asOfSeq, catchingUp } = world.link.health;
    return [wallet(world), lastSeq, asOfSeq, catchingUp];
  };
  assert.deepEqual(shown(), ["2", 2, 2, false]);
  world.dialer.last.open();
  world.say(snapshot(4));
  assert.deepEqual(shown(), ["2", 2, 2, true]);
  world.say(walletRecord(3));
  assert.deepEqual(shown(), ["3", 3, 3, true]);
  world.say(walletRecord(4));
  assert.deepEqual([...shown(), world.readyCount], ["4", 4, 4, false, 1]);
  assert.deepEqual(
    [world.seqs, changes],
    [
      [3, 4],
      [1, 1],
    ],
  );
});

test("after a reconnect the account follows the records that were missed, one by one", async () => {
  const changes: number[] = [];
  const world = new World({ mirrored: (some) => void changes.push(some.length) });
  world.dialer.last.open();
  world.say(snapshot(5));
  world.dialer.last.cut();
  await world.redialled();
  world.say(snapshot(7));
  assert.deepEqual([wallet(world), world.link.health.catchingUp], ["5", true]);
  for (const seq of [6, 7, 8]) {
    world.say(walletRecord(seq));
    assert.deepEqual([wallet(world), world.link.health.asOfSeq], [String(seq), seq]);
  }
  assert.deepEqual([world.seqs, changes, world.link.health.catchingUp], [[6, 7, 8], [1, 1, 1], false]);
});

test("a connection that is lost while records are coming leaves them to come; it lives with its snapshot", async () => {
  const world = new World({ since: 2, mirror: new Mirror() });
  const found = () => [world.link.health.live, world.link.health.catchingUp];
  world.dialer.last.open();
  world.say(snapshot(4));
  world.say(walletRecord(3));
  assert.deepEqual(found(), [true, true]);
  world.dialer.last.cut();
  await world.redialled();
  assert.deepEqual(found(), [false, true]);
  world.say(snapshot(4));
  assert.deepEqual(found(), [true, true]);
  world.say(walletRecord(4));
  assert.deepEqual([found(), wallet(world)], [[true, false], "4"]);
});

test("L1 the hub is dialled again with the cursor, and what comes twice is told once", async () => {
  const world = new World();
  world.dialer.last.open();
  world.say(snapshot(5));
  world.say(walletRecord(6));
  world.dialer.last.cut();
  assert.deepEqual([world.link.health.phase, world.link.health.diagnosis], ["pausing", "closed 1006"]);
  await world.redialled();
  assert.equal(world.dialer.last.url, "since=6");
  world.say(snapshot(7));
  for (const seq of [5, 6, 7, 8]) world.say(walletRecord(seq));
  assert.deepEqual(world.seqs, [6, 7, 8]);
});

test("L1 after a hole nothing is told until the hub has been dialled again", async () => {
  const world = new World();
  world.dialer.last.open();
  world.say(snapshot(5));
  world.say(walletRecord(7));
  world.say(walletRecord(8));
  await world.redialled();
  assert.deepEqual([world.seqs, world.dialer.last.url], [[], "since=5"]);
  assert.equal(world.link.health.diagnosis, "record 7, where 6 follows");
});

test("with a filter records need not follow each other, and a notice moves the cursor", async () => {
  const world = new World({ isFiltered: true });
  world.dialer.last.open();
  world.say(snapshot(5));
  world.say(walletRecord(9));
  world.say('{"cursor":12}');
  world.dialer.last.cut();
  await world.redialled();
  assert.deepEqual([world.seqs, world.dialer.last.url], [[9], "since=12"]);
});

test("a hub that is silent is dialled again; one that pings is not", async () => {
  const world = new World();
  world.dialer.last.open();
  world.say(snapshot(1));
  for (let i = 0; i < 5; i++) {
    await world.clock.advance(SILENCE_MAX_MS - 1);
    world.dialer.last.pong();
  }
  assert.equal(world.dialer.sockets.length, 1);
  await world.clock.advance(SILENCE_MAX_MS + 1);
  assert.equal(world.link.health.diagnosis, "silent");
  await world.redialled();
});

test("L6 pauses grow with full jitter while the hub is away, and are short again once it speaks", async () => {
  const world = new World();
  const pauses: number[] = [];
  for (let i = 0; i < 14; i++) {
    const before = world.clock.now();
    world.dialer.last.cut();
    await world.redialled();
    pauses.push(world.clock.now() - before);
  }
  assert.ok(pauses.slice(0, 3).every((ms) => ms <= 1_100));
  assert.ok(Math.max(...pauses) > 2_000 && Math.max(...pauses) <= PAUSE_MAX_MS + 100);
  world.say(snapshot(1));
  world.dialer.last.cut();
  const before = world.clock.now();
  await world.redialled();
  assert.ok(world.clock.now() - before <= 600);
});

const ENDS: readonly [code: number, reason: string, failure: RegExp][] = [
  [401, '{"error":{"code":"UNAUTHORIZED","message":"no token"}}', /^the hub refused: no token \(HTTP 401\)/],
  [404, '{"error":{"message":"no such account"}}', /^the hub refused: no such account/],
  [410, '{"error":{"message":"since: too old"}}', /^the hub cannot go on after record 3: since: too old/],
  [4010, "CURSOR_TOO_OLD; go on with since=3", /^the hub cannot go on after record 3: CURSOR_TOO_OLD/],
];

for (const [code, reason, failure] of ENDS) {
  test(`what no attempt can mend ends the client: ${code}`, async () => {
    const world = new World({ since: 3 });
    world.dialer.last.cut(code, reason);
    assert.match(world.failure?.message ?? "", failure);
    await world.clock.advance(60_000);
    assert.deepEqual([world.dialer.sockets.length, world.link.health.phase], [1, "stopped"]);
  });
}

test("a hub that is being started, and an account that was there before, are waited for", async () => {
  const world = new World();
  world.dialer.last.cut(503, '{"error":{"message":"not ready"}}');
  await world.redialled();
  world.say(snapshot(1));
  world.dialer.last.cut(404, "");
  await world.redialled();
  assert.equal(world.failure, undefined);
});

test("a frame that is none is no end: the hub is dialled again", async () => {
  const world = new World();
  world.dialer.last.open();
  world.say(snapshot(1));
  world.say('{"seq":2,"account":"demo","kind":"moon","at":1}');
  assert.match(world.link.health.diagnosis ?? "", /^a frame that cannot be read: \$\.kind/);
  await world.redialled();
});

test("once stopped no socket and no alarm is left", async () => {
  const world = new World();
  world.dialer.last.open();
  world.link.stop();
  await world.clock.advance(PAUSE_MAX_MS);
  assert.deepEqual([world.dialer.aliveCount, world.clock.alarms], [0, []]);
});
