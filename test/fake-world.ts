/**
 * The ports of the pure rooms, for tests of one room: time that moves when told to, sockets and HTTP that answer what
 * the test says, a log that is kept. Simulated networks with a real exchange behind them are in `sim/`.
 */
import type {
  Cancel,
  Clock,
  Dialer,
  Http,
  HttpRequest,
  HttpResponse,
  Log,
  LogFields,
  Socket,
  SocketEvents,
} from "../src/kernel/ports.ts";
import type { ListenKey, MonotonicMs, WallMs } from "../src/kernel/scalars.ts";
import type { ListenKeyService } from "../src/protocol/listen-key-service.ts";

/** The wall clock of a {@link FakeClock} that has just begun. */
export const EPOCH_MS = 1_700_000_000_000;

interface Alarm {
  readonly at: number;
  readonly why: string;
  readonly fire: () => void;
}

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #now = 0;

  /** Starts at 0. */
  now(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  /** Starts at {@link EPOCH_MS}. */
  wall(): WallMs {
    return (EPOCH_MS + this.#now) as WallMs;
  }

  /** Rings when the clock is moved to `at` or beyond. */
  wake(at: MonotonicMs, why: string, fire: () => void): Cancel {
    const alarm = { at, why, fire };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** What is waited for. */
  get alarms(): readonly string[] {
    return [...this.#alarms].map(({ why }) => why);
  }

  /** Moves on; everything due rings, in order of time, with promises settled after each. */
  async advance(ms: number): Promise<void> {
    await settled();
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      this.#alarms.delete(next);
      next.fire();
      await settled();
    }
    this.#now = until;
    await settled();
  }

  #next(until: number): Alarm | undefined {
    const due = [...this.#alarms].filter(({ at }) => at <= until);
    return due.reduce<Alarm | undefined>((first, one) => (first && first.at <= one.at ? first : one), undefined);
  }
}

/** Resolves when every promise that can settle without time passing has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The far end of a dialled socket, in the hands of the test. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly #events: SocketEvents;
  /** Text frames it was given to send. */
  readonly sent: string[] = [];
  pings = 0;
  /** How its owner closed it. */
  hungUp: { readonly code: number; readonly reason: string } | undefined;
  isOpen = false;
  isGone = false;

  constructor(url: string, events: SocketEvents) {
    this.url = url;
    this.#events = events;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  ping(): void {
    this.pings++;
  }

  /** `closed` follows before time passes. */
  close(code: number, reason: string): void {
    this.hungUp ??= { code, reason };
    queueMicrotask(() => this.cut(code, reason));
  }

  /** The handshake is done. */
  open(): this {
    this.isOpen = true;
    this.#events.opened();
    return this;
  }

  /** A pong, or a ping of the peer. */
  pong(): void {
    this.#events.heard();
  }

  /** Answers each control frame that it was sent, once. */
  answer(): void {
    for (const text of this.sent.splice(0)) this.say(`{"result":[],"id":${(JSON.parse(text) as { id: number }).id}}`);
  }

  /** One text frame arrives. */
  say(text: string): void {
    this.#events.heard();
    this.#events.frame(text);
  }

  /** It is closed by the peer, or by the network. */
  cut(code = 1006, reason = ""): void {
    if (this.isGone) return;
    this.isOpen = false;
    this.isGone = true;
    this.#events.closed(code, reason);
  }
}

/** Dials {@link FakeSocket}s. */
export class FakeDialer implements Dialer {
  /** All that were ever dialled, oldest first. */
  readonly sockets: FakeSocket[] = [];
  readonly #onDial: (socket: FakeSocket) => void;

  /** @param onDial called right after each dial, when events may be told */
  constructor(onDial: (socket: FakeSocket) => void = () => {}) {
    this.#onDial = onDial;
  }

  dial(url: string, events: SocketEvents): Socket {
    const socket = new FakeSocket(url, events);
    this.sockets.push(socket);
    queueMicrotask(() => this.#onDial(socket));
    return socket;
  }

  /** The newest. */
  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing was dialled");
    return socket;
  }

  /** How many are not closed. */
  get aliveCount(): number {
    return this.sockets.filter(({ isGone }) => !isGone).length;
  }
}

/** A listenKey service that answers as the test says. */
export class FakeKeys implements ListenKeyService {
  /** What was asked, oldest first: `acquire`, `renew`, `release`. */
  readonly asked: string[] = [];
  /** Requests without an answer yet. */
  inFlight = 0;
  /** The answer to `acquire`. */
  acquireAnswer: () => ListenKey | Error | Promise<ListenKey>;
  /** The answer to `renew`. */
  renewAnswer: () => ListenKey | Error | undefined | Promise<ListenKey>;
  /** The answer to `release`. */
  releaseAnswer: () => Error | undefined | Promise<undefined> = () => undefined;

  constructor(key: ListenKey) {
    this.acquireAnswer = () => key;
    this.renewAnswer = () => key;
  }

  acquire(): Promise<ListenKey> {
    return this.#answer("acquire", this.acquireAnswer);
  }

  renew(): Promise<ListenKey | undefined> {
    return this.#answer("renew", this.renewAnswer);
  }

  release(): Promise<void> {
    return this.#answer("release", this.releaseAnswer);
  }

  async #answer<T>(what: string, answer: () => T | Error | Promise<T>): Promise<T> {
    this.asked.push(what);
    this.inFlight++;
    try {
      const found = await answer();
      if (found instanceof Error) throw found;
      return found;
    } finally {
      this.inFlight--;
    }
  }
}

/** HTTP that answers as the test says. */
export class FakeHttp implements Http {
  /** What was sent, oldest first. */
  readonly requests: HttpRequest[] = [];
  readonly #answer: (request: HttpRequest) => Partial<HttpResponse> | Error;

  /** @param answer what is not said is status 200, no headers and `{}` */
  constructor(answer: (request: HttpRequest) => Partial<HttpResponse> | Error) {
    this.#answer = answer;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const found = this.#answer(request);
    if (found instanceof Error) throw found;
    return { status: 200, headers: {}, body: "{}", ...found };
  }
}

/** A log that keeps its lines: level, message, fields. */
export class KeptLog implements Log {
  readonly lines: string[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.#keep("debug", message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#keep("info", message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#keep("warn", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#keep("error", message, fields);
  }

  #keep(level: string, message: string, fields: LogFields): void {
    this.lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  }
}
