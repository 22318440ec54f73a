/**
 * Socket effects that are held back for a while. On each socket they come out in the order in which they went in,
 * however long each was to be held. Pure; venue time.
 */
import type { EffectSink, SessionEffect, SessionId } from "../../face/session-effect.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Timers } from "../exchange/timers.ts";

/** Effects that may be held at a time, on all sockets together. */
const HELD_EFFECTS_MAX = 100_000;

interface Queue {
  count: number;
  /** When the last of them comes out. */
  lastAt: TransactMs;
}

/** All effects that are held back. */
export class HeldEffects {
  readonly #timers: Timers;
  readonly #release: EffectSink;
  readonly #queues = new Map<SessionId, Queue>();
  #count = 0;

  constructor(timers: Timers, release: EffectSink) {
    this.#timers = timers;
    this.#release = release;
  }

  /** Is something held for this socket? Then nothing may overtake it. */
  holds(session: SessionId): boolean {
    return this.#queues.has(session);
  }

  /** Holds an effect until a time, or until what was held before it is out. `false`: there is no room. */
  hold(effect: SessionEffect, until: TransactMs): boolean {
    if (this.#count >= HELD_EFFECTS_MAX) return false;
    const queue = this.#queues.get(effect.session) ?? { count: 0, lastAt: until };
    this.#queues.set(effect.session, queue);
    queue.count++;
    this.#count++;
    queue.lastAt = Math.max(until, queue.lastAt) as TransactMs;
    this.#timers.set(queue.lastAt, "a frame was held back", () => {
      this.#count--;
      queue.count--;
      if (queue.count === 0) this.#queues.delete(effect.session);
      this.#release(effect);
    });
    return true;
  }
}
