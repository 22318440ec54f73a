/** The time, for ages and countdowns: a signal that moves once a second while somebody looks. */
import { type Signal, signal } from "@preact/signals";

/** Milliseconds since 1970. */
export const now: Signal<number> = signal(Date.now());

/** Milliseconds of the page's monotonic clock, moved together with {@link now}. */
export const monotonicNow: Signal<number> = signal(performance.now());

setInterval(() => {
  if (document.hidden) return;
  now.value = Date.now();
  monotonicNow.value = performance.now();
}, 1_000);
