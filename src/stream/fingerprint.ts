/**
 * What stands for the values that tell one thing from all others: 64 bits made of them. Pure.
 *
 * Equal values have equal fingerprints. That different ones do is a matter of chance: among {@link SEEN_MAX}
 * remembered ones a new one is taken for an old one once in 10^14 times, which is never. In return nothing is kept of
 * the values, and nothing is put together to look it up.
 */

/** 64 bits, as two integers of 32 bits with sign. */
export interface Fingerprint {
  readonly high: number;
  readonly low: number;
}

/** What may be told apart; `undefined` and `""` are one value. */
export type Value = string | number | boolean | undefined;

const HIGH_START = 0x3c6ef372;
const LOW_START = 0x1f83d9ab;
const HIGH_FACTOR = 0x2c1b3c6d;
const LOW_FACTOR = 0x297a2d39;
const CHARACTER_BITS = 16;
const WORD = 2 ** 32;

/** Makes one fingerprint after another, each of a list of values: the order counts, and so does where one ends. */
export class Fingerprinter {
  #high = HIGH_START;
  #low = LOW_START;

  /** The next value. Numbers are whole ones; those above 2^64 are not told apart. */
  add(value: Value): this {
    if (typeof value === "string") return this.#addText(value);
    if (typeof value === "number") return this.#addWord(value | 0).#addWord(Math.floor(value / WORD) | 0);
    return value === undefined ? this.#addWord(0) : this.#addWord(value ? 1 : 2);
  }

  /** The fingerprint of what was added since the last one. */
  take(): Fingerprint {
    const fingerprint = { high: this.#high ^ this.#low, low: this.#low };
    this.#high = HIGH_START;
    this.#low = LOW_START;
    return fingerprint;
  }

  #addText(text: string): this {
    const { length } = text;
    const pairsEnd = length - (length % 2);
    for (let i = 0; i < pairsEnd; i += 2) {
      this.#addWord(text.charCodeAt(i) | (text.charCodeAt(i + 1) << CHARACTER_BITS));
    }
    if (pairsEnd < length) this.#addWord(text.charCodeAt(pairsEnd));
    return this.#addWord(length);
  }

  /** Each step can be undone: of two fingerprints that differ none is made equal by what is added to both. */
  #addWord(word: number): this {
    const high = Math.imul(this.#high ^ word, HIGH_FACTOR);
    const low = Math.imul((this.#low ^ (this.#low >>> 13)) + word, LOW_FACTOR);
    this.#high = high ^ (high >>> 15);
    this.#low = low ^ (low >>> 16);
    return this;
  }
}

/** A fingerprint that was met for the `times`th time, as one of its own; the first time it is what it is. */
export function again({ high, low }: Fingerprint, times: number): Fingerprint {
  if (times === 1) return { high, low };
  return new Fingerprinter().add(high).add(low).add(times).take();
}

/** Fingerprints remembered at the most: two generations. */
export const SEEN_MAX = 32_768;

/** Slots at first. A quarter of them is empty at least. */
const SLOTS_MIN = 64;

/** A set of fingerprints, in one block of memory. */
export class FingerprintSet {
  /** Pairs of high and low; a low of 0 is an empty slot. */
  #slots = new Int32Array(2 * SLOTS_MIN);
  #size = 0;

  /** How many it has. */
  get size(): number {
    return this.#size;
  }

  /** Is it in the set? */
  has(fingerprint: Fingerprint): boolean {
    return this.#slots[this.#placeOf(fingerprint) + 1] !== 0;
  }

  /** Puts it in, once. */
  add(fingerprint: Fingerprint): void {
    const place = this.#placeOf(fingerprint);
    if (this.#slots[place + 1] !== 0) return;
    this.#slots[place] = fingerprint.high;
    this.#slots[place + 1] = filled(fingerprint.low);
    this.#size++;
    if (this.#size * 8 > this.#slots.length * 3) this.#grow();
  }

  /** Takes all out; the memory is kept. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /** Of the slot where it stands, or would. */
  #placeOf({ high, low }: Fingerprint): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    const wanted = filled(low);
    let place = (high << 1) & last;
    while (slots[place + 1] !== 0 && !(slots[place] === high && slots[place + 1] === wanted)) {
      place = (place + 2) & last;
    }
    return place;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = new Int32Array(2 * slots.length);
    for (let i = 0; i < slots.length; i += 2) {
      const [high, low] = [slots[i] as number, slots[i + 1] as number];
      if (low === 0) continue;
      const place = this.#placeOf({ high, low });
      this.#slots[place] = high;
      this.#slots[place + 1] = low;
    }
  }
}

/** 0 marks an empty slot. */
function filled(low: number): number {
  return low === 0 ? 1 : low;
}
