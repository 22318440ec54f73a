/** The records of a book that a person wants to see, kept up as the book grows. Pure. */
import type { AccountRecord } from "../../src/account/record.ts";
import type { RecordBook } from "./record-book.ts";

/** Keeps what passes, without looking at a record twice. */
export class RecordList {
  readonly #book: RecordBook;
  readonly #passes: (record: AccountRecord) => boolean;
  #kept: AccountRecord[] = [];
  #from = Number.POSITIVE_INFINITY;
  #to = -1;

  constructor(book: RecordBook, passes: (record: AccountRecord) => boolean) {
    this.#book = book;
    this.#passes = passes;
  }

  /** Oldest first, as of now. */
  get records(): readonly AccountRecord[] {
    const all = this.#book.records;
    const [first, last] = [all[0]?.seq, all.at(-1)?.seq];
    if (first === undefined || last === undefined) return [];
    if (first > this.#to + 1 || last < this.#to) this.#begin(first);
    if (first < this.#from) {
      this.#kept = [...all.slice(0, this.#from - first).filter(this.#passes), ...this.#kept];
    } else if (first > this.#from) {
      const gone = this.#kept.findIndex(({ seq }) => seq >= first);
      this.#kept.splice(0, gone === -1 ? this.#kept.length : gone);
    }
    this.#from = first;
    for (let index = this.#to + 1 - first; index < all.length; index++) {
      const record = all[index];
      if (record !== undefined && this.#passes(record)) this.#kept.push(record);
    }
    this.#to = last;
    return this.#kept;
  }

  #begin(first: number): void {
    this.#kept = [];
    this.#from = first;
    this.#to = first - 1;
  }
}
