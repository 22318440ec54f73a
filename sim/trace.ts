/** What happened in a run: the last lines of the story for people, a digest of all of them for comparing. Pure. */
import type { SimClock } from "./sim-clock.ts";

/** Lines kept for the story of a failing run. */
const KEPT_LINES = 400;

/** The story of one run. Equal seeds give equal digests (L11). */
export class Trace {
  readonly #clock: SimClock;
  readonly #lines: string[] = [];
  #count = 0;
  #low = 0x811c9dc5;
  #high = 0x1000193;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** Writes one line, dated by virtual time. */
  say(line: string): void {
    const dated = `${duration(this.#clock.now())} ${line}`;
    this.#count++;
    for (let i = 0; i < dated.length; i++) {
      this.#low = Math.imul(this.#low ^ dated.charCodeAt(i), 0x01000193) >>> 0;
      this.#high = Math.imul(this.#high + dated.charCodeAt(i), 0x85ebca6b) >>> 0;
    }
    this.#lines.push(dated);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines.splice(0, KEPT_LINES);
  }

  /** The last lines, oldest first. */
  get story(): readonly string[] {
    return this.#lines.slice(-KEPT_LINES);
  }

  /** Lines so far, and a digest over all of them. */
  get digest(): string {
    return `${this.#count}:${hex(this.#high)}${hex(this.#low)}`;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

/** `26:03:59.250` */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
}
