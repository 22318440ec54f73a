/**
 * A reader that keeps what it is told, as a journal does, so that a program can take over from one that died: the
 * records, and a mirror as it was at the last certificate. Pure.
 */
import type { Resume } from "../src/account/follower-deps.ts";
import type { UntoldFacts } from "../src/account/matter.ts";
import type { Mirror } from "../src/account/mirror.ts";
import type { AccountRecord, EventRecord, RepairRecord } from "../src/account/record.ts";
import { compareIds } from "../src/kernel/digits.ts";
import type { EventMs, Id64, TransactMs } from "../src/kernel/scalars.ts";
import type { UserDataEvent } from "../src/protocol/user-data-event.ts";

/** Events that are dated so long before a certificate's end may still matter to who resumes. */
const KEPT_BEFORE_MS = 60_000;

/** What can be copied of a follower at the moment of a certificate. */
export interface Kept {
  copyMirror(): Mirror;
  readonly untold: UntoldFacts;
}

interface Certified {
  readonly mirror: Mirror;
  readonly untold: UntoldFacts;
  readonly seq: number;
  readonly completeUpTo: TransactMs;
}

/** Keeps the records of one account. */
export class Reader {
  #certified: Certified | undefined;
  #promisedSince: TransactMs | undefined;
  /** Those dated since a little before the last certificate's end. */
  #events: EventRecord[] = [];
  #lastTradeIds = new Map<string, Id64>();
  #gaps: number[] = [];
  #seq = 0;

  /** Takes the next record. */
  take(record: AccountRecord, follower: Kept): void {
    this.#seq = record.seq;
    if (record.kind === "event") this.#events.push(record);
    else if (record.kind === "gap") this.#gaps.push(record.seq);
    else if (record.kind === "repair") this.#certify(record, follower);
  }

  #certify({ seq, gaps, completeUpTo }: RepairRecord, follower: Kept): void {
    this.#gaps = this.#gaps.filter((gap) => !gaps.includes(gap));
    this.#promisedSince ??= completeUpTo;
    this.#certified = { seq, completeUpTo, mirror: follower.copyMirror(), untold: follower.untold };
    for (const { event } of this.#events) if (dateOf(event) <= completeUpTo) this.#noteFill(event as UserDataEvent);
    this.#events = this.#events.filter(({ event }) => dateOf(event) > completeUpTo - KEPT_BEFORE_MS);
  }

  #noteFill(event: UserDataEvent): void {
    if (event.e !== "ORDER_TRADE_UPDATE") return;
    const { s, t, x } = (event as Extract<UserDataEvent, { e: "ORDER_TRADE_UPDATE" }>).o;
    if (x !== "TRADE" && x !== "CALCULATED") return;
    const known = this.#lastTradeIds.get(s);
    if (known === undefined || compareIds(t, known) > 0) this.#lastTradeIds.set(s, t);
  }

  /** What a program takes over with; `undefined` before the first certificate. */
  get resume(): Resume | undefined {
    if (this.#certified === undefined) return undefined;
    const { seq, completeUpTo, mirror, untold } = this.#certified;
    const now = mirror.copy();
    for (const record of this.#events) {
      if (record.seq > seq) now.apply(record.event as UserDataEvent, record.origin);
    }
    const promised = this.#promisedSince;
    return {
      mirror: now,
      untold,
      seq: this.#seq,
      from: completeUpTo as number as EventMs,
      told: this.#events.map(({ event }) => event),
      lastTradeIds: new Map(this.#lastTradeIds),
      gaps: [...this.#gaps],
      ...(promised === undefined ? {} : { promisedSince: promised }),
    };
  }
}

/** By the exchange's clock; what has no date is young. */
function dateOf(event: EventRecord["event"]): number {
  const { T, E } = event as { readonly T?: number; readonly E?: number };
  return T ?? E ?? Number.MAX_SAFE_INTEGER;
}
