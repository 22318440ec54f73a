/**
 * A reader that keeps what it is told as a hub does, so that a program can take over from one that died: the records in
 * a journal, and snapshots of the account beside them. Pure.
 */
import type { AccountView } from "../src/account/account-view.ts";
import type { Resume, SyncHealth } from "../src/account/follower-deps.ts";
import type { AccountRecord } from "../src/account/record.ts";
import type { UntoldFacts } from "../src/account/untold-facts.ts";
import { MemoryJournal } from "../src/hub/memory-journal.ts";
import { type AccountSnapshot, snapshotText } from "../src/hub/mirror-text.ts";
import { labelsOf, recordText } from "../src/hub/record-text.ts";
import { reopen } from "../src/hub/reopening.ts";
import { NOWHERE, standingAfter } from "../src/hub/standing.ts";
import type { Log } from "../src/kernel/ports.ts";
import type { WallMs } from "../src/kernel/scalars.ts";

/** What can be seen of a follower at the moment of a record. */
export interface Kept {
  readonly account: AccountView;
  readonly untold: UntoldFacts;
  readonly health: Pick<SyncHealth, "completeUpTo">;
}

/** Keeps the records of one account. */
export class Reader {
  readonly #journal = new MemoryJournal();
  #standing = NOWHERE;
  #snapshot: AccountSnapshot | undefined;

  /** Was it told a certificate? */
  get hasProof(): boolean {
    return this.#standing.completeUpTo !== undefined;
  }

  /** Takes the next record. */
  take(record: AccountRecord, follower: Kept): void {
    const { seq, account, kind, at } = record;
    const origin = kind === "event" ? record.origin : null;
    const entry = { account, seq, kind, origin, at, ...labelsOf(record), record: recordText(record) };
    // In memory it is there at once, and nothing is refused.
    void this.#journal.append([entry]);
    this.#standing = standingAfter(this.#standing, record);
    if (kind !== "repair" && kind !== "status") return;
    const { health, account: view, untold } = follower;
    const standing = { ...this.#standing, completeUpTo: health.completeUpTo ?? this.#standing.completeUpTo };
    this.#snapshot = { account, asOfSeq: seq, view, standing, untold };
  }

  /** What a program takes over with; `undefined`: nothing was told yet. */
  async resume(account: string, log: Log): Promise<Resume | undefined> {
    const snapshot = this.#snapshot;
    if (snapshot !== undefined) {
      const { asOfSeq } = snapshot;
      await this.#journal.keepSnapshot({ account, asOfSeq, at: 0 as WallMs, text: snapshotText(snapshot) });
    }
    return (await reopen(this.#journal, account, log)).resume;
  }
}
