/** Things that are open first and end once: kept apart, the ended ones within a limit. Pure. */
import { FactMap, type FrozenMap } from "./fact-map.ts";

/** Open and ended things of one kind, by key. */
export class Register<V> {
  readonly #open = new FactMap<V>();
  readonly #ended = new FactMap<V>();
  /** Keys of the ended ones, the first to end first, from {@link #first} on. */
  #endedKeys: string[] = [];
  #first = 0;
  readonly #endedMax: number;

  constructor(endedMax: number) {
    this.#endedMax = endedMax;
  }

  /** Open or ended; `undefined` when there is none, or it is forgotten. */
  get(key: string): V | undefined {
    return this.#open.get(key) ?? this.#ended.get(key);
  }

  /** Puts it where it belongs. Beyond the limit, the one that ended first is forgotten. */
  put(key: string, value: V, hasEnded: boolean): void {
    if (!hasEnded) return this.#open.set(key, value);
    this.#open.delete(key);
    if (this.#ended.get(key) === undefined) this.#endedKeys.push(key);
    this.#ended.set(key, value);
    if (this.#ended.size > this.#endedMax) this.#forgetFirst();
  }

  /** The open ones, by key. */
  open(): FrozenMap<V> {
    return this.#open.freeze();
  }

  /** The ended ones that are remembered, by key; the first to end first. */
  ended(): FrozenMap<V> {
    return this.#ended.freeze();
  }

  #forgetFirst(): void {
    this.#ended.delete(this.#endedKeys[this.#first++] as string);
    if (this.#first <= this.#endedMax) return;
    this.#endedKeys = this.#endedKeys.slice(this.#first);
    this.#first = 0;
  }
}
