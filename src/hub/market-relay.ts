/**
 * Market streams for bots: what several of them listen to is asked of the exchange once, and handed on byte for byte.
 * Pure.
 *
 *     sockets of bots ◀── name ── MarketRelay ◀── MarketLine (/public, /market) ◀── the exchange
 *
 * Rules kept here
 * - A name is given back with its last listener.
 * - Nothing is missed in silence: when a connection is lost, the sockets that heard it are closed, as the exchange's
 *   own would be.
 * - L12: names are bounded, and so are connections; after a failure the next dial waits.
 */
import type { Clock, Dialer, Log, Random } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { STREAMS_PER_SOCKET_MAX } from "../protocol/limits.ts";
import { routeOf } from "../protocol/market/stream-names.ts";
import { MarketLine } from "./market-line.ts";

/** Names that all bots together may listen to. Connections are begun when all of a route are full: six of each. */
export const MARKET_STREAMS_MAX = 6 * STREAMS_PER_SOCKET_MAX;

/** Names gather so long before a connection is dialled. */
const GATHER_MS = 20;

/** After a failure no dial for so long, twice as long after each further one, up to {@link REST_MAX_MS}. */
const REST_MS = 1_000;

/** No rest is longer. */
const REST_MAX_MS = 30_000;

/** What may be asked of an exchange; symbols may be written in any script. */
const STREAM_NAME = /^!?[^\s"\\/?#&%@!]{1,64}(?:@[\w-]{1,32}){0,3}$/;

/** Where market streams come from, or why there are none. */
export type MarketSource =
  | {
      readonly outcome: "open";
      /** Without a trailing slash: `wss://fstream.binance.com`. */
      readonly stream: string;
    }
  | { readonly outcome: "refused"; readonly why: string };

/** What a relay needs. */
export interface MarketRelayDeps {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** At this moment. */
  readonly source: () => MarketSource;
  /** An event came. @param data its bytes */
  readonly told: (name: string, data: string) => void;
  /** What was listened to has been lost. */
  readonly lost: (names: ReadonlySet<string>) => void;
}

/** All market streams of one hub. */
export class MarketRelay {
  readonly #deps: MarketRelayDeps;
  readonly #lines = new Map<MarketLine, { readonly stream: string; readonly route: string }>();
  readonly #lineOf = new Map<string, MarketLine>();
  #failures = 0;
  #restsUntil: MonotonicMs;

  constructor(deps: MarketRelayDeps) {
    this.#deps = deps;
    this.#restsUntil = deps.clock.now();
  }

  /** Why these names cannot be listened to; `undefined` when they can. Names of no market stream are passed over. */
  refusal(names: readonly string[]): string | undefined {
    const wanted = names.filter(isMarketName);
    if (wanted.length === 0) return undefined;
    const source = this.#deps.source();
    if (source.outcome === "refused") return source.why;
    if (!wanted.every((name) => STREAM_NAME.test(name))) return "a market stream has another name";
    const added = new Set(wanted.filter((name) => !this.#lineOf.has(name)));
    if (this.#lineOf.size + added.size <= MARKET_STREAMS_MAX) return undefined;
    return `this hub relays ${MARKET_STREAMS_MAX} market streams at the most`;
  }

  /** A name has its first listener, or none any more. One that was refused is never told. */
  heard(name: string, isHeard: boolean): void {
    if (!isMarketName(name)) return;
    if (isHeard) this.#begin(name);
    else this.#end(name);
  }

  /** The accounts are others now: what comes from where it should not come from any more is lost. */
  recheck(): void {
    const source = this.#deps.source();
    for (const [line, { stream }] of [...this.#lines]) {
      if (source.outcome === "open" && source.stream === stream) continue;
      line.close();
      this.#drop(line);
    }
  }

  /** Hangs up. */
  close(): void {
    for (const line of this.#lines.keys()) line.close();
    this.#lines.clear();
    this.#lineOf.clear();
  }

  #begin(name: string): void {
    const source = this.#deps.source();
    if (source.outcome === "refused" || this.#lineOf.has(name)) return;
    const line = this.#lineFor(source.stream, routeOf(name));
    this.#lineOf.set(name, line);
    line.add(name);
  }

  #end(name: string): void {
    this.#lineOf.get(name)?.remove(name);
    this.#lineOf.delete(name);
  }

  /** One that has room, or another one. */
  #lineFor(stream: string, route: string): MarketLine {
    for (const [line, of] of this.#lines) {
      if (of.stream === stream && of.route === route && line.names.size < STREAMS_PER_SOCKET_MAX) return line;
    }
    const { dialer, clock, told, log } = this.#deps;
    const soon = after(clock.now(), GATHER_MS);
    const line: MarketLine = new MarketLine({
      dialer,
      clock,
      url: `${stream}/${route}/stream`,
      dialAt: soon < this.#restsUntil ? this.#restsUntil : soon,
      told,
      opened: () => {
        this.#failures = 0;
      },
      refused: (answer) => log.warn("the exchange refused market streams", { answer: answer.slice(0, 200) }),
      lost: (why) => this.#lost(line, route, why),
    });
    this.#lines.set(line, { stream, route });
    return line;
  }

  #lost(line: MarketLine, route: string, why: string): void {
    if (line.names.size > 0) {
      const { clock, random, log } = this.#deps;
      const rest = Math.min(REST_MS * 2 ** this.#failures++, REST_MAX_MS);
      this.#restsUntil = after(clock.now(), rest * (0.5 + random.next() / 2));
      log.warn("market streams were lost: the bots that heard them come again", { route, why });
    }
    this.#drop(line);
  }

  #drop(line: MarketLine): void {
    this.#lines.delete(line);
    const names = new Set(line.names);
    for (const name of names) this.#lineOf.delete(name);
    if (names.size > 0) this.#deps.lost(names);
  }
}

function isMarketName(name: string): boolean {
  return routeOf(name) !== "private";
}
