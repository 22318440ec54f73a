/**
 * Everything the pure rooms may not do, as interfaces. `src/` has one real implementation of each, in an `io/`
 * folder; `sim/` has one simulated implementation. Alarms that are set, open sockets and requests under way keep a
 * process alive; once they are over or taken back, nothing does.
 */
import type { MonotonicMs, WallMs } from "./scalars.ts";

/** Takes back something that was asked for. Calling it twice, or too late, does nothing. */
export type Cancel = () => void;

/** Time and alarms. */
export interface Clock {
  /** Never goes back; includes time the machine spent asleep, as far as the platform tells. */
  now(): MonotonicMs;
  /** For people and for records only; it may step. */
  wall(): WallMs;
  /** Calls `fire` once, at or after `at`, never from inside this call. `why` names the deadline in traces. */
  wake(at: MonotonicMs, why: string, fire: () => void): Cancel;
}

/** Dice. */
export interface Random {
  /** Uniform in `[0, 1)`. */
  next(): number;
}

/** What a socket tells its owner. All calls come after {@link Dialer.dial} has returned. */
export interface SocketEvents {
  opened(): void;
  /** Anything at all arrived, a ping or a pong included: on a quiet account they are the only sign of life. */
  heard(): void;
  /**
   * One whole text frame. `heard` is called first.
   * @param bytes the text in UTF-8, where the socket has them at hand; to be read in this call only
   */
  frame(text: string, bytes?: Uint8Array): void;
  /** Called exactly once, whichever side closed and whether or not `opened` was ever called. Nothing follows it. */
  closed(code: number, reason: string): void;
}

/** One websocket, from the client's side. */
export interface Socket {
  /** Sends one text frame; dropped without a word when the socket is not open. */
  send(text: string): void;
  /** Sends a ping frame; the peer's pong arrives as {@link SocketEvents.heard}. */
  ping(): void;
  /** Ends it. `closed` follows, soon and in any case, even when the peer never answers. */
  close(code: number, reason: string): void;
}

/** Opens websockets. */
export interface Dialer {
  /** Never throws: a URL that cannot be dialled is `closed` soon after. */
  dial(url: string, events: SocketEvents): Socket;
}

/** One HTTP request, whole. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Form-encoded text; absent when the request has no body. */
  readonly body?: string;
}

/** One HTTP answer, whole. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends HTTP requests. */
export interface Http {
  /**
   * Settles within the adapter's named time limit.
   * @throws {NetworkError} when no whole answer came
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** Where notable things are said. Fields never hold secrets: see {@link redact}. */
export interface Log {
  /** What only someone who looks for a fault wants to read. */
  debug(message: string, fields?: LogFields): void;
  /** What happened, as expected. */
  info(message: string, fields?: LogFields): void;
  /** What was not expected and was dealt with. */
  warn(message: string, fields?: LogFields): void;
  /** What needs a person. In a simulation it fails the run. */
  error(message: string, fields?: LogFields): void;
}

/** Plain data that goes with a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What an `AbortSignal` does, as far as it is needed here; every `AbortSignal` is one. */
export interface StopSignal {
  /** Was it aborted already? */
  readonly aborted: boolean;
  /** Calls `listener` when it is aborted. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Takes the listener back. */
  removeEventListener(type: "abort", listener: () => void): void;
}
