/** The ports of a stream. Types only. Pure. */
import type { ListenkeyError } from "../kernel/errors.ts";
import type { Clock, Dialer, Log, Random } from "../kernel/ports.ts";
import type { EventMs, ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import type { ListenKeyService } from "../protocol/listen-key-service.ts";
import type { Redundancy } from "./phases.ts";
import type { Timing } from "./timing.ts";
import type { StreamTold } from "./told.ts";

/** What a stream needs of the world. */
export interface StreamDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly keys: ListenKeyService;
  readonly log: Log;
  readonly timing: Timing;
  /** Lines at any time: with 2 of them, one may die without a gap. */
  readonly redundancy: Redundancy;
  /** How log lines call the account. */
  readonly account: string;
  /** The URL that delivers a key's events, raw or combined. */
  readonly urlOf: (key: ListenKey) => string;
  /** Takes each event, gap and status, in order. It must not throw. */
  readonly tell: (told: StreamTold) => void;
  /** Takes `E` of each event that comes in, copies too, and when it came: what it says about the exchange's clock. */
  readonly dated?: (eventTime: EventMs, at: MonotonicMs) => void;
  /** The health is worth looking at again. */
  readonly changed: () => void;
  /** Takes an error that no retry can mend (a wrong API key), before the first `live` only. The stream is stopped. */
  readonly failed: (error: ListenkeyError) => void;
}
