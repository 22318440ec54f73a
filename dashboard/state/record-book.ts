/** The records that the page has at hand: one stretch of them, without holes, that grows at both ends. Pure. */
import type { AccountRecord } from "../../src/account/record.ts";

/** So many are kept; what is older is read from the hub again when it is looked for. */
const RECORDS_MAX = 20_000;

/** Over the bound, so many go at once. */
const DROPPED_AT_ONCE = 2_000;

/** A stretch of records. */
export class RecordBook {
  #records: AccountRecord[] = [];

  /** Oldest first, contiguous. Changes as it grows. */
  get records(): readonly AccountRecord[] {
    return this.#records;
  }

  /** `seq` of the oldest; `undefined` when there is none. */
  get oldestSeq(): number | undefined {
    return this.#records[0]?.seq;
  }

  /** The next one. One that does not follow begins a new stretch. */
  add(record: AccountRecord): void {
    const last = this.#records.at(-1)?.seq;
    if (last !== undefined && record.seq !== last + 1) this.#records = [];
    this.#records.push(record);
    if (this.#records.length > RECORDS_MAX + DROPPED_AT_ONCE) this.#records.splice(0, DROPPED_AT_ONCE);
  }

  /** A page of older ones, oldest first: what reaches up to the stretch is put before it. */
  addOlder(page: readonly AccountRecord[]): void {
    const first = this.oldestSeq;
    const older = first === undefined ? page : page.filter(({ seq }) => seq < first);
    if (older.length === 0 || (first !== undefined && older.at(-1)?.seq !== first - 1)) return;
    this.#records = [...older, ...this.#records];
  }
}
