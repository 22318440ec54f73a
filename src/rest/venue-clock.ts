/**
 * The exchange's clock, as well as it can be known from here. Pure. Shared by whatever signs and whatever hears events.
 *
 * Its time is asked for before the first signed call, every half an hour, when our own clock stepped (the machine may
 * have slept), and when an event is dated later than the estimate allows. An event gives a bound on one side only: how
 * long it was on its way, nobody knows.
 */
import { ListenkeyError } from "../kernel/errors.ts";
import type { Cancel, Clock } from "../kernel/ports.ts";
import { after, type MonotonicMs, type TransactMs } from "../kernel/scalars.ts";
import { ClockOffset } from "./clock-offset.ts";

/** What the clock needs of the world. */
export interface VenueClockDeps {
  readonly clock: Clock;
  /** Asks for the exchange's time, in milliseconds since the Unix epoch: one attempt. */
  readonly askTime: () => Promise<number>;
}

/** How well the exchange's time is known. */
export interface ClockHealth {
  /** `exchange clock − our wall clock`; 0 until it was asked for. */
  readonly offsetMs: number;
  /** It is wrong by so much at the most; `undefined` until it was asked for. */
  readonly uncertaintyMs: number | undefined;
  /** Since it was last asked for with success. */
  readonly lastSyncedAgoMs: number | undefined;
  /** How often our wall clock jumped against our monotonic one: it was set, or the machine slept. */
  readonly steps: number;
}

/** From one good answer to the next question. Weight 1. */
export const SYNC_EVERY_MS = 30 * 60_000;
/** The same, while the best answer is uncertain by more than `COARSE_MS`: the first one pays for the handshake. */
const COARSE_EVERY_MS = 60_000;
const COARSE_MS = 250;
/** From one question to the next, whatever doubts there are. */
export const SYNC_REST_MS = 5_000;
/** A jump of the wall clock beyond this is a step; below it NTP slews, or the machine is slow. */
export const STEP_MIN_MS = 250;
/** The servers that date events and the one that names the time may differ by so much. *Assumed.* */
const SERVERS_APART_MS = 50;

/** The exchange's clock. */
export class VenueClock {
  readonly #deps: VenueClockDeps;
  readonly #offset = new ClockOffset();
  #wallAheadMs: number;
  #steps = 0;
  #isKept = false;
  #isDoubted = true;
  #askedAt: MonotonicMs | undefined;
  #syncedAt: MonotonicMs | undefined;
  /** Questions in a row without an answer. */
  #failures = 0;
  #syncing: Promise<void> | undefined;
  #cancelWake: Cancel = () => {};

  constructor(deps: VenueClockDeps) {
    this.#deps = deps;
    this.#wallAheadMs = this.#wallAhead();
  }

  /** The exchange's time at this moment; our own until it was asked for. */
  now(): TransactMs {
    const { clock } = this.#deps;
    this.#look();
    const estimate = this.#offset.at(clock.now());
    const ms = estimate === undefined ? clock.wall() : Math.floor(clock.now() + estimate.offsetMs);
    return ms as TransactMs;
  }

  /** From now on the estimate is kept fresh, until {@link rest}. Does nothing the second time. */
  keep(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#syncSoon();
  }

  /** Ends {@link keep}: no alarm is left. */
  rest(): void {
    this.#isKept = false;
    this.#cancelWake();
  }

  /**
   * Resolves when the estimate may be signed with. At once in most cases; while it is kept and doubted, when it was
   * asked for, with or without success: better a time that may be refused than none.
   */
  async ready(): Promise<void> {
    this.#look();
    if (!this.#isKept || !this.#isDoubted) return;
    if (this.#syncing === undefined && this.#mayAskAt() > this.#deps.clock.now()) return;
    await this.#trySync();
  }

  /** Asks for the exchange's time; whoever wants it meanwhile gets the same answer. @throws what `askTime` throws */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  /** The exchange refused a time of ours: the estimate is wrong, whatever it was based on. */
  distrust(): void {
    this.#offset.distrust();
    this.#isDoubted = true;
  }

  /** An event came in, which the exchange dates so: `E`. Its time can not be earlier than that. */
  observe(eventTime: number, receivedAt: MonotonicMs): void {
    const estimate = this.#offset.at(receivedAt);
    if (estimate === undefined) return;
    const latest = receivedAt + estimate.offsetMs + estimate.uncertaintyMs + SERVERS_APART_MS;
    if (eventTime > latest) this.#doubt();
  }

  /** This moment. */
  get health(): ClockHealth {
    const { clock } = this.#deps;
    const estimate = this.#offset.at(clock.now());
    return {
      offsetMs: this.now() - clock.wall(),
      uncertaintyMs: estimate?.uncertaintyMs,
      lastSyncedAgoMs: this.#syncedAt === undefined ? undefined : clock.now() - this.#syncedAt,
      steps: this.#steps,
    };
  }

  async #sync(): Promise<void> {
    const { clock, askTime } = this.#deps;
    const sentAt = clock.now();
    this.#askedAt = sentAt;
    this.#failures++;
    try {
      const serverTime = await askTime();
      this.#offset.observe({ sentAt, serverTime, receivedAt: clock.now() });
      this.#syncedAt = clock.now();
      this.#isDoubted = false;
      this.#failures = 0;
    } finally {
      this.#arm();
    }
  }

  /** Trouble of the world is no trouble here: there is a next time. */
  async #trySync(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    }
  }

  #doubt(): void {
    if (this.#isDoubted) return;
    this.#isDoubted = true;
    this.#syncSoon();
  }

  #syncSoon(): void {
    if (!this.#isKept) return;
    if (this.#mayAskAt() > this.#deps.clock.now()) this.#arm();
    else void this.#trySync();
  }

  #mayAskAt(): MonotonicMs {
    return this.#askedAt === undefined ? this.#deps.clock.now() : after(this.#askedAt, SYNC_REST_MS);
  }

  #arm(): void {
    this.#cancelWake();
    if (!this.#isKept) return;
    const { clock } = this.#deps;
    const uncertaintyMs = this.#offset.at(clock.now())?.uncertaintyMs ?? Number.POSITIVE_INFINITY;
    const everyMs = uncertaintyMs > COARSE_MS ? COARSE_EVERY_MS : SYNC_EVERY_MS;
    const againMs = Math.min(everyMs, SYNC_REST_MS * 2 ** Math.max(0, this.#failures - 1));
    const at = this.#isDoubted ? after(this.#askedAt ?? clock.now(), againMs) : after(clock.now(), everyMs);
    this.#cancelWake = clock.wake(at, "ask for the time", () => void this.#trySync());
  }

  #wallAhead(): number {
    const { clock } = this.#deps;
    return clock.wall() - clock.now();
  }

  /** Did our wall clock step? The estimate does not stand on it; but a machine that slept may have lost time. */
  #look(): void {
    const ahead = this.#wallAhead();
    const jumpMs = Math.abs(ahead - this.#wallAheadMs);
    this.#wallAheadMs = ahead;
    if (jumpMs < STEP_MIN_MS) return;
    this.#steps++;
    this.#doubt();
  }
}
