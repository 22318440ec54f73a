/** The clock of a simulated world: time stands still until the next alarm is rung. Pure. */
import { Heap } from "../src/kernel/heap.ts";
import type { Cancel, Clock } from "../src/kernel/ports.ts";
import type { MonotonicMs, WallMs } from "../src/kernel/scalars.ts";

interface Alarm {
  readonly at: number;
  /** Alarms of one moment ring in the order in which they were set. */
  readonly order: number;
  readonly why: string;
  readonly fire: () => void;
  isCancelled: boolean;
}

/** Virtual time: a heap of alarms. */
export class SimClock implements Clock {
  readonly #beganAt: number;
  readonly #alarms = new Heap<Alarm>(isBefore);
  #now = 0;
  #order = 0;
  #cancelledCount = 0;

  /** @param beganAt what the wall clock shows at first, in milliseconds since the Unix epoch */
  constructor(beganAt: number) {
    this.#beganAt = beganAt;
  }

  now(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  wall(): WallMs {
    return (this.#beganAt + Math.floor(this.#now)) as WallMs;
  }

  /** Alarms that are set and not cancelled. */
  get alarmCount(): number {
    return this.#alarms.count - this.#cancelledCount;
  }

  wake(at: MonotonicMs, why: string, fire: () => void): Cancel {
    const alarm: Alarm = { at: Math.max(at, this.#now), order: this.#order++, why, fire, isCancelled: false };
    this.#alarms.push(alarm);
    return () => {
      if (alarm.isCancelled) return;
      alarm.isCancelled = true;
      this.#cancelledCount++;
    };
  }

  /** Rings the next alarm, at its time. Returns why it was set; `undefined` when none is left. */
  ring(): string | undefined {
    for (let alarm = this.#alarms.pop(); alarm !== undefined; alarm = this.#alarms.pop()) {
      if (alarm.isCancelled) {
        this.#cancelledCount--;
        continue;
      }
      this.#now = alarm.at;
      // Cancelling an alarm that rang already does nothing.
      alarm.isCancelled = true;
      alarm.fire();
      return alarm.why;
    }
    return undefined;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
