/** Gaps and what became of them, as episodes: certainty lost, and the certificate that ended it. Pure. */
import type { AccountRecord, GapRecord, RepairRecord } from "../../src/account/record.ts";

/** Episodes that are kept. */
const EPISODES_MAX = 500;

/** One of them. */
export interface Episode {
  /** Number of its first record. */
  readonly seq: number;
  /** Gaps that one certificate ended, oldest first; none when it only confirmed the snapshot of the start. */
  readonly gaps: readonly GapRecord[];
  /** `undefined` while the gap is open. */
  readonly repair: RepairRecord | undefined;
}

/** Gaps and repairs, in the order in which they were told. */
export class Episodes {
  #open: GapRecord[] = [];
  #ended: Episode[] = [];
  #lastSeq = 0;
  #toldSoFar = 0;

  /** Newest first; those that are still open before all others. */
  get list(): readonly Episode[] {
    const ended = [...this.#ended].reverse();
    const [first] = this.#open;
    return first === undefined ? ended : [{ seq: first.seq, gaps: this.#open, repair: undefined }, ...ended];
  }

  /** Gaps that no certificate has ended. */
  get open(): readonly GapRecord[] {
    return this.#open;
  }

  /** Events that were told from REST since certainty was lost. */
  get toldSoFar(): number {
    return this.#toldSoFar;
  }

  /** The next record; returns whether it is of interest here. */
  take(record: AccountRecord): boolean {
    if (record.seq <= this.#lastSeq) return false;
    this.#lastSeq = record.seq;
    if (record.kind === "gap") {
      if (this.#open.length === 0) this.#toldSoFar = 0;
      this.#open = [...this.#open, record];
    } else if (record.kind === "event" && record.origin === "repair") this.#toldSoFar++;
    else if (record.kind === "repair") this.#end(record);
    else return false;
    return true;
  }

  #end(repair: RepairRecord): void {
    const gaps = this.#open.filter(({ seq }) => repair.gaps.includes(seq));
    this.#open = this.#open.filter((gap) => !gaps.includes(gap));
    this.#ended.push({ seq: gaps[0]?.seq ?? repair.seq, gaps, repair });
    if (this.#ended.length > EPISODES_MAX) this.#ended.shift();
  }
}
