/** An account of the hub, in virtual time: its journal and its upstream are in the hands of the test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { orderEvent, walletEvent } from "../../test/account-news.ts";
import { FakeClock, KeptLog, settled } from "../../test/fake-world.ts";
import { HeldJournal } from "../../test/held-journal.ts";
import { InventedUpstream } from "../../test/invented-upstream.ts";
import { StorageError, UsageError, VenueRejected } from "../kernel/errors.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { HELD_CHARS_MAX, RETRY_AFTER_MS } from "./account-desk.ts";
import type { ConsumerEnd, Outgoing } from "./consumer.ts";
import { Hub } from "./hub.ts";
import { type HubAccount, REOPEN_AFTER_MS, SNAPSHOT_EVERY_RECORDS } from "./hub-account.ts";
import { CursorLost } from "./hub-errors.ts";
import { readSnapshotText } from "./mirror-text.ts";
import { readRecordText } from "./record-text.ts";

const DISK_FULL = new StorageError("journal.db", "database or disk is full", "failed");

class World {
  readonly clock = new FakeClock();
  readonly log = new KeptLog();
  readonly journal: HeldJournal;
  readonly upstream = new InventedUpstream("demo");
  readonly hub: Hub;
  readonly seqs: number[] = [];
  readonly ends: ConsumerEnd[] = [];

  constructor(journal = new HeldJournal(), acknowledge: "committed" | "received" = "committed") {
    this.journal = journal;
    this.hub = new Hub({ journal, clock: this.clock, log: this.log, acknowledge });
  }

  static async open(...parts: ConstructorParameters<typeof World>): Promise<World> {
    const world = new World(...parts);
    await world.hub.add("demo", world.upstream.make);
    const wish = { since: 0, snapshots: "none", policy: "disconnect", queueEntries: 1e6 } as const;
    const send = (outgoing: Outgoing) => {
      if (outgoing.is === "records") world.seqs.push(...outgoing.entries.map(({ seq }) => seq));
    };
    const end = (why: ConsumerEnd) => void world.ends.push(why);
    const sink = { send, end, beat() {}, unsentBytes: 0 };
    world.hub.connect(world.account, wish, sink, { over: "websocket", address: "127.0.0.1" }).begin();
    await settled();
    return world;
  }

  get account(): HubAccount {
    const account = this.hub.account("demo");
    assert.ok(account !== undefined);
    return account;
  }

  tell(count: number): void {
    for (let i = 0; i < count; i++) {
      const wallet = walletEvent(this.upstream.seq + 1, "USDT", String(this.upstream.seq + 1));
      this.upstream.event(encodeEvent(wallet));
    }
  }

  get wallet(): string | undefined {
    return this.account.feed?.snapshot.view.balance("USDT")?.wallet;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test("L8 nobody is given a record, or a snapshot that includes it, before it is committed", async () => {
  const world = await World.open();
  world.tell(3);
  await settled();
  assert.deepEqual([world.seqs, world.wallet, world.account.health.desk?.heldRecords], [[], undefined, 3]);
  world.tell(2);
  await settled();
  assert.equal(world.journal.waitingCount, 2);
  await world.journal.commit(1);
  assert.deepEqual([world.seqs, world.wallet, world.account.feed?.snapshot.asOfSeq], [[1, 2, 3], "3", 3]);
  await world.journal.commit();
  assert.deepEqual([world.seqs, world.wallet, world.account.health.desk?.heldRecords], [[1, 2, 3, 4, 5], "5", 0]);
});

test("acknowledged as received, records are handed on at once, and once", async () => {
  const world = await World.open(new HeldJournal(), "received");
  world.tell(3);
  await settled();
  assert.deepEqual(world.seqs, [1, 2, 3]);
  world.journal.fail(DISK_FULL);
  await settled();
  world.journal.mend();
  await world.clock.advance(RETRY_AFTER_MS);
  await world.journal.commit();
  world.tell(1);
  await settled();
  assert.deepEqual(world.seqs, [1, 2, 3, 4]);
});

test("L1 acknowledged as received, what comes while the journal refuses is told once", async () => {
  const world = await World.open(new HeldJournal(), "received");
  world.tell(3);
  await settled();
  world.journal.fail(DISK_FULL);
  await settled();
  world.tell(3);
  world.journal.mend();
  await world.clock.advance(RETRY_AFTER_MS);
  await world.journal.commit();
  await settled();
  const { feed } = world.account;
  assert.deepEqual([world.seqs, feed?.firstSeq, feed?.lastSeq], [range(1, 6), 1, 6]);
  assert.deepEqual(
    feed?.after(2, 100, 1e6).map(({ seq }) => seq),
    range(3, 6),
  );
});

test("a full disk is a state: records are held, told of, and committed in order when there is room", async () => {
  const world = await World.open();
  world.tell(1);
  await settled();
  world.tell(1);
  await settled();
  world.journal.fail(DISK_FULL);
  await settled();
  world.tell(5);
  await world.clock.advance(3 * RETRY_AFTER_MS);
  const { desk } = world.account.health;
  assert.deepEqual([desk?.phase, desk?.heldRecords, world.seqs], ["failing", 7, []]);
  assert.match(desk?.trouble ?? "", /database or disk is full/);
  assert.equal(world.account.isReady, false);
  assert.equal(world.log.lines.filter((line) => line.includes("refuses records")).length, 1);
  world.journal.mend();
  world.journal.isHeld = false;
  await world.clock.advance(RETRY_AFTER_MS);
  world.tell(2);
  await settled();
  assert.deepEqual([world.seqs, world.account.health.desk?.phase], [range(1, 9), "saving"]);
  assert.equal(world.upstream.startCount, 1);
});

test("what is told while the retry is under way follows it", async () => {
  const world = await World.open();
  world.journal.fail(DISK_FULL);
  world.tell(2);
  await settled();
  world.journal.mend();
  await world.clock.advance(RETRY_AFTER_MS);
  world.tell(3);
  await settled();
  await world.journal.commit(1);
  await settled();
  await world.journal.commit();
  await settled();
  assert.deepEqual(world.seqs, range(1, 5));
});

test("over the bound the upstream is stopped; what was held is committed, and the account opened again", async () => {
  const world = await World.open();
  world.journal.fail(DISK_FULL);
  const chars = HELD_CHARS_MAX / 20;
  for (let i = 0; i < 25; i++) world.upstream.tell(chars);
  await settled();
  assert.deepEqual([world.account.health.desk?.phase, world.upstream.stopCount], ["overflowed", 1]);
  const held = world.account.health.desk?.heldRecords ?? 0;
  assert.ok(held <= 21);
  world.journal.mend();
  world.journal.isHeld = false;
  await world.clock.advance(2 * RETRY_AFTER_MS);
  await settled();
  assert.deepEqual([world.upstream.startCount, world.upstream.resumed.at(-1)?.seq], [2, held]);
  world.tell(3);
  await settled();
  assert.deepEqual([world.seqs, world.ends], [range(1, held + 3), []]);
});

test("a key that is refused is told of, and tried again by and by", async () => {
  const world = new World();
  world.upstream.refusal = new VenueRejected("POST listenKey", { status: 401, code: -2015, msg: "Invalid API-key" });
  await world.hub.add("demo", world.upstream.make);
  await settled();
  assert.deepEqual([world.account.health.phase, world.hub.isReady], ["waiting", false]);
  assert.match(world.account.health.trouble ?? "", /Invalid API-key/);
  world.upstream.refusal = undefined;
  await world.clock.advance(REOPEN_AFTER_MS);
  assert.deepEqual(
    [world.account.health.phase, world.account.health.trouble, world.upstream.startCount],
    ["following", undefined, 2],
  );
});

test("an account without a record begins with those the other hub still has", async () => {
  const world = new World();
  world.journal.isHeld = false;
  world.upstream.goneUpTo = 40;
  await world.hub.add("demo", world.upstream.make);
  await settled();
  assert.deepEqual(
    world.upstream.resumed.map((resume) => resume?.seq),
    [undefined, 40],
  );
  assert.deepEqual([world.account.health.phase, world.account.health.lastSeq], ["following", 40]);
  world.tell(2);
  await settled();
  assert.deepEqual(await world.account.extent(), { firstSeq: 41, lastSeq: 42 });
});

test("an account that is followed another way, or removed, while it asks where to begin, is left alone", async () => {
  for (const what of ["changed", "removed"]) {
    const world = new World();
    world.journal.isHeld = false;
    let fail: (error: Error) => void = () => {};
    const stuck = () => ({
      ...new InventedUpstream("demo").make(
        undefined,
        () => {},
        () => {},
      ),
      account: world.upstream.account,
      health: {},
      start: () => Promise.reject(new CursorLost(0, "too old")),
      stop: async () => {},
      beginning: () =>
        new Promise<number>((_, reject) => {
          fail = reject;
        }),
    });
    await world.hub.add("demo", stuck);
    await settled();
    const { account } = world;
    if (what === "removed") await world.hub.remove("demo");
    else await account.change(world.upstream.make);
    fail(DISK_FULL);
    await settled();
    assert.equal(account.health.phase, what === "removed" ? "closed" : "following");
    assert.equal(world.upstream.startCount, what === "removed" ? 0 : 1);
  }
});

test("an account that has records never skips those the other hub has let go of", async () => {
  const world = await World.open();
  world.tell(3);
  await settled();
  await world.journal.commit();
  world.upstream.goneUpTo = 40;
  await world.account.change(world.upstream.make);
  await settled();
  const { phase, trouble } = world.account.health;
  assert.equal(phase, "waiting");
  assert.match(trouble ?? "", /^the hub cannot go on after record 3: too old/);
  assert.deepEqual(await world.account.extent(), { firstSeq: 1, lastSeq: 3 });
});

const FILL = JSON.stringify({
  e: "ORDER_TRADE_UPDATE",
  E: 9,
  T: 9,
  o: { ...orderEvent(9, "FILLED").o, i: 0, si: undefined, x: "TRADE", t: 77 },
}).replace('"i":0', '"i":8389765489680951453');

/** A certificate. */
function proof(completeUpTo: number, gaps: readonly number[] = []) {
  const costs = { recovered: {}, holes: [], weightUsed: 1, requests: 1, tookMs: 1 };
  return { kind: "repair", gaps, from: undefined, completeUpTo: completeUpTo as TransactMs, ...costs } as const;
}

for (const [isProven, from] of [
  [true, 2],
  [false, 2],
] as const) {
  test(`left are the mirror, open gaps, what was told of late, and ${isProven ? "a proof" : "no proof"}`, async () => {
    const journal = new HeldJournal();
    journal.isHeld = false;
    const world = await World.open(journal);
    const { upstream } = world;
    upstream.record(isProven ? proof(2) : { kind: "status", status: "synced", since: 2 as TransactMs });
    world.tell(5);
    upstream.record({ kind: "gap", from: undefined, why: "closed 1006" });
    upstream.event(FILL);
    await settled();
    await world.hub.close();
    assert.deepEqual(world.ends, [{ code: "STOPPING", cursor: 8 }]);

    const next = await World.open(journal);
    const [resume] = next.upstream.resumed;
    assert.ok(resume !== undefined);
    assert.deepEqual([resume.seq, resume.from, resume.gaps, resume.promisedSince], [8, from, [7], from]);
    assert.equal(resume.mirror.view.balance("USDT")?.wallet, "6");
    assert.equal(resume.mirror.view.order("BTCUSDT", "8389765489680951453" as Id64)?.status, "FILLED");
    const told = [...(resume.told ?? [])].map(({ e }) => e);
    assert.deepEqual(told, [...Array(5).fill("ACCOUNT_UPDATE"), "ORDER_TRADE_UPDATE"]);
    assert.deepEqual([...(resume.lastTradeIds ?? [])], []);
    assert.deepEqual(next.seqs, range(1, 8));
  });
}

test("of what the snapshot includes, the events since a little before the last proof are read again", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = await World.open(journal);
  const hour = 3_600_000;
  world.upstream.event(FILL);
  for (let i = 0; i < 2_500; i++) world.upstream.event(encodeEvent(walletEvent(hour + i, "USDT", String(i))));
  world.upstream.record(proof(hour + 2_000));
  world.upstream.event(encodeEvent(walletEvent(hour + 3_000, "USDT", "0.5")));
  await settled();
  await world.hub.close();
  const [resume] = (await World.open(journal)).upstream.resumed;
  assert.equal([...(resume?.told ?? [])].length, 2_501);
  assert.deepEqual([resume?.from, [...(resume?.lastTradeIds ?? [])]], [hour + 2_000, [["BTCUSDT", "77"]]]);
});

test("a snapshot is kept after each status and certificate, and every thousand records", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = await World.open(journal);
  const asOf = async () => (await journal.snapshot("demo"))?.asOfSeq;
  world.tell(1);
  await settled();
  assert.equal(await asOf(), undefined);
  world.upstream.record(proof(4));
  await settled();
  assert.equal(await asOf(), 2);
  for (let i = 0; i < SNAPSHOT_EVERY_RECORDS; i++) {
    world.tell(1);
    await settled();
  }
  assert.equal(await asOf(), 2 + SNAPSHOT_EVERY_RECORDS);
  const kept = await journal.snapshot("demo");
  assert.deepEqual(readSnapshotText(kept?.text ?? "").standing.completeUpTo, 4);
});

test("an account that is removed sends its consumers away; its journal stays, and it can be added again", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = await World.open(journal);
  world.tell(2);
  await settled();
  await world.hub.remove("demo");
  assert.deepEqual(world.ends, [{ code: "ACCOUNT_REMOVED", cursor: 2 }]);
  const again = new InventedUpstream("demo");
  await world.hub.add("demo", again.make);
  assert.equal(again.resumed[0]?.seq, 2);
  await assert.rejects(world.hub.add("demo", again.make), UsageError);
  await assert.rejects(world.hub.add("no blanks", again.make), { message: /^account: expected 1 to 64 letters/ });
});

test("L4 the journal keeps each record's text as consumers get it", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = await World.open(journal);
  const raw = '{"e":"ORDER_NEWS","E":1,"T":2,"o":{"s":"BTCUSDT","i":8389765489680951453,"p":"0.10"}}';
  world.upstream.event(raw);
  await settled();
  const page = await journal.read({ account: "demo", since: 0, limit: 1 });
  assert.ok(page.is === "page");
  const { record: text, ...labels } = page.entries[0] ?? assert.fail("no entry");
  assert.ok(text.endsWith(`"event":${raw}}`));
  const { event, symbol, eventAt, transactAt, kind, origin } = labels;
  assert.deepEqual(
    [event, symbol, eventAt, transactAt, kind, origin],
    ["ORDER_NEWS", "BTCUSDT", 1, 2, "event", "stream"],
  );
  assert.equal(readRecordText(text).seq, 1);
});

test("a hub that was closed takes no account, and leaves no alarm", async () => {
  const world = await World.open();
  await world.hub.close();
  await assert.rejects(world.hub.add("b", world.upstream.make), { message: /^add\(\): expected a hub that runs/ });
  assert.deepEqual(world.clock.alarms, []);
});
