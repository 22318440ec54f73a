/** Records, pulled by one reader at its own pace. Pure. */
import { ListenkeyError } from "../kernel/errors.ts";
import type { AccountRecord } from "./record.ts";

/** Records that wait for one reader at the most, unless it asks for another bound. */
export const WAITING_MAX = 10_000;

/** A reader fell so far behind that its queue was full. The stream itself goes on, and so do all other readers. */
export class ReaderTooSlow extends ListenkeyError {
  readonly code = "READER_TOO_SLOW";
  /** The last record the reader can still get is the one before this. */
  readonly nextSeq: number;

  constructor(nextSeq: number, waitingMax: number) {
    super(`records(): expected the reader to keep up, found ${waitingMax} records waiting before seq ${nextSeq}`, {
      origin: "caller",
      retryable: false,
      remedy: "Do less in the loop, or ask for a larger bound: records({ waitingMax }).",
    });
    this.nextSeq = nextSeq;
  }
}

/** The queue between a stream and one reader. Ends with the stream, or with {@link ReaderTooSlow} after what fits. */
export class RecordQueue implements AsyncIterableIterator<AccountRecord> {
  readonly #waitingMax: number;
  readonly #onReturn: () => void;
  readonly #waiting: AccountRecord[] = [];
  /** Calls of `next()` that wait, first come first served. */
  readonly #readers: ((result: IteratorResult<AccountRecord>) => void)[] = [];
  #end: { readonly error?: ReaderTooSlow } | undefined;

  /** @param onReturn called when nobody will pull any more */
  constructor(waitingMax: number, onReturn: () => void) {
    this.#waitingMax = waitingMax;
    this.#onReturn = onReturn;
  }

  /** Puts one record at the end. */
  push(record: AccountRecord): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: record });
    } else if (this.#waiting.length < this.#waitingMax) {
      this.#waiting.push(record);
    } else {
      this.#end = { error: new ReaderTooSlow(record.seq, this.#waitingMax) };
      this.#onReturn();
    }
  }

  /** No more records will come. */
  end(): void {
    this.#end ??= {};
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  /** The next record, when there is one; calls made before are answered first. @throws {ReaderTooSlow} */
  next(): Promise<IteratorResult<AccountRecord>> {
    const record = this.#waiting.shift();
    if (record !== undefined) return Promise.resolve({ done: false, value: record });
    if (this.#end?.error !== undefined) {
      const { error } = this.#end;
      this.#end = {};
      return Promise.reject(error);
    }
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** The reader leaves (a `break` in its loop). */
  return(): Promise<IteratorResult<AccountRecord>> {
    this.#waiting.length = 0;
    this.end();
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
