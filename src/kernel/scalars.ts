/**
 * The words the whole system is written in. A number or a string that crosses a room boundary wears one of these
 * names: the name carries the unit, the clock and the sign. At run time they are plain strings and numbers.
 */

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Milliseconds since the Unix epoch, **the exchange's** clock: when the matching engine made the change (`T`). */
export type TransactMs = Brand<number, "TransactMs">;

/**
 * Milliseconds since the Unix epoch, **the exchange's** clock: when the message was generated (`E`). Not a
 * {@link TransactMs}.
 */
export type EventMs = Brand<number, "EventMs">;

/** Milliseconds on **our** monotonic clock. Only differences mean anything, and none across a restart. */
export type MonotonicMs = Brand<number, "MonotonicMs">;

/** Milliseconds since the Unix epoch, **our** wall clock. It can step; never subtract two of them to get a duration. */
export type WallMs = Brand<number, "WallMs">;

/** An exact decimal in the notation it came in (`"-0.00100000"`). Compare by value, never as text; never a float. */
export type Decimal = Brand<string, "Decimal">;

/** A 64-bit integer in its decimal digits. A `number` would lose the last three of `8389765489680951453`. */
export type Id64 = Brand<string, "Id64">;

/** The bearer secret that names one user data stream, 64 alphanumerics. Never logged whole: {@link redact} it. */
export type ListenKey = Brand<string, "ListenKey">;

/** `"abcd…"`: enough to tell two secrets apart in a log, not enough to use one. `"…"` when it is too short for that. */
export function redact(secret: string): string {
  return secret.length < 16 ? "…" : `${secret.slice(0, 4)}…`;
}

/** A message that is generated at the very time of what it tells. */
export function asEventMs(time: TransactMs): EventMs {
  return time as number as EventMs;
}

/** `at + ms` on the same clock. The only way to make a deadline. */
export function after<T extends MonotonicMs | WallMs>(at: T, ms: number): T {
  return (at + ms) as T;
}
