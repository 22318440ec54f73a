/**
 * Carries out what the {@link step | lifecycle} says, and turns frames into events. Holds no policy of its own. Pure
 * as long as its ports are.
 *
 * One input at a time, wholly carried out before the next: an effect may call back into us. One timer exists, armed for
 * the soonest deadline. Trouble of the network or the exchange becomes an input; a bug of ours is thrown.
 */
import { unreachable, VenueRejected, WireFormatError, withoutSecrets } from "../kernel/errors.ts";
import type { Cancel, SocketEvents } from "../kernel/ports.ts";
import type { EventMs, ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import { redact } from "../kernel/scalars.ts";
import type { ListenKeyExpired } from "../protocol/events/listen-key-expired.ts";
import { decodeFrame, type ErrorFrame, type ReplyFrame } from "../protocol/frame.ts";
import { Novelties } from "../protocol/novelties.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { CommonEvents } from "./common-events.ts";
import { answeredOf, ask, type DialledSocket, deliveredOn, dialled, heard, probe } from "./dialled-socket.ts";
import { dated, type EventDates } from "./event-dates.ts";
import { lifecycleHealth, type StreamCounts, type StreamHealth } from "./health.ts";
import { isHopeless, survivable, waitOf } from "./key-trouble.ts";
import { nextDeadline, step } from "./lifecycle.ts";
import type { Epoch } from "./line.ts";
import { LineMerge } from "./merge.ts";
import { isOfAccount, SHUTDOWN_NOTICE } from "./notices.ts";
import { type Effect, INITIAL, type Input, type Lifecycle } from "./phases.ts";
import { KEY_UNKNOWN } from "./recovery.ts";
import type { StreamDeps } from "./stream-deps.ts";
import type { StreamTold, ToldEvent } from "./told.ts";

/** One of each kind is in flight at the most: the lifecycle sees to that. */
type KeyRequest = "grant" | "renewal" | "release";

/** Follows one account. */
export class StreamClient {
  readonly #deps: StreamDeps;
  readonly #merge: LineMerge<ToldEvent>;
  readonly #lines = new Map<Epoch, DialledSocket>();
  readonly #common = new CommonEvents();
  /** Whatever must still settle before nothing of us is left: sockets, and requests about the key. */
  readonly #pending = new Set<Epoch | KeyRequest>();
  readonly #whenIdle: (() => void)[] = [];
  readonly #inbox: Input[] = [];
  readonly #novelties: Novelties;
  readonly #counts = { events: 0, gaps: 0, grants: 0, renewals: 0, unreadable: 0 };
  #state: Lifecycle = INITIAL;
  #draining = false;
  #cancelWake: Cancel = () => {};
  #wakeAt: MonotonicMs | undefined;
  #wakeWhy: string | undefined;
  #wasLive = false;
  #releasesLateGrant = false;
  /** Of what was told. */
  readonly #dates: EventDates = { lastE: undefined, latestE: undefined };
  /** Lines that are being let go. */
  readonly #parting: Epoch[] = [];
  /** Of the line that is being let go, `E` of the last event: what it failed to deliver came after that. */
  #partingE: EventMs | undefined;
  #diagnosis: { readonly why: string; readonly at: MonotonicMs } | undefined;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    this.#merge = new LineMerge(deps.timing.holdMaxMs);
    this.#novelties = new Novelties((novelty) =>
      deps.log.info("the exchange said something new; it is passed through", { ...novelty }),
    );
  }

  /** Begins. Does nothing the second time. */
  start(): void {
    this.#feed({ type: "started" });
  }

  /**
   * Ends, from any phase; nothing is told after the `stopped` status. `release` ends the key for every program, one
   * that is granted only now as well. Resolves when no socket and no request is left: at the latest after the time
   * limit of a request.
   */
  async stop(release: boolean): Promise<void> {
    this.#releasesLateGrant ||= release;
    this.#feed({ type: "stopped", release });
    // Asked for by a reader in the middle of a step, the input waits for the end of that step.
    await Promise.resolve();
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * The caller has a reason to doubt that the key is alive: it is renewed now, instead of within half an hour. When it
   * is gone, or another one took its place, the stream recovers. A swarm of doubts costs one renewal every 5 s.
   */
  doubtKey(): void {
    this.#feed({ type: "key-doubted" });
  }

  /**
   * The caller knows of something that should have been told here and was not: the stream is deaf. That is a gap; the
   * lines are hung up, the key is asked for and dialled. `health.diagnosis` then says whether the key was to blame.
   * Does nothing while no line is open.
   * @param why how it was found out, in plain words
   */
  declareDeaf(why: string): void {
    this.#feed({ type: "deafened", why: withoutSecrets(why) });
  }

  /** This moment. */
  get health(): StreamHealth {
    const counts: StreamCounts = { ...this.#counts, dials: this.#state.epoch, copies: this.#merge.copyCount };
    const now = this.#deps.clock.now();
    const diagnosis = this.#diagnosis && { why: this.#diagnosis.why, agoMs: now - this.#diagnosis.at };
    return {
      ...lifecycleHealth(this.#state, now),
      diagnosis,
      lastEventE: this.#dates.lastE,
      counts,
      novelties: this.#novelties.list,
    };
  }

  #feed(input: Input): void {
    this.#inbox.push(input);
    if (!this.#draining) this.#drain();
  }

  #drain(): void {
    this.#draining = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const { clock, random, timing, redundancy } = this.#deps;
        const { phase } = this.#state;
        const [state, effects] = step(this.#state, next, { now: clock.now(), random, timing, redundancy });
        this.#state = state;
        for (const effect of effects) this.#carryOut(effect);
        this.#tellAll(this.#parting.splice(0).flatMap((epoch) => this.#merge.leave(epoch)));
        this.#partingE = undefined;
        if (state.phase === "stopped" && phase !== "stopped") this.#tell({ kind: "status", status: "stopped" });
        if (effects.length > 0) this.#deps.changed();
      }
    } finally {
      this.#draining = false;
      this.#armTimer();
    }
  }

  /** The timer that is armed already for the right moment and reason is left alone. */
  #armTimer(): void {
    const { clock, timing } = this.#deps;
    const mergeAt = this.#merge.nextDeadline();
    const due = nextDeadline(this.#state, timing);
    const isHeld = mergeAt !== undefined && (due === undefined || mergeAt < due.at);
    const at = isHeld ? mergeAt : due?.at;
    const why = isHeld ? "held too long" : due?.why;
    if (at === this.#wakeAt && why === this.#wakeWhy) return;
    this.#cancelWake();
    this.#wakeAt = at;
    this.#wakeWhy = why;
    this.#cancelWake =
      at === undefined || why === undefined
        ? () => {}
        : clock.wake(at, why, () => {
            this.#wakeAt = undefined;
            if (isHeld) this.#releaseHeld();
            else this.#feed({ type: "deadline-passed" });
          });
  }

  #releaseHeld(): void {
    const now = this.#deps.clock.now();
    for (let late = this.#merge.overdue(now); late !== undefined; late = this.#merge.overdue(now)) {
      this.#feed({ type: "line-waits", epoch: late });
      this.#tellAll(this.#merge.release(late));
    }
    this.#armTimer();
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "acquire-key":
        return this.#acquire();
      case "renew-key":
        return this.#renew(effect.key);
      case "release-key":
        return this.#release(effect.key);
      case "dial":
        return this.#dial(effect.key, effect.epoch);
      case "probe":
        return this.#probe(effect.epoch);
      case "ask":
        return this.#ask(effect.epoch, effect.of);
      case "hang-up":
        return this.#hangUp(effect.epoch, effect.why);
      case "diagnosed":
        this.#diagnose(effect.why);
        return this.#deps.log.warn("trouble with the key", { account: this.#deps.account, why: effect.why });
      case "lost":
        this.#diagnose(effect.why);
        this.#counts.gaps++;
        this.#deps.log.warn("the stream lost certainty", { account: this.#deps.account, why: effect.why });
        return this.#tell({ kind: "gap", from: this.#partingE ?? this.#dates.lastE, why: effect.why });
      case "live":
        this.#wasLive = true;
        return this.#tell({ kind: "status", status: "live" });
      default:
        return unreachable(effect);
    }
  }

  #diagnose(why: string): void {
    this.#diagnosis = { why, at: this.#deps.clock.now() };
  }

  #acquire(): void {
    this.#counts.grants++;
    this.#pending.add("grant");
    this.#deps.keys.acquire().then(
      (key) => {
        if (this.#state.phase === "stopped" && this.#releasesLateGrant) this.#release(key);
        this.#settled("grant");
        this.#feed({ type: "key-granted", key });
      },
      (error) => {
        const trouble = survivable(error);
        this.#settled("grant");
        if (this.#state.phase === "stopped") return;
        if (!this.#wasLive && isHopeless(trouble)) {
          this.#deps.failed(trouble);
          return void this.stop(false);
        }
        this.#deps.log.warn("no listenKey was granted", { account: this.#deps.account, why: trouble.message });
        this.#feed({ type: "key-refused", why: trouble.message, ...waitOf(trouble) });
      },
    );
  }

  #renew(key: ListenKey): void {
    this.#counts.renewals++;
    this.#pending.add("renewal");
    this.#deps.keys.renew(key).then(
      (named) => {
        this.#settled("renewal");
        this.#feed({ type: "key-renewed", key, ...(named === undefined ? {} : { named }) });
      },
      (error) => {
        const trouble = survivable(error);
        this.#settled("renewal");
        if (this.#state.phase === "stopped") return;
        this.#deps.log.warn("the listenKey was not renewed", { key: redact(key), why: trouble.message });
        if (trouble instanceof VenueRejected && trouble.isUnknownListenKey) {
          return this.#feed({ type: "key-lost", key, why: KEY_UNKNOWN });
        }
        this.#feed({ type: "renewal-refused", key, ...waitOf(trouble) });
      },
    );
  }

  #release(key: ListenKey): void {
    this.#pending.add("release");
    this.#deps.keys
      .release(key)
      .catch((error) => {
        this.#deps.log.warn("the listenKey was not released", { key: redact(key), why: survivable(error).message });
      })
      .finally(() => this.#settled("release"));
  }

  #settled(what: Epoch | KeyRequest): void {
    this.#pending.delete(what);
    if (this.#pending.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #dial(key: ListenKey, epoch: Epoch): void {
    const { clock, dialer, urlOf } = this.#deps;
    this.#pending.add(epoch);
    const socket = dialer.dial(urlOf(key), this.#socketEvents(epoch));
    this.#lines.set(epoch, dialled(socket, key, clock.now()));
  }

  #probe(epoch: Epoch): void {
    const line = this.#lines.get(epoch);
    if (line !== undefined) probe(line);
  }

  #ask(epoch: Epoch, of: Epoch): void {
    const line = this.#lines.get(epoch);
    if (line === undefined) return;
    this.#common.opened(of, [epoch]);
    ask(line, of);
  }

  #hangUp(epoch: Epoch, why: string): void {
    const line = this.#lines.get(epoch);
    if (line === undefined) return;
    line.socket.close(1000, why);
    this.#letGo(epoch, line);
  }

  /** What others held for it is told at the end of the step: if that says that something was missed, after it. */
  #letGo(epoch: Epoch, { lastE }: DialledSocket): void {
    this.#lines.delete(epoch);
    this.#common.left(epoch);
    this.#parting.push(epoch);
    if (!this.#merge.isAligned(epoch)) return;
    if (lastE !== undefined && !(this.#partingE !== undefined && this.#partingE > lastE)) this.#partingE = lastE;
  }

  #socketEvents(epoch: Epoch): SocketEvents {
    return {
      opened: () => {
        const line = this.#lines.get(epoch);
        if (line === undefined) return;
        Object.assign(line, this.#dates);
        this.#merge.join(epoch);
        this.#feed({ type: "line-opened", epoch });
      },
      heard: () => this.#heard(epoch),
      frame: (text, bytes) => this.#frame(epoch, text, bytes),
      closed: (code, reason) => {
        this.#settled(epoch);
        const line = this.#lines.get(epoch);
        if (line === undefined) return;
        this.#letGo(epoch, line);
        this.#feed({ type: "line-closed", epoch, why: reason === "" ? `closed ${code}` : `closed ${code} ${reason}` });
      },
    };
  }

  #heard(epoch: Epoch): void {
    const line = this.#lines.get(epoch);
    if (line && heard(line, this.#deps.clock.now())) this.#feed({ type: "line-heard", epoch });
  }

  #frame(epoch: Epoch, text: string, bytes: Uint8Array | undefined): void {
    const line = this.#lines.get(epoch);
    if (line === undefined) return;
    try {
      const frame = decodeFrame(text, this.#novelties.tell, bytes);
      if (frame.type === "event") this.#event(epoch, line, frame.event, text);
      else this.#answer(epoch, line, frame);
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#counts.unreadable++;
      this.#feed({ type: "frame-unreadable", epoch, why: `unreadable frame: ${error.message}` });
    }
  }

  #answer(epoch: Epoch, line: DialledSocket, frame: ReplyFrame | ErrorFrame): void {
    if (frame.type === "error") {
      this.#deps.log.warn("the stream answered an error", { code: frame.code, why: withoutSecrets(frame.msg) });
    }
    const of = answeredOf(frame, line);
    if (of !== undefined) this.#abreast(epoch, of);
  }

  #abreast(epoch: Epoch, of: Epoch): void {
    this.#tellAll(this.#merge.abreast(epoch, of));
    this.#feed({ type: "line-abreast", epoch, of });
  }

  #event(epoch: Epoch, line: DialledSocket, event: UserDataEvent, raw: string): void {
    const now = this.#deps.clock.now();
    const delivered = deliveredOn(line, event, raw);
    const at = dated(line, event);
    if (at !== undefined) this.#deps.dated?.(at, now);
    if (this.#merge.isFull) this.#releaseHeld();
    const told = this.#merge.take(epoch, delivered, now);
    this.#tellAll(told);
    if (delivered.isUnique && isOfAccount(event)) {
      for (const { older, newer } of this.#common.delivered(epoch, delivered.identity)) this.#abreast(older, newer);
    }
    if (event.e === "listenKeyExpired") {
      const key = (event as ListenKeyExpired).listenKey ?? line.key;
      this.#feed({ type: "key-lost", key, why: "key expired" });
    } else if (event.e === SHUTDOWN_NOTICE) {
      this.#feed({ type: "line-retired", epoch });
    } else if (told.length === 0) {
      this.#armTimer();
    }
  }

  /** Tells several in a row. What readers ask for meanwhile is done afterwards, so nothing comes between. */
  #tellAll(untold: readonly StreamTold[]): void {
    const wasDraining = this.#draining;
    this.#draining = true;
    try {
      for (const one of untold) this.#tell(one);
    } finally {
      this.#draining = wasDraining;
    }
    if (!wasDraining && this.#inbox.length > 0) this.#drain();
  }

  #tell(told: StreamTold): void {
    if (told.kind === "event") {
      this.#counts.events++;
      dated(this.#dates, told.event);
    }
    this.#deps.tell(told);
  }
}
