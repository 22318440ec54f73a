/**
 * What an account's journal leaves to whoever goes on: the mirror, and what its next follower has to know. Pure.
 *
 *     snapshot ──▶ mirror ──records after it──▶ mirror as of the last record
 *                                     events dated since a little before the last proof ──▶ what was told of late
 *
 * The time in which nobody followed is a gap like any other: the follower asks what was missed since the last proof.
 */
import type { Resume } from "../account/follower-deps.ts";
import { Mirror } from "../account/mirror.ts";
import type { AccountRecord, EventRecord } from "../account/record.ts";
import { copyUntold, noteHoldings } from "../account/untold-facts.ts";
import type { Extent } from "../journal/cursor.ts";
import type { JournalEntry } from "../journal/entry.ts";
import { type JournalReader, PAGE_ENTRIES_MAX } from "../journal/journal.ts";
import { compareIds } from "../kernel/digits.ts";
import { ListenkeyError } from "../kernel/errors.ts";
import type { Log } from "../kernel/ports.ts";
import type { EventMs, Id64, TransactMs } from "../kernel/scalars.ts";
import type { Known } from "./known.ts";
import { type ReadSnapshot, readSnapshotText } from "./mirror-text.ts";
import { readRecordText } from "./record-text.ts";
import { fillOf, NOWHERE, type Standing, standingAfter } from "./standing.ts";

/**
 * Events of so long before a proof are read as well: what happened in its seconds may have been told before it. By the
 * exchange's clock, as all dates here: ours may be wrong.
 */
const LATE_MAX_MS = 5 * 60_000;

/** What a journal says of an account. */
export interface Reopened {
  /** The last record; 0: there is none. */
  readonly lastSeq: number;
  /** Does it say `stopped`? */
  readonly isStopped: boolean;
  readonly mirror: Mirror;
  readonly standing: Standing;
  /** How much of the account the mirror shows: `part` when only records say what is in it, and no snapshot does. */
  readonly known: Known;
  /** For the next follower; `undefined`: nothing was ever told, and it begins anew. */
  readonly resume: Resume | undefined;
}

/** Reads what the journal has of an account. @throws {StorageError} when it cannot be read */
export async function reopen(journal: JournalReader, account: string, log: Log): Promise<Reopened> {
  const reading = new Reading(journal, account);
  return reading.reopened(await snapshotOf(journal, account, log));
}

async function snapshotOf(journal: JournalReader, account: string, log: Log): Promise<ReadSnapshot | undefined> {
  const snapshot = await journal.snapshot(account);
  if (snapshot === undefined) return undefined;
  try {
    return readSnapshotText(snapshot.text);
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    log.warn("a snapshot of the journal cannot be read, and is passed over", { account, why: error.message });
    return undefined;
  }
}

interface LateEvent {
  readonly record: EventRecord;
  /** By the exchange's clock; later than everything when it has no date. */
  readonly at: number;
}

function lateEvent(record: EventRecord, { transactAt, eventAt }: JournalEntry): LateEvent {
  return { record, at: transactAt ?? eventAt ?? Number.POSITIVE_INFINITY };
}

/** What is read while an account is opened. */
class Reading {
  readonly #journal: JournalReader;
  readonly #account: string;
  #standing = NOWHERE;
  #untold = copyUntold();
  /** Events of late, oldest first. */
  #late: LateEvent[] = [];

  constructor(journal: JournalReader, account: string) {
    this.#journal = journal;
    this.#account = account;
  }

  async reopened(snapshot: ReadSnapshot | undefined): Promise<Reopened> {
    const extent = await this.#journal.extent(this.#account);
    const mirror = snapshot?.mirror ?? new Mirror();
    this.#standing = snapshot?.standing ?? NOWHERE;
    this.#untold = snapshot?.untold ?? this.#untold;
    const start = Math.max(snapshot?.asOfSeq ?? 0, extent.firstSeq - 1);
    for (let cursor = start; cursor < extent.lastSeq; ) {
      const page = await this.#page(cursor);
      if (page.length === 0) break;
      for (const entry of page) this.#note(entry, mirror);
      cursor = page.at(-1)?.seq ?? extent.lastSeq;
    }
    // A certificate that proves nothing says 0. Before the first synced nothing is promised.
    const { completeUpTo, promisedSince } = this.#standing;
    const from = completeUpTo || promisedSince;
    await this.#readBack(start, extent.firstSeq, from);
    return {
      lastSeq: extent.lastSeq,
      isStopped: await this.#isStopped(extent),
      mirror,
      standing: this.#standing,
      known: snapshot?.known ?? (extent.lastSeq === 0 ? "nothing" : "part"),
      resume: extent.lastSeq === 0 ? undefined : this.#resume(mirror, extent.lastSeq, from),
    };
  }

  async #isStopped({ firstSeq, lastSeq }: Extent): Promise<boolean> {
    const [last] = lastSeq < firstSeq ? [] : await this.#page(lastSeq - 1);
    if (last?.kind !== "status") return false;
    const record = readRecordText(last.record);
    return record.kind === "status" && record.status === "stopped";
  }

  #note(entry: JournalEntry, mirror: Mirror): void {
    const record = readRecordText(entry.record);
    this.#standing = standingAfter(this.#standing, record);
    if (record.kind === "event") {
      mirror.applyRecord(record);
      noteHoldings(this.#untold, record.event, mirror, record.origin);
      this.#late.push(lateEvent(record, entry));
    } else if (record.kind === "repair") this.#forgetBefore(record.completeUpTo);
  }

  #forgetBefore(time: number): void {
    this.#late = this.#late.filter(({ at }) => at >= time - LATE_MAX_MS);
  }

  /** What the snapshot includes may have been told of late, too. */
  async #readBack(start: number, firstSeq: number, from: number | undefined): Promise<void> {
    if (from === undefined) return;
    this.#forgetBefore(from);
    for (let end = start; end >= firstSeq; ) {
      const since = Math.max(firstSeq - 1, end - PAGE_ENTRIES_MAX);
      const page = (await this.#page(since)).filter(({ seq }) => seq <= end);
      const late = page.flatMap((entry) => {
        const record: AccountRecord = readRecordText(entry.record);
        return record.kind === "event" ? [lateEvent(record, entry)] : [];
      });
      this.#late.unshift(...late);
      end = since;
      if (page.length === 0 || (late.length > 0 && late.every(({ at }) => at < from - LATE_MAX_MS))) break;
    }
    this.#forgetBefore(from);
  }

  async #page(since: number): Promise<readonly JournalEntry[]> {
    const answer = await this.#journal.read({ account: this.#account, since, limit: PAGE_ENTRIES_MAX });
    return answer.is === "page" ? answer.entries : [];
  }

  #resume(mirror: Mirror, seq: number, from: number | undefined): Resume {
    const { openGaps: gaps, promisedSince = from as TransactMs | undefined } = this.#standing;
    const told = this.#late.map(({ record }) => record.event);
    const before = { mirror, seq, told, untold: this.#untold, gaps };
    if (from === undefined || promisedSince === undefined) return { ...before, from: undefined };
    return { ...before, from: from as EventMs, lastTradeIds: this.#tradeIdsBefore(from), promisedSince };
  }

  /** Of each symbol the newest trade id dated before; none where that is not known. */
  #tradeIdsBefore(from: number): ReadonlyMap<string, Id64> {
    const ids = new Map(this.#standing.lastTradeIds);
    const fills = this.#late.flatMap(({ record }) => {
      const fill = fillOf(record);
      return fill === undefined ? [] : [{ ...fill, at: (record.event as { readonly T?: number }).T ?? 0 }];
    });
    for (const { symbol } of fills.filter(({ at }) => at >= from)) ids.delete(symbol);
    for (const { symbol, tradeId, at } of fills) {
      const known = ids.get(symbol);
      if (at < from && (known === undefined || compareIds(known, tradeId) < 0)) ids.set(symbol, tradeId);
    }
    return ids;
  }
}
