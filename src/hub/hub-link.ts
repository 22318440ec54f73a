/**
 * A hub's consumer, from the consumer's side: one websocket, dialled again with the cursor for as long as it takes.
 * Pure as long as its ports are.
 *
 *     idle ──▶ dialing ──▶ open ──▶ pausing ──▶ dialing …            stopped, or failed for good
 *
 * Rules kept here
 * - L1: a record that does not follow the last one is not told: a copy is dropped, and after a hole the hub is dialled
 *   again from the last record that was told.
 * - The mirror is the hub's snapshot and the records after it, by the same reducer; each snapshot takes its place, once
 *   the records that it includes were told. Only the first one need not wait, when there is nothing to go on with.
 * - L6: full jitter between attempts.
 */
import type { AccountChange } from "../account/account-change.ts";
import type { AccountView } from "../account/account-view.ts";
import { Mirror } from "../account/mirror.ts";
import type { AccountRecord } from "../account/record.ts";
import { ListenkeyError, WireFormatError } from "../kernel/errors.ts";
import { fullJitter } from "../kernel/jitter.ts";
import type { Cancel, Clock, Dialer, Log, Random, Socket } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { parseJson } from "../protocol/json.ts";
import { CursorLost, HubRefused } from "./hub-errors.ts";
import type { Known } from "./known.ts";
import { type ReadSnapshot, readSnapshot } from "./mirror-text.ts";
import { readRecordText } from "./record-text.ts";

/** The hub pings every 15 s; after three that did not come it is gone. */
export const SILENCE_MAX_MS = 50_000;

/** A handshake has so long. */
const DIAL_MAX_MS = 10_000;

/** The first pause is up to this, each further one up to twice as long, up to {@link PAUSE_MAX_MS}. */
const PAUSE_MS = 250;

/** No pause is longer: a hub is one of our own, and its consumers wait for it. */
export const PAUSE_MAX_MS = 5_000;

/** What a link needs. */
export interface HubLinkDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** When a handshake is refused, `closed` says the HTTP status as code, and the body as reason. */
  readonly dialer: Dialer;
  /** The URL to dial, to go on after a record; `undefined`: from now on. */
  readonly urlOf: (since: number | undefined) => string;
  /** The last record the client has; `undefined`: from now on. */
  readonly since: number | undefined;
  /** What the account held as of {@link since}, to go on with; absent: what the hub's first snapshot shows. */
  readonly mirror?: Mirror;
  /** Are some events left out? Then not every record follows the one before. */
  readonly isFiltered: boolean;
  readonly tell: (record: AccountRecord) => void;
  /** Takes what a record has changed of the account; called before it is told. */
  readonly mirrored: (changes: readonly AccountChange[]) => void;
  /** The health is worth looking at again. */
  readonly changed: () => void;
  /** The first snapshot is there. */
  readonly ready: () => void;
  /** It will never work. */
  readonly failed: (error: HubRefused | CursorLost) => void;
}

/** How the connection to a hub is doing. */
export interface HubLinkHealth {
  /** `pausing`: before the next attempt. */
  readonly phase: "idle" | "dialing" | "open" | "pausing" | "stopped";
  /** Is the hub connected, and was its snapshot read? What was known before stays known without it. */
  readonly live: boolean;
  /**
   * How much of what the account holds is shown. `nothing` before the first snapshot, and as long as the hub does not
   * know either: an account whose key is refused is shown empty, and is not. `part` until the records are here which
   * the first snapshot that knows more includes.
   */
  readonly known: Known;
  /** The last record that was told, or that the filter kept away; `undefined` before the first snapshot. */
  readonly lastSeq: number | undefined;
  /**
   * The account is shown as of this record: the hub's first snapshot, or the last record told, whichever is later. With
   * a filter always the newest snapshot: what is kept away since changes nothing here.
   */
  readonly asOfSeq: number;
  /** The hub's newest snapshot includes records that are still coming: those tell what happened before it. */
  readonly catchingUp: boolean;
  /** Since the last sign of life, in milliseconds; `undefined` while not connected. */
  readonly quietForMs: number | undefined;
  /** How often the hub was dialled. */
  readonly dials: number;
  /** The last trouble in words; `undefined` while there was none. It may be long over. */
  readonly diagnosis: string | undefined;
}

/** Follows one account of a hub. */
export class HubLink {
  readonly #deps: HubLinkDeps;
  #phase: HubLinkHealth["phase"] = "idle";
  #mirror: Mirror;
  #snapshotSeq = 0;
  /** A snapshot that includes records which were not told yet. */
  #ahead: ReadSnapshot | undefined;
  #cursor: number | undefined;
  #hasSnapshot = false;
  /** Was a snapshot read on this connection? */
  #isGreeted = false;
  #known: Known;
  #socket: Socket | undefined;
  /** Events of older sockets are not listened to. */
  #epoch = 0;
  #heardAt: MonotonicMs | undefined;
  #failures = 0;
  #dials = 0;
  #diagnosis: string | undefined;
  #cancel: Cancel = () => {};

  constructor(deps: HubLinkDeps) {
    this.#deps = deps;
    this.#cursor = deps.since;
    this.#mirror = deps.mirror ?? new Mirror();
    this.#known = deps.mirror === undefined ? "nothing" : "part";
  }

  /** What the account holds. */
  get account(): AccountView {
    return this.#mirror.view;
  }

  /** This moment. */
  get health(): HubLinkHealth {
    const isMirrored = this.#hasMirror && !this.#deps.isFiltered;
    const appliedSeq = isMirrored ? (this.#cursor ?? 0) : 0;
    return {
      phase: this.#phase,
      live: this.#phase === "open" && this.#isGreeted,
      known: this.#known,
      lastSeq: this.#cursor,
      asOfSeq: Math.max(this.#snapshotSeq, appliedSeq),
      catchingUp: this.#ahead !== undefined || (isMirrored && (this.#cursor ?? 0) < this.#snapshotSeq),
      quietForMs: this.#heardAt === undefined ? undefined : this.#deps.clock.now() - this.#heardAt,
      dials: this.#dials,
      diagnosis: this.#diagnosis,
    };
  }

  /** Is there anything that a record can be applied to? */
  get #hasMirror(): boolean {
    return this.#hasSnapshot || this.#deps.mirror !== undefined;
  }

  /** Begins. Called once. */
  start(): void {
    if (this.#phase === "idle") this.#dial();
  }

  /** Ends it for good. */
  stop(): void {
    if (this.#phase === "stopped") return;
    this.#epoch++;
    this.#cancel();
    this.#socket?.close(1000, "");
    this.#heardAt = undefined;
    this.#turnTo("stopped");
  }

  #turnTo(phase: HubLinkHealth["phase"]): void {
    this.#phase = phase;
    this.#deps.changed();
  }

  #dial(): void {
    const { clock, dialer, urlOf } = this.#deps;
    const epoch = ++this.#epoch;
    const isMine = () => epoch === this.#epoch;
    this.#dials++;
    this.#isGreeted = false;
    this.#turnTo("dialing");
    this.#socket = dialer.dial(urlOf(this.#cursor), {
      opened: () => isMine() && this.#opened(),
      heard: () => {
        if (isMine()) this.#heardAt = clock.now();
      },
      frame: (text) => isMine() && this.#frame(text),
      closed: (code, reason) => isMine() && this.#closed(code, reason),
    });
    this.#cancel = clock.wake(after(clock.now(), DIAL_MAX_MS), "dial", () => this.#again("no answer to the handshake"));
  }

  #opened(): void {
    this.#heardAt = this.#deps.clock.now();
    this.#cancel();
    this.#watch();
    this.#turnTo("open");
  }

  #watch(): void {
    const { clock } = this.#deps;
    const silentAt = after(this.#heardAt ?? clock.now(), SILENCE_MAX_MS);
    this.#cancel = clock.wake(silentAt, "silence", () => {
      if (clock.now() >= after(this.#heardAt ?? clock.now(), SILENCE_MAX_MS)) this.#again("silent");
      else this.#watch();
    });
  }

  #frame(text: string): void {
    try {
      if (text.startsWith('{"seq":')) this.#record(readRecordText(text));
      else this.#notice(parseJson(text) as Readonly<Record<string, unknown>>);
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#again(`a frame that cannot be read: ${error.message}`);
    }
  }

  #record(record: AccountRecord): void {
    const { isFiltered, tell } = this.#deps;
    const expected = (this.#cursor ?? 0) + 1;
    if (record.seq < expected) return;
    if (record.seq > expected && !isFiltered) return this.#again(`record ${record.seq}, where ${expected} follows`);
    this.#cursor = record.seq;
    this.#failures = 0;
    if (record.kind === "event" && record.seq > this.#snapshotSeq) {
      const { changes } = this.#mirror.applyRecord(record);
      if (changes.length > 0) this.#deps.mirrored(changes);
    }
    this.#catchUp();
    tell(record);
  }

  #notice({ snapshot, cursor, end }: Readonly<Record<string, unknown>>): void {
    if (snapshot !== undefined) return this.#snapshot(snapshot);
    if (Number.isSafeInteger(cursor)) this.#cursor = Math.max(this.#cursor ?? 0, cursor as number);
    this.#catchUp();
    // The close frame comes next, and says the same.
    if (typeof end === "object" && end !== null) this.#diagnosis = `ended: ${(end as { code?: unknown }).code}`;
  }

  #snapshot(wire: unknown): void {
    const snapshot = readSnapshot(wire, "$.snapshot");
    this.#failures = 0;
    this.#cursor ??= snapshot.asOfSeq;
    this.#isGreeted = true;
    // One that is older than what was told would take the account back.
    if (snapshot.asOfSeq < this.#cursor && this.#hasSnapshot) return;
    const isFirst = !this.#hasSnapshot;
    const mayWait = this.#hasMirror && !this.#deps.isFiltered;
    this.#hasSnapshot = true;
    this.#ahead = snapshot;
    if (!mayWait) this.#show(snapshot);
    else if (this.#known === "nothing" && snapshot.known === "whole") this.#known = "part";
    this.#catchUp();
    if (isFirst) this.#deps.ready();
    this.#deps.changed();
  }

  /** All that the snapshot includes was told: it knows that, and what no record says. */
  #catchUp(): void {
    if (this.#ahead !== undefined && this.#ahead.asOfSeq <= (this.#cursor ?? 0)) this.#show(this.#ahead);
  }

  #show({ mirror, asOfSeq, known }: ReadSnapshot): void {
    this.#mirror = mirror;
    this.#known = known;
    this.#snapshotSeq = asOfSeq;
    this.#ahead = undefined;
  }

  #closed(code: number, reason: string): void {
    const fatal = this.#fatal(code, reason);
    if (fatal === undefined)
      return this.#again(reason === "" ? `closed ${code}` : `closed ${code}: ${reasonIn(reason)}`);
    this.#diagnosis = fatal.message;
    this.#deps.failed(fatal);
    this.stop();
  }

  /** What no further attempt can mend. An account that was there before may be there again. */
  #fatal(code: number, reason: string): HubRefused | CursorLost | undefined {
    const since = this.#cursor ?? 0;
    const words = reasonIn(reason);
    if (code === 410 || code === 4010) return new CursorLost(since, words);
    if (code === 409 || code === 4009) return new CursorLost(since, words);
    const isRefusal = code === 400 || code === 401 || code === 403 || (code === 404 && !this.#hasSnapshot);
    return isRefusal ? new HubRefused(code, words) : undefined;
  }

  /** Hangs up, and dials again after a pause. */
  #again(why: string): void {
    const { clock, random, log } = this.#deps;
    this.#epoch++;
    this.#cancel();
    this.#socket?.close(1000, "");
    this.#socket = undefined;
    this.#heardAt = undefined;
    this.#diagnosis = why;
    const pauseMs = fullJitter(random, this.#failures, { firstMs: PAUSE_MS, maxMs: PAUSE_MAX_MS });
    this.#failures++;
    log.info("the hub is dialled again", { why, pauseMs: Math.round(pauseMs) });
    this.#cancel = clock.wake(after(clock.now(), pauseMs), "dial again", () => this.#dial());
    this.#turnTo("pausing");
  }
}

/** What a refusal's body says, or the reason of a close frame. */
function reasonIn(text: string): string {
  try {
    const { error } = parseJson(text) as { readonly error?: { readonly message?: unknown } };
    if (typeof error?.message === "string") return error.message;
  } catch (error) {
    if (!(error instanceof ListenkeyError)) throw error;
  }
  return text;
}
