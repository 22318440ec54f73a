/**
 * Deadlines of one kind, each set the same time ahead, so that the order of setting is the order of falling due: a
 * queue, where setting, cancelling and looking at the next cost the same for one as for ten thousand. Pure.
 */

/** One deadline per key, on one clock. */
export class DeadlineQueue<Key, At extends number> {
  /** In the order of falling due. */
  readonly #at = new Map<Key, At>();
  /** Stands behind the first. It is kept, because a new one would step over every deadline that was taken or moved. */
  #cursor = this.#at.entries();
  #first: readonly [key: Key, at: At] | undefined;
  #latest: At | undefined;

  /** Sets the key's deadline, in place of the one it had. One that lies before the latest set so far is moved to it. */
  set(key: Key, at: At): void {
    this.cancel(key);
    if (this.#latest === undefined || at > this.#latest) this.#latest = at;
    this.#at.set(key, this.#latest);
    if (this.#first !== undefined) return;
    this.#cursor = this.#at.entries();
    this.#first = this.#cursor.next().value;
  }

  /** Takes the key's deadline back, if it has one. */
  cancel(key: Key): void {
    if (this.#at.delete(key) && this.#first?.[0] === key) this.#first = this.#cursor.next().value;
  }

  /** The earliest deadline; `undefined` when none is set. */
  next(): At | undefined {
    return this.#first?.[1];
  }

  /** Takes the key whose deadline is the earliest, if that is at or before `now`. */
  takeDue(now: At): Key | undefined {
    if (this.#first === undefined || this.#first[1] > now) return undefined;
    const [key] = this.#first;
    this.cancel(key);
    return key;
  }
}
