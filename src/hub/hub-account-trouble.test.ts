/** An account of the hub whose upstream fails, then or later, in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { walletEvent } from "../../test/account-news.ts";
import { FakeClock, KeptLog, settled } from "../../test/fake-world.ts";
import { HeldJournal } from "../../test/held-journal.ts";
import { InventedUpstream } from "../../test/invented-upstream.ts";
import { UsageError, VenueRejected } from "../kernel/errors.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { Hub } from "./hub.ts";
import { type HubAccount, REOPEN_AFTER_MS } from "./hub-account.ts";
import { CursorLost } from "./hub-errors.ts";

class World {
  readonly clock = new FakeClock();
  readonly log = new KeptLog();
  readonly upstream = new InventedUpstream("demo");
  readonly journal: HeldJournal;
  readonly hub: Hub;

  constructor(journal = new HeldJournal()) {
    this.journal = journal;
    this.hub = new Hub({ journal, clock: this.clock, log: this.log });
  }

  get account(): HubAccount {
    const account = this.hub.account("demo");
    assert.ok(account !== undefined);
    return account;
  }

  tell(count: number): void {
    for (let i = 0; i < count; i++) this.upstream.event(encodeEvent(walletEvent(this.upstream.seq + 1, "USDT", "1")));
  }

  /** From now on each attempt ends as one with a refused key. */
  refuse(): void {
    this.upstream.start = async () => {
      this.upstream.record({ kind: "status", status: "stopped" });
      throw new VenueRejected("POST listenKey", { status: 401, code: -2015, msg: "Invalid API-key" });
    };
  }
}

test("however often a refused key is tried, the journal is told once that nothing comes", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = new World(journal);
  world.refuse();
  await world.hub.add("demo", world.upstream.make);
  for (let attempt = 0; attempt < 3; attempt++) await world.clock.advance(REOPEN_AFTER_MS);
  assert.equal(world.upstream.resumed.length, 4);
  await world.hub.close();
  const next = new World(journal);
  next.refuse();
  await next.hub.add("demo", next.upstream.make);
  await next.clock.advance(REOPEN_AFTER_MS);
  assert.deepEqual([next.account.health.phase, await journal.extent("demo")], ["waiting", { firstSeq: 1, lastSeq: 1 }]);
});

test("what was told since it stopped makes the next stop news", async () => {
  const journal = new HeldJournal();
  journal.isHeld = false;
  const world = new World(journal);
  world.refuse();
  await world.hub.add("demo", world.upstream.make);
  await settled();
  world.upstream.start = async () => world.tell(1);
  await world.clock.advance(REOPEN_AFTER_MS);
  world.refuse();
  await world.account.change(world.upstream.make);
  await settled();
  assert.deepEqual(await journal.extent("demo"), { firstSeq: 1, lastSeq: 3 });
});

test("an account that is followed another way before it had started is in no trouble, then or later", async () => {
  const world = new World();
  world.journal.isHeld = false;
  let fail: (error: Error) => void = () => {};
  const starting = () => ({
    account: world.upstream.account,
    health: {},
    start: () =>
      new Promise<void>((_, reject) => {
        fail = reject;
      }),
    stop: async () => fail(new UsageError("start()", "to be live", "stopped")),
  });
  await world.hub.add("demo", starting);
  await world.account.change(world.upstream.make);
  await world.clock.advance(REOPEN_AFTER_MS);
  assert.deepEqual([world.account.health.phase, world.upstream.startCount], ["following", 1]);
  assert.equal(world.log.lines.filter((line) => line.includes("cannot be followed")).length, 0);
});

test("what waits for the journal is a record as well: behind it no beginning is looked for", async () => {
  const world = new World();
  let fail: (error: Error) => void = () => {};
  world.upstream.start = () =>
    new Promise<void>((_, reject) => {
      fail = reject;
    });
  world.upstream.goneUpTo = 40;
  await world.hub.add("demo", world.upstream.make);
  world.tell(2);
  await settled();
  fail(new CursorLost(2, "too old"));
  await settled();
  assert.equal(world.account.health.phase, "waiting");
  await world.journal.commit();
  assert.deepEqual(await world.account.extent(), { firstSeq: 1, lastSeq: 2 });
});
