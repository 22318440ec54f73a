/**
 * The URLs of stream sockets: every form seen in the wild, read and built. Protocol sheet 6.1. Pure; a path and query
 * come in as the request line has them, so nothing here needs a URL class.
 *
 *     [/private|/public|/market]/ws[/<name>…]                     raw events
 *     [/private|/public|/market]/stream[?streams=<name>/<name>…]  combined envelopes
 *     …/ws|/stream?listenKey=<K1>&events=A/B&listenKey=<K2>       a filter belongs to the listenKey before it
 *
 * A name is a listenKey or a market stream. A URL is refused only for its form: an unknown or dead key opens and stays
 * silent (*seen*).
 */
import { STREAMS_PER_SOCKET_MAX } from "./limits.ts";

/**
 * The leading segment. `legacy` is none: the form retired on 2026-04-23, which opens and, in production, stays silent.
 */
export type StreamRoute = "private" | "public" | "market" | "legacy";

/** How events arrive at first: `raw` as they are (`/ws`), `combined` as `{"stream":…,"data":…}` (`/stream`). */
export type Framing = "raw" | "combined";

/** One thing a socket listens to. */
export interface StreamSubscription {
  /** A listenKey, or the name of a market stream; never empty. */
  readonly name: string;
  /**
   * Event types let through, spelled as their `e`; absent: all. A type left out never arrives, `listenKeyExpired`
   * included; a type that does not exist is no error (*seen*). Empty lets nothing through; no URL says that.
   */
  readonly events?: ReadonlySet<string>;
}

/** What a stream URL asks for. */
export interface StreamTarget {
  readonly route: StreamRoute;
  readonly framing: Framing;
  /** In the order of the URL, each name once; may be empty. */
  readonly subscriptions: readonly StreamSubscription[];
}

/** A URL that no stream socket can be opened on. The statuses are assumed: the documents only say "not accepted". */
export interface StreamUrlRefused {
  readonly outcome: "refused";
  /** HTTP status of the failed handshake: 404 where there is nothing, 400 where the form is wrong. */
  readonly status: 400 | 404;
  /** Why, for people; holds nothing of the URL. */
  readonly reason: string;
}

/** What became of reading a stream URL. */
export type StreamUrlRead = ({ readonly outcome: "accepted" } & StreamTarget) | StreamUrlRefused;

/**
 * Characters of a stream's name (assumed; a key has 64). Longer ones are refused, so that a socket's names stay small.
 */
export const STREAM_NAME_CHARS_MAX = 256;

const ROUTES: ReadonlySet<string> = new Set(["private", "public", "market"]);
const FRAMINGS: ReadonlyMap<string, Framing> = new Map([
  ["ws", "raw"],
  ["stream", "combined"],
]);

/**
 * Reads path and query of a websocket handshake: `/private/ws?listenKey=…`. Never throws. Parameters with other names
 * are ignored; an `events` without a listenKey before it, or without a value, filters nothing; a name given twice
 * lets through what either lets through (all assumed).
 */
export function readStreamUrl(pathAndQuery: string): StreamUrlRead {
  const mark = pathAndQuery.indexOf("?");
  const path = mark === -1 ? pathAndQuery : pathAndQuery.slice(0, mark);
  const segments = path.split("/");
  if (segments.shift() !== "") return refused(404, "no stream path");
  const route = ROUTES.has(segments[0] ?? "") ? (segments.shift() as StreamRoute) : "legacy";
  const framing = FRAMINGS.get(segments.shift() ?? "");
  if (framing === undefined)
    return refused(404, "no stream path: expected /ws or /stream, after /private, /public or /market");
  if (segments.at(-1) === "") return refused(400, "a trailing slash is not accepted");
  if (framing === "combined" && segments.length > 0) return refused(400, "names of streams belong into ?streams=");

  const names = new Names();
  try {
    for (const segment of segments) names.add(decodeURIComponent(segment));
    const fault = mark === -1 ? undefined : readQuery(pathAndQuery.slice(mark + 1), framing, names);
    if (fault !== undefined) return refused(400, fault);
  } catch {
    return refused(400, "a percent sign is not followed by UTF-8 in hexadecimal digits");
  }
  if (names.hasBad) return refused(400, `the name of a stream is empty or over ${STREAM_NAME_CHARS_MAX} characters`);
  if (names.all.size > STREAMS_PER_SOCKET_MAX) return refused(400, `more than ${STREAMS_PER_SOCKET_MAX} streams`);
  return { outcome: "accepted", route, framing, subscriptions: names.subscriptions() };
}

function refused(status: 400 | 404, reason: string): StreamUrlRefused {
  return { outcome: "refused", status, reason };
}

/** Collects names; a name that comes twice keeps its first place and the wider filter. */
class Names {
  readonly all = new Map<string, ReadonlySet<string> | undefined>();
  hasBad = false;

  add(name: string, events?: ReadonlySet<string>): void {
    if (name === "" || name.length > STREAM_NAME_CHARS_MAX) this.hasBad = true;
    const before = this.all.get(name);
    const isWiderBefore = this.all.has(name) && before === undefined;
    this.all.set(name, isWiderBefore || events === undefined ? undefined : new Set([...(before ?? []), ...events]));
  }

  subscriptions(): StreamSubscription[] {
    return [...this.all].map(([name, events]) => (events === undefined ? { name } : { name, events }));
  }
}

/** Adds what the query names. Returns what is wrong with it, if anything. */
function readQuery(query: string, framing: Framing, names: Names): string | undefined {
  const parts = query.split("&").filter((part) => part !== "");
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf("=");
    if (equals === -1) return "a stream is named in the path of /ws, or by ?streams= of /stream";
    const value = part.slice(equals + 1);
    switch (part.slice(0, equals)) {
      case "streams":
        if (framing === "raw") return "?streams= belongs to /stream";
        for (const name of value === "" ? [] : decodeURIComponent(value).split("/")) names.add(name);
        break;
      case "listenKey":
        names.add(decodeURIComponent(value), readEvents(parts[index + 1]));
        break;
    }
  }
  return undefined;
}

const EVENTS = "events=";

function readEvents(next: string | undefined): ReadonlySet<string> | undefined {
  if (next === undefined || !next.startsWith(EVENTS) || next === EVENTS) return undefined;
  return new Set(decodeURIComponent(next.slice(EVENTS.length)).split("/"));
}

/**
 * Builds path and query for a target, to be put behind `wss://host`: names in the path (`raw`) or in `streams=`
 * (`combined`); as `listenKey=` and `events=` pairs as soon as one of them has a filter, because only that form can say
 * so.
 */
export function streamUrl({ route, framing, subscriptions }: StreamTarget): string {
  const path = `${route === "legacy" ? "" : `/${route}`}/${framing === "raw" ? "ws" : "stream"}`;
  if (subscriptions.some(({ events }) => events !== undefined)) return `${path}?${subscriptions.map(pair).join("&")}`;
  if (subscriptions.length === 0) return path;
  const names = subscriptions.map(({ name }) => encodeURIComponent(name)).join("/");
  return framing === "raw" ? `${path}/${names}` : `${path}?streams=${names}`;
}

function pair({ name, events }: StreamSubscription): string {
  const key = `listenKey=${encodeURIComponent(name)}`;
  return events === undefined ? key : `${key}&${EVENTS}${[...events].map(encodeURIComponent).join("/")}`;
}
