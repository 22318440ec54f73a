/**
 * What keeps a session alive and what ends it: pings and their pongs, the lifetime of 24 hours, and the limit of
 * incoming frames. Protocol sheet 5.1 and 6.4; the same for stream and WS API sessions. Pure.
 *
 * Two clocks: pings, pongs and incoming frames are timed on a monotonic clock, the lifetime in venue time. A jump of
 * venue time therefore ends old sessions, but makes no pong late.
 */
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { PING_EVERY_MS, PONG_WAIT_MAX_MS, SOCKET_AGE_MAX_MS } from "../protocol/limits.ts";
import { DeadlineQueue } from "./deadline-queue.ts";
import type { EffectSink, SessionEnd, SessionId } from "./session-effect.ts";

const RATE_WINDOW_MS = 1_000;

/** How a session ends that answers no ping. *Seen* on the spot service, code and reason. */
const PONG_TIMEOUT: SessionEnd = { code: 1008, reason: "Pong timeout" };

/** How a session ends that sends too many frames. *Seen* on spot and on the futures test network, code and reason. */
const TOO_MANY_FRAMES: SessionEnd = { code: 1008, reason: "Too many requests" };

/**
 * How a session ends at 24 hours. The code is *seen* when futures streams go away; that it is the one used here is
 * assumed.
 */
const TOO_OLD: SessionEnd = { code: 1001, reason: "Connection lifetime of 24 hours is over" };

/** The earliest deadlines; `undefined` for a clock on which nothing is pending. */
export interface FaceDeadlines {
  readonly venue: TransactMs | undefined;
  readonly monotonic: MonotonicMs | undefined;
}

/** What the keeper of the sessions does for their heartbeats. */
export interface HeartbeatKeeper {
  /** Pings are made here. */
  readonly emit: EffectSink;
  /** The session's time is over; heartbeats have forgotten it. */
  readonly end: (session: SessionId, why: SessionEnd) => void;
  /** Frames that may come in within any second; one more ends the session. */
  readonly framesPerSecondMax: number;
}

interface Pulse {
  /**
   * Payloads of the pings without a pong, oldest first; at most {@link PONG_WAIT_MAX_MS} / {@link PING_EVERY_MS} of
   * them.
   */
  readonly unanswered: string[];
  /** When the last frames came in, oldest first, as many as may within a second. */
  readonly heardAt: MonotonicMs[];
}

/** The heartbeats of all sessions of one kind. A session that is not known is no error: its frames were under way. */
export class Heartbeats {
  readonly #keeper: HeartbeatKeeper;
  readonly #pulses = new Map<SessionId, Pulse>();
  readonly #pings = new DeadlineQueue<SessionId, MonotonicMs>();
  readonly #cuts = new DeadlineQueue<SessionId, MonotonicMs>();
  readonly #lifetimes = new DeadlineQueue<SessionId, TransactMs>();

  constructor(keeper: HeartbeatKeeper) {
    this.#keeper = keeper;
  }

  /** A session begins. */
  opened(session: SessionId, now: TransactMs, monotonic: MonotonicMs): void {
    this.#pulses.set(session, { unanswered: [], heardAt: [] });
    this.#lifetimes.set(session, (now + SOCKET_AGE_MAX_MS) as TransactMs);
    this.#cuts.set(session, (monotonic + PONG_WAIT_MAX_MS) as MonotonicMs);
    this.#pings.set(session, (monotonic + PING_EVERY_MS) as MonotonicMs);
  }

  /**
   * A frame came in that counts against the limit. `false`: it is to be ignored, because it was one too many, which has
   * ended the session, or because the session is over. The second is any second, not the one on the clock (*seen* on
   * the futures test network).
   */
  heard(session: SessionId, monotonic: MonotonicMs): boolean {
    const heardAt = this.#pulses.get(session)?.heardAt;
    if (heardAt === undefined) return false;
    if (heardAt.length === this.#keeper.framesPerSecondMax) {
      const [oldest] = heardAt.splice(0, 1);
      if (oldest !== undefined && monotonic - oldest < RATE_WINDOW_MS) {
        this.#end(session, TOO_MANY_FRAMES);
        return false;
      }
    }
    heardAt.push(monotonic);
    return true;
  }

  /**
   * A pong came in. It counts as life only if it copies a ping that waits for one; earlier pings are then settled too.
   */
  ponged(session: SessionId, payload: string, monotonic: MonotonicMs): void {
    const unanswered = this.#pulses.get(session)?.unanswered;
    if (unanswered === undefined || !unanswered.includes(payload)) return;
    unanswered.splice(0, unanswered.lastIndexOf(payload) + 1);
    this.#cuts.set(session, (monotonic + PONG_WAIT_MAX_MS) as MonotonicMs);
  }

  /** A session is over. */
  forget(session: SessionId): void {
    this.#pulses.delete(session);
    this.#pings.cancel(session);
    this.#cuts.cancel(session);
    this.#lifetimes.cancel(session);
  }

  /** Ends what is too old, then what answers no ping, then pings. A ping that was due several times is sent once. */
  due(now: TransactMs, monotonic: MonotonicMs): void {
    for (const session of all(this.#lifetimes, now)) this.#end(session, TOO_OLD);
    for (const session of all(this.#cuts, monotonic)) this.#end(session, PONG_TIMEOUT);
    for (const session of all(this.#pings, monotonic)) {
      const payload = String(now);
      this.#pulses.get(session)?.unanswered.push(payload);
      this.#pings.set(session, (monotonic + PING_EVERY_MS) as MonotonicMs);
      this.#keeper.emit({ session, type: "ping", payload });
    }
  }

  /** When {@link due} has something to do. */
  nextDeadline(): FaceDeadlines {
    const ping = this.#pings.next();
    const cut = this.#cuts.next();
    const monotonic = ping !== undefined && (cut === undefined || ping < cut) ? ping : cut;
    return { venue: this.#lifetimes.next(), monotonic };
  }

  #end(session: SessionId, why: SessionEnd): void {
    this.forget(session);
    this.#keeper.end(session, why);
  }
}

/** Takes all that are due, earliest first. They are taken before any is worked on, so that none is met twice. */
function all<At extends number>(queue: DeadlineQueue<SessionId, At>, now: At): SessionId[] {
  const due: SessionId[] = [];
  for (let session = queue.takeDue(now); session !== undefined; session = queue.takeDue(now)) due.push(session);
  return due;
}
