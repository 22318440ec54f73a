/**
 * A map that can be frozen at any moment for next to nothing. Pure.
 *
 *     base   what was known when it was last folded      shared by views, or written in place while no view has it
 *     delta  what has changed since                      small, so that copying it after a view is cheap
 *
 * A view takes both as they are. The first change after it copies the delta only, which is kept small by folding it
 * into a new base now and then: per change that is on average some tens of entries, however many there are.
 * While nobody takes views, changes go straight into the base. Order of iteration: that in which keys were first set.
 */

/** A delta that grew beyond this, or beyond a 32nd of the base, is folded. */
const DELTA_MIN = 24;

/** An immutable map of text to `V`. */
export class FrozenMap<V> implements ReadonlyMap<string, V> {
  readonly #base: ReadonlyMap<string, V>;
  /** `undefined` for a key that is gone. */
  readonly #delta: ReadonlyMap<string, V | undefined>;
  /** How many entries it has. */
  readonly size: number;

  constructor(base: ReadonlyMap<string, V>, delta: ReadonlyMap<string, V | undefined>, size: number) {
    this.#base = base;
    this.#delta = delta;
    this.size = size;
  }

  /** The value; `undefined` when there is none. */
  get(key: string): V | undefined {
    return this.#delta.size > 0 && this.#delta.has(key) ? this.#delta.get(key) : this.#base.get(key);
  }

  /** Is there such a key? */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** All entries, in the order in which their keys were first set. */
  *entries(): MapIterator<[string, V]> {
    const delta = this.#delta;
    for (const entry of this.#base) {
      const [key] = entry;
      if (!delta.has(key)) yield entry;
      else {
        const value = delta.get(key);
        if (value !== undefined) yield [key, value];
      }
    }
    for (const [key, value] of delta) if (value !== undefined && !this.#base.has(key)) yield [key, value];
  }

  /** All keys, in order. */
  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  /** All values, in the order of their keys. */
  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /** As {@link entries}. */
  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  /** Calls `visit` for each entry, in order. */
  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

/** The map behind the views. */
export class FactMap<V> {
  #base = new Map<string, V>();
  /** Empty as long as the base is not shared. */
  #delta = new Map<string, V | undefined>();
  /** Counted while the base is shared; before, it is that of the base. */
  #size = 0;
  /** The view of this state; `undefined` when there was a change since the last one. */
  #view: FrozenMap<V> | undefined;
  #isBaseShared = false;
  #isDeltaShared = false;

  /** The value; `undefined` when there is none. */
  get(key: string): V | undefined {
    if (this.#delta.size > 0) {
      const changed = this.#delta.get(key);
      if (changed !== undefined || this.#delta.has(key)) return changed;
    }
    return this.#base.get(key);
  }

  /** Sets it, whatever it was; the key keeps its place. One that was taken away comes back as the last. */
  set(key: string, value: V): void {
    this.#view = undefined;
    if (!this.#isBaseShared) return void this.#base.set(key, value);
    if (this.get(key) === undefined) {
      this.#size++;
      if (this.#delta.has(key)) this.#fold();
    }
    this.#write(key, value);
  }

  /** Takes it away, if it is there. */
  delete(key: string): void {
    if (!this.#isBaseShared) {
      if (this.#base.delete(key)) this.#view = undefined;
      return;
    }
    if (this.get(key) === undefined) return;
    this.#view = undefined;
    this.#size--;
    this.#write(key, undefined);
  }

  /** This state, for ever. The same object until something changes. */
  freeze(): FrozenMap<V> {
    if (this.#view === undefined) {
      if (!this.#isBaseShared) this.#size = this.#base.size;
      this.#view = new FrozenMap(this.#base, this.#delta, this.#size);
      this.#isBaseShared = true;
      this.#isDeltaShared = true;
    }
    return this.#view;
  }

  #write(key: string, value: V | undefined): void {
    if (!this.#isBaseShared) return void this.#base.set(key, value as V);
    if (this.#isDeltaShared) {
      this.#delta = new Map(this.#delta);
      this.#isDeltaShared = false;
    }
    this.#delta.set(key, value);
    if (this.#delta.size > DELTA_MIN + (this.#base.size >> 5)) this.#fold();
  }

  /** Makes a new base, which nobody shares. */
  #fold(): void {
    const base = new Map(this.#base);
    for (const [key, value] of this.#delta) {
      if (value === undefined) base.delete(key);
      else base.set(key, value);
    }
    this.#base = base;
    this.#delta = new Map();
    this.#isBaseShared = false;
    this.#isDeltaShared = false;
  }
}
