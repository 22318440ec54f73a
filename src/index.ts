/** The door `listenkey`: the SDK. Importing it loads `ws` from outside, and `undici` with the first request. */
export {
  AccountStream,
  type AddressHealth,
  type StreamListeners,
} from "./account-stream.ts";
export {
  InvariantViolation,
  ListenkeyError,
  NetworkError,
  type Origin,
  RateLimited,
  StorageError,
  UsageError,
  VenueRejected,
  WireFormatError,
} from "./kernel/errors.ts";
export type { Log, LogFields, StopSignal } from "./kernel/ports.ts";
export type { Decimal, EventMs, Id64, ListenKey, MonotonicMs, TransactMs, WallMs } from "./kernel/scalars.ts";
export type { Novelty } from "./protocol/codec.ts";
export type { EventName, KnownEvent, UnknownEvent, UserDataEvent, UserDataEvents } from "./protocol/user-data-event.ts";
export type { ClockHealth } from "./rest/venue-clock.ts";
export type { BudgetState } from "./rest/weight-budget.ts";
export type { Diagnosis, KeyHealth, LineHealth, Pause, StreamCounts, StreamHealth } from "./stream/health.ts";
export type { Redundancy } from "./stream/phases.ts";
export type { EventRecord, GapRecord, StatusRecord, StreamRecord } from "./stream/record.ts";
export { ReaderTooSlow } from "./stream/record-queue.ts";
export { TIMING, type Timing } from "./stream/timing.ts";
export { type AccountStreamOptions, ENVIRONMENTS, type ExchangeUrls } from "./stream-options.ts";
