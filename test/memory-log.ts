/** A log in memory, for venues that outlive themselves in a test. */
import type { TransactMs } from "../src/kernel/scalars.ts";
import type { KeptVenue, LogEntry } from "../src/venue/keeping/venue-log.ts";

/** What one venue has written down. */
export class MemoryLog {
  readonly openedAt: TransactMs;
  /** Committed or not. */
  readonly entries: LogEntry[] = [];
  reached: TransactMs;
  /** When it is set, the disk fails. */
  failure: Error | undefined;

  constructor(openedAt: number) {
    this.openedAt = openedAt as TransactMs;
    this.reached = this.openedAt;
  }

  /** A venue that goes on from what is in `before`, and writes here. New when that is absent. */
  kept(before?: MemoryLog): KeptVenue {
    return {
      openedAt: this.openedAt,
      entries: before?.entries ?? [],
      reached: before?.reached ?? this.openedAt,
      log: {
        append: (entry) => void this.entries.push(entry),
        reached: (time) => {
          this.reached = time;
        },
        commit: () => {
          if (this.failure !== undefined) throw this.failure;
        },
      },
    };
  }
}
