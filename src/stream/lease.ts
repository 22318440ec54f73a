/**
 * A listenKey, until when it is surely valid, and when it is renewed. Pure.
 *
 * L5: renewal follows a deadline, not an interval, and its retries stay inside the remaining validity.
 */
import { fullJitter } from "../kernel/jitter.ts";
import type { Random } from "../kernel/ports.ts";
import { after, type ListenKey, type MonotonicMs } from "../kernel/scalars.ts";
import type { Timing } from "./timing.ts";

/** Where the renewal of a lease stands. */
export type Renewal =
  | { readonly stage: "due"; readonly at: MonotonicMs; readonly failures: number }
  | { readonly stage: "asked"; readonly askedAt: MonotonicMs; readonly failures: number };

/** A key and its validity. */
export interface Lease {
  readonly key: ListenKey;
  /** When it was first asked for. */
  readonly heldSince: MonotonicMs;
  /** Counted from when the grant or renewal was *asked for*: the exchange counts from a little later. */
  readonly validUntil: MonotonicMs;
  readonly renewal: Renewal;
}

/**
 * The lease of a key that was asked for at `askedAt` and granted or renewed since.
 * @param before what was held until then: of the same key, perhaps
 */
export function leaseOf(key: ListenKey, askedAt: MonotonicMs, timing: Timing, before?: Lease): Lease {
  return {
    key,
    heldSince: before?.key === key ? before.heldSince : askedAt,
    validUntil: after(askedAt, timing.keyValidMs),
    renewal: { stage: "due", at: after(askedAt, timing.renewAfterMs), failures: 0 },
  };
}

/** The lease while its renewal is under way. */
export function renewing(lease: Lease, now: MonotonicMs): Lease {
  return { ...lease, renewal: { stage: "asked", askedAt: now, failures: lease.renewal.failures } };
}

/**
 * The lease when somebody doubts that the key is alive: renewed sooner, but not sooner than `doubtRestMs` after it was
 * last asked for. A renewal that is under way answers the doubt; one that failed has its own time to be tried again.
 */
export function doubted(lease: Lease, { now, timing }: { readonly now: MonotonicMs; readonly timing: Timing }): Lease {
  const { renewal } = lease;
  if (renewal.stage === "asked" || renewal.failures > 0) return lease;
  const soonest = Math.max(now, restedAt(lease, timing)) as MonotonicMs;
  return soonest < renewal.at ? { ...lease, renewal: { ...renewal, at: soonest } } : lease;
}

/** From when on a renewal that somebody wants sooner than it is due may be asked for. */
function restedAt({ validUntil }: Lease, { doubtRestMs, keyValidMs }: Timing): MonotonicMs {
  return after(validUntil, doubtRestMs - keyValidMs);
}

/**
 * The lease after a renewal that failed, or a grant in its place, with the next attempt: after a random wait that
 * doubles, never longer than half of what is left of the validity, but never at once, not within `doubtRestMs` of the
 * last one that succeeded, and never before the exchange wants to hear from us again.
 */
export function renewLater(
  lease: Lease,
  waitMs: number | undefined,
  { now, random, timing }: { readonly now: MonotonicMs; readonly random: Random; readonly timing: Timing },
): Lease {
  const { failures } = lease.renewal;
  const leftMs = Math.max(0, lease.validUntil - now);
  const jitteredMs = fullJitter(random, failures, { firstMs: timing.renewRetryMs, maxMs: timing.renewRetryMaxMs });
  const ownMs = Math.min(jitteredMs, leftMs / 2);
  const restMs = restedAt(lease, timing) - now;
  const at = after(now, Math.max(ownMs, timing.renewRetryMinMs, restMs, waitMs ?? 0));
  return { ...lease, renewal: { stage: "due", at, failures: failures + 1 } };
}
