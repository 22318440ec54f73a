/** The door `listenkey`: the SDK. Importing it loads `ws` from outside, and `undici` with the first request. */
export type { AccountChange } from "./account/account-change.ts";
export { FINISHED_ORDERS_MAX } from "./account/account-state.ts";
export { AccountView } from "./account/account-view.ts";
export type * from "./account/facts.ts";
export type { FollowTiming } from "./account/follow-timing.ts";
export type { SyncHealth } from "./account/follower-deps.ts";
export type { Margin } from "./account/margin.ts";
export {
  type AccountRecord,
  type EventRecord,
  type GapRecord,
  isEvent,
  type RecordOf,
  type RepairedRecord,
  type RepairRecord,
  type StatusRecord,
  type StreamedRecord,
} from "./account/record.ts";
export { ReaderTooSlow } from "./account/record-queue.ts";
export type { RepairedEvent, RepairedEvents, RepairedName } from "./account/repaired-events.ts";
export {
  type AccountHealth,
  AccountStream,
  type AddressHealth,
  type StreamListeners,
} from "./account-stream.ts";
export { CursorLost, HubRefused } from "./hub/hub-errors.ts";
export type { HubLinkHealth } from "./hub/hub-link.ts";
export type { Known } from "./hub/known.ts";
export { HubClient, type HubClientOptions, type HubListeners, type KeptRecords } from "./hub-client.ts";
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
export type { RecordListeners, ToldEvents, ToldRecords } from "./record-listeners.ts";
export type { ClockHealth } from "./rest/venue-clock.ts";
export type { BudgetState } from "./rest/weight-budget.ts";
export type { Diagnosis, KeyHealth, LineHealth, Pause, StreamCounts, StreamHealth } from "./stream/health.ts";
export type { Redundancy } from "./stream/phases.ts";
export type { Timing } from "./stream/timing.ts";
export {
  type AccountStreamOptions,
  type AccountTiming,
  ENVIRONMENTS,
  type ExchangeUrls,
  TIMING,
} from "./stream-options.ts";
