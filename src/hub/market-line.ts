/**
 * One connection to the market streams of an exchange, from its first name to its end. Pure.
 *
 *     gathering ──▶ dialing ──▶ open ──▶ over          names are asked for and given back while it is open
 *
 * L6: one control frame in {@link ASK_EVERY_MS}. L12: a dial, and silence, are bounded.
 */
import type { Cancel, Clock, Dialer, Socket } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { readTopLevel } from "../protocol/json-members.ts";

/** From one control frame to the next; the exchange takes ten frames a second, pongs included. */
export const ASK_EVERY_MS = 250;

/** Names of one control frame. */
const NAMES_PER_FRAME = 200;

/** Names of the URL: what it takes is not documented. */
const NAMES_IN_URL = 50;

/** Names that are the same in a URL and out of it; others are asked for when the socket is open. */
const PLAIN_NAME = /^[!\w@.-]+$/;

/** From dialling to a socket that is open. */
export const DIAL_MAX_MS = 10_000;

/** How often it is pinged; one that was silent from one ping to the next is over. */
export const PING_EVERY_MS = 30_000;

/** A connection that nobody wants anything of stays so long, for bots that come back. */
export const IDLE_MAX_MS = 10_000;

/** What a line needs of the world. */
export interface MarketLineDeps {
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Where combined streams are had: `wss://fstream.binance.com/market/stream`. */
  readonly url: string;
  /** When it may be dialled: until then names gather. */
  readonly dialAt: MonotonicMs;
  /** An event came. @param data its bytes */
  readonly told: (name: string, data: string) => void;
  /** It is open. */
  readonly opened: () => void;
  /** The exchange refused what was asked for. */
  readonly refused: (answer: string) => void;
  /** It is over, and was not given up. */
  readonly lost: (why: string) => void;
}

/** The connection. */
export class MarketLine {
  readonly #deps: MarketLineDeps;
  /** What somebody listens to. */
  readonly #names = new Set<string>();
  /** What the exchange was asked for. */
  readonly #asked = new Set<string>();
  #phase: "gathering" | "dialing" | "open" | "over" = "gathering";
  #socket: Socket | undefined;
  #isHeard = false;
  #askAt: MonotonicMs;
  #requestCount = 0;
  #cancelStep: Cancel;
  #cancelAsk: Cancel = () => {};
  #cancelIdle: Cancel = () => {};

  constructor(deps: MarketLineDeps) {
    this.#deps = deps;
    this.#askAt = deps.dialAt;
    this.#cancelStep = this.#wake(deps.dialAt, "market line", () => this.#dial());
  }

  /** What somebody listens to. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Somebody listens to a name. */
  add(name: string): void {
    this.#names.add(name);
    this.#cancelIdle();
    this.#askLater();
  }

  /** Nobody does any more. */
  remove(name: string): void {
    this.#names.delete(name);
    this.#askLater();
    if (this.#names.size > 0) return;
    if (this.#phase === "gathering") return this.#lose("nobody listens");
    const at = after(this.#deps.clock.now(), IDLE_MAX_MS);
    this.#cancelIdle = this.#wake(at, "market line idle", () => this.#lose("nobody listens"));
  }

  /** Hangs up; nothing is told any more, and no alarm is left. */
  close(): void {
    this.#phase = "over";
    for (const cancel of [this.#cancelStep, this.#cancelAsk, this.#cancelIdle]) cancel();
    this.#socket?.close(1000, "done");
  }

  #dial(): void {
    this.#phase = "dialing";
    const { dialer, clock, url } = this.#deps;
    const first = [...this.#names].filter((name) => PLAIN_NAME.test(name)).slice(0, NAMES_IN_URL);
    for (const name of first) this.#asked.add(name);
    this.#socket = dialer.dial(first.length === 0 ? url : `${url}?streams=${first.join("/")}`, {
      opened: () => this.#opened(),
      heard: () => {
        this.#isHeard = true;
      },
      frame: (text) => this.#frame(text),
      closed: (code, reason) => this.#lose(`closed with ${code} ${reason}`.trimEnd()),
    });
    const overdue = after(clock.now(), DIAL_MAX_MS);
    this.#cancelStep = this.#wake(overdue, "market line dial overdue", () => this.#lose("it did not open"));
  }

  #opened(): void {
    if (this.#phase !== "dialing") return;
    this.#phase = "open";
    this.#isHeard = true;
    this.#ping();
    this.#deps.opened();
    this.#askLater();
  }

  #ping(): void {
    this.#cancelStep();
    if (!this.#isHeard) return this.#lose("nothing was heard");
    this.#isHeard = false;
    this.#socket?.ping();
    const next = after(this.#deps.clock.now(), PING_EVERY_MS);
    this.#cancelStep = this.#wake(next, "market line ping", () => this.#ping());
  }

  #frame(text: string): void {
    if (this.#phase !== "open") return;
    const top = readTopLevel(text);
    if (top.outcome !== "object") return;
    const [stream, data] = ["stream", "data"].map((name) => top.members.get(name)?.text);
    if (stream !== undefined && data !== undefined) return this.#deps.told(String(JSON.parse(stream)), data);
    if (top.members.has("error")) this.#deps.refused(text);
  }

  #askLater(): void {
    if (this.#phase !== "open") return;
    this.#cancelAsk();
    this.#cancelAsk = this.#wake(this.#askAt, "market line asks", () => this.#ask());
  }

  /** Asks for what is wanted and not asked for, then gives back what is asked for and not wanted. */
  #ask(): void {
    const wanted = [...this.#names].filter((name) => !this.#asked.has(name)).slice(0, NAMES_PER_FRAME);
    const params =
      wanted.length > 0 ? wanted : [...this.#asked].filter((name) => !this.#names.has(name)).slice(0, NAMES_PER_FRAME);
    if (params.length === 0) return;
    for (const name of params) {
      if (wanted.length > 0) this.#asked.add(name);
      else this.#asked.delete(name);
    }
    const method = wanted.length > 0 ? "SUBSCRIBE" : "UNSUBSCRIBE";
    this.#socket?.send(JSON.stringify({ method, params, id: ++this.#requestCount }));
    this.#askAt = after(this.#deps.clock.now(), ASK_EVERY_MS);
    this.#askLater();
  }

  #lose(why: string): void {
    if (this.#phase === "over") return;
    this.close();
    this.#deps.lost(why);
  }

  #wake(at: MonotonicMs, why: string, fire: () => void): Cancel {
    return this.#deps.clock.wake(at, why, fire);
  }
}
