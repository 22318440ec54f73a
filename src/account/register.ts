/**
 * Things that are open first and end once: kept apart, the ended ones within a limit. Pure.
 *
 * Most events are followed by another one before anybody takes a view. So events change cells only; what they touched
 * is written into the maps of the views when one is taken.
 */
import { FactMap, type FrozenMap } from "./fact-map.ts";

/** When so much was touched since the last view, the maps of the next one are made anew. */
const TOUCHED_MAX = 512;

/** Where something is kept, and what it is called in views. */
export interface Place {
  readonly group: string;
  /** Unique within its group. */
  readonly id: string;
  readonly key: string;
}

interface Cell<V> {
  /** Counts cells: in which order things were first told of. */
  readonly serial: number;
  value: V;
  life: "open" | "ended" | "forgotten";
  isTouched: boolean;
}

/** Open and ended things of one kind. Ids are unique within a group. */
export class Register<V> {
  readonly #endedMax: number;
  readonly #placeOf: (value: V) => Place;
  readonly #groups = new Map<string, Map<string, Cell<V>>>();
  #count = 0;
  /** The ended ones, the first to end first, from {@link #firstEnded} on. */
  #endedCells: Cell<V>[] = [];
  #firstEnded = 0;

  // The maps of the views, and what they do not know yet.
  #open = new FactMap<V>();
  #ended = new FactMap<V>();
  #touched: Cell<V>[] = [];
  #newlyEnded: Cell<V>[] = [];
  #newlyForgotten: Cell<V>[] = [];
  #isAnew = false;

  /** @param endedMax how many ended ones are remembered */
  constructor(endedMax: number, placeOf: (value: V) => Place) {
    this.#endedMax = endedMax;
    this.#placeOf = placeOf;
  }

  /** Open or ended; `undefined` when there is none, or it is forgotten. */
  get(group: string, id: string): V | undefined {
    return this.#groups.get(group)?.get(id)?.value;
  }

  /** Puts it where it belongs. What has ended stays so. Beyond the limit, the one that ended first is forgotten. */
  put(group: string, id: string, value: V, hasEnded: boolean): void {
    let cells = this.#groups.get(group);
    if (cells === undefined) {
      cells = new Map();
      this.#groups.set(group, cells);
    }
    let cell = cells.get(id);
    if (cell === undefined) {
      cell = { serial: this.#count++, value, life: "open", isTouched: false };
      cells.set(id, cell);
    } else cell.value = value;
    if (!this.#isAnew && !cell.isTouched) this.#touch(cell);
    if (hasEnded && cell.life === "open") this.#end(cell);
  }

  /** Forgets an open one. What has ended is forgotten by and by. */
  forget(group: string, id: string): void {
    const cell = this.#groups.get(group)?.get(id);
    if (cell?.life !== "open") return;
    cell.life = "forgotten";
    this.#groups.get(group)?.delete(id);
    if (this.#isAnew) return;
    this.#newlyForgotten.push(cell);
    if (!cell.isTouched) this.#touch(cell);
  }

  /** Puts everything into another, empty register: it is kept apart from now on. */
  copyTo(other: Register<V>): void {
    const put = (value: V, hasEnded: boolean) => {
      const { group, id } = this.#placeOf(value);
      other.put(group, id, value, hasEnded);
    };
    for (const value of this.ended().values()) put(value, true);
    for (const value of this.open().values()) put(value, false);
  }

  /** The open ones, by key, in the order in which they were first told of. */
  open(): FrozenMap<V> {
    this.#write();
    return this.#open.freeze();
  }

  /** The ended ones that are remembered, by key; the first to end first. */
  ended(): FrozenMap<V> {
    this.#write();
    return this.#ended.freeze();
  }

  #touch(cell: Cell<V>): void {
    cell.isTouched = true;
    this.#touched.push(cell);
    if (this.#touched.length > TOUCHED_MAX) this.#isAnew = true;
  }

  #end(cell: Cell<V>): void {
    cell.life = "ended";
    this.#endedCells.push(cell);
    if (!this.#isAnew) this.#newlyEnded.push(cell);
    if (this.#endedCells.length - this.#firstEnded > this.#endedMax) this.#forgetFirst();
  }

  #forgetFirst(): void {
    const cell = this.#endedCells[this.#firstEnded++] as Cell<V>;
    const { group, id } = this.#placeOf(cell.value);
    cell.life = "forgotten";
    this.#groups.get(group)?.delete(id);
    if (!this.#isAnew) this.#newlyForgotten.push(cell);
    if (this.#firstEnded <= this.#endedMax) return;
    this.#endedCells = this.#endedCells.slice(this.#firstEnded);
    this.#firstEnded = 0;
  }

  /** Brings the maps up to date. */
  #write(): void {
    if (this.#isAnew) this.#writeAnew();
    else if (this.#touched.length > 0) this.#writeTouched();
    else return;
    for (const cell of this.#touched) cell.isTouched = false;
    this.#touched = [];
    this.#newlyEnded = [];
    this.#newlyForgotten = [];
  }

  #writeTouched(): void {
    for (const cell of this.#newlyForgotten) {
      this.#open.delete(this.#keyOf(cell));
      this.#ended.delete(this.#keyOf(cell));
    }
    for (const cell of this.#newlyEnded) {
      if (cell.life === "forgotten") continue;
      this.#open.delete(this.#keyOf(cell));
      this.#ended.set(this.#keyOf(cell), cell.value);
    }
    for (const cell of this.#touched) {
      const map = cell.life === "open" ? this.#open : this.#ended;
      if (cell.life !== "forgotten" && map.get(this.#keyOf(cell)) !== cell.value) {
        map.set(this.#keyOf(cell), cell.value);
      }
    }
  }

  #writeAnew(): void {
    this.#isAnew = false;
    this.#open = new FactMap();
    this.#ended = new FactMap();
    const cells = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    for (const cell of cells.sort((a, b) => a.serial - b.serial)) {
      if (cell.life === "open") this.#open.set(this.#keyOf(cell), cell.value);
    }
    for (const cell of this.#endedCells.slice(this.#firstEnded)) this.#ended.set(this.#keyOf(cell), cell.value);
  }

  #keyOf({ value }: Cell<V>): string {
    return this.#placeOf(value).key;
  }
}
