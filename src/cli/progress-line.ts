/** A line that says how far something is, for a person who waits at a terminal. Pure: text out. */

/** Who has seen something new so lately needs no words. */
const PATIENCE_MS = 1_000;

/** A person reads no faster. */
const EVERY_MS = 100;

const WHOLE_LINE_AWAY = "\r\u001b[K";

/** What a progress line needs. */
export interface ProgressLineDeps {
  /** Writes to a terminal; `undefined` when there is none: then nothing is ever said. */
  readonly write: ((text: string) => void) | undefined;
  /** The terminal's width at this moment. */
  readonly columns: () => number;
  /** Milliseconds, of a clock that never steps back. */
  readonly now: () => number;
}

/** One line that is written over and over, once nothing else was written for a second. */
export class ProgressLine {
  readonly #deps: ProgressLineDeps;
  #from: number;
  #wanted = "";
  #shown = "";
  #shownAt = Number.NEGATIVE_INFINITY;

  /** The wait begins now. */
  constructor(deps: ProgressLineDeps) {
    this.#deps = deps;
    this.#from = deps.now();
  }

  /** Says how far it is; nothing more to say when empty. */
  show(text: string): void {
    this.#wanted = text;
    if (text === "") this.clear();
    else this.tick();
  }

  /** Called now and then: what was said too early is shown when it is time. */
  tick(): void {
    const { write, columns, now } = this.#deps;
    const at = now();
    if (write === undefined || this.#wanted === this.#shown) return;
    if (at - this.#from < PATIENCE_MS || at - this.#shownAt < EVERY_MS) return;
    this.#shownAt = at;
    this.#shown = this.#wanted;
    // In the last column some terminals begin a new line.
    write(`${WHOLE_LINE_AWAY}${this.#wanted.slice(0, Math.max(0, columns() - 1))}`);
  }

  /** Takes the line away, so that others may be written; it comes back below them, a second later. */
  clear(): void {
    this.#from = this.#deps.now();
    if (this.#shown === "") return;
    this.#shown = "";
    this.#deps.write?.(WHOLE_LINE_AWAY);
  }
}

/** `"verified 12,000 of 40,000 entries, 30 %"`; without an end `"exported 12,000 entries"`. */
export function progressText(done: string, entries: number, all?: number): string {
  const count = entries.toLocaleString("en");
  if (all === undefined || all < entries || all === 0) return `${done} ${count} entries`;
  return `${done} ${count} of ${all.toLocaleString("en")} entries, ${Math.floor((100 * entries) / all)} %`;
}

/** Told while a kept paper venue is brought back. */
export function replayText(share: number): string {
  return `bringing the paper exchange back to where it was, ${Math.floor(100 * share)} %`;
}
