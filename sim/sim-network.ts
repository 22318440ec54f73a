/**
 * The network between programs and one paper venue: latency, and trouble on command. Pure.
 *
 * Frames of one socket arrive in order, however long each was on its way; on a slow way all that comes to the program
 * by a socket takes longer, from the end of the handshake on. What is in flight when a socket is cut is
 * lost, as it is with TCP; a half-open socket loses everything and tells nobody.
 */
import { NetworkError } from "../src/kernel/errors.ts";
import type { Dialer, Http, HttpRequest, HttpResponse, Random, Socket, SocketEvents } from "../src/kernel/ports.ts";
import { after, type MonotonicMs } from "../src/kernel/scalars.ts";
import type { Moment } from "../src/venue/moment.ts";
import type { PaperVenue, SocketEffect } from "../src/venue/paper-venue.ts";
import type { SimClock } from "./sim-clock.ts";
import type { Trace } from "./trace.ts";

/** The longest way of one packet, in milliseconds; the shortest takes 1. */
const LATENCY_MAX_MS = 80;
/** What `closed` says when no close frame came. */
const NO_CLOSE_FRAME = 1006;
/** From sending a request to giving up on its answer, as the real adapter does. */
const ANSWER_MAX_MS = 10_000;
/** Where the program under test is, and whoever shares its fate. */
const ADDRESS = "192.0.2.1";
/** Where other programs are. */
const ELSEWHERE = "192.0.2.2";
/** Where the venue's own console is. */
const CONSOLE = "127.0.0.1";

/**
 * What REST can do instead of answering, the worst first: a silent one costs the whole wait, and nobody knows whether
 * the request was carried out; an unreachable one says at once that it was not; an unavailable one is at least there.
 */
const REST_OUTAGES = ["rest-silent", "rest-unreachable", "rest-unavailable"] as const;

type RestOutage = (typeof REST_OUTAGES)[number];

/** What can be out of order for a while: one way of REST not to answer, or all new sockets. */
export type Outage = RestOutage | "no-connections";

interface Wire {
  readonly events: SocketEvents;
  /** Which life of the program dialled it. */
  readonly life: number;
  session: string | undefined;
  isHalfOpen: boolean;
  isClosed: boolean;
  /** The last delivery that is on its way to the program. */
  deliveredAt: MonotonicMs;
}

/** What the network needs. */
export interface SimNetworkDeps {
  readonly clock: SimClock;
  readonly random: Random;
  readonly trace: Trace;
  readonly venue: PaperVenue;
  /** Is called when the venue has carried out a request that may change something. */
  readonly served: () => void;
}

/** One network. */
export class SimNetwork {
  readonly #deps: SimNetworkDeps;
  readonly #wires = new Map<string, Wire>();
  /** How often the program has died. */
  #life = 0;
  #cancelDue = () => {};
  /** When the alarm is set for; `undefined`: none is. */
  #dueAt: MonotonicMs | undefined;
  /** By how much more each packet of a socket may take to the program; of every slowness that has begun. */
  readonly #slownessMs: number[] = [];
  /** Outages of one kind that have begun and not ended: they may overlap. */
  readonly #outages = new Map<Outage, number>();

  constructor(deps: SimNetworkDeps) {
    this.#deps = deps;
  }

  /** Open sockets. */
  get wireCount(): number {
    return this.#wires.size;
  }

  /** What happens to REST requests at the moment: the worst of what has begun. */
  get rest(): RestOutage | "well" {
    return REST_OUTAGES.find((outage) => this.#lasts(outage)) ?? "well";
  }

  /** Begins an outage. Call the returned function, once, to end it. */
  begin(outage: Outage): () => void {
    this.#outages.set(outage, this.#countOf(outage) + 1);
    return () => this.#outages.set(outage, this.#countOf(outage) - 1);
  }

  /** From now on what comes by a socket takes up to so much longer. Call the returned function, once, to end it. */
  slowDown(byMs: number): () => void {
    this.#slownessMs.push(byMs);
    return () => void this.#slownessMs.splice(this.#slownessMs.indexOf(byMs), 1);
  }

  #countOf(outage: Outage): number {
    return this.#outages.get(outage) ?? 0;
  }

  #lasts(outage: Outage): boolean {
    return this.#countOf(outage) > 0;
  }

  /** Cuts the open socket number `index`, counted from the oldest; a number beyond them cuts none. */
  cut(index: number): void {
    const [session, wire] = [...this.#wires][index] ?? [];
    if (session === undefined || wire === undefined) return;
    this.#deps.trace.say(`cut ${session}`);
    this.#deps.venue.onClosed(session, this.#moment());
    this.#close(wire, NO_CLOSE_FRAME, "");
    this.pump();
  }

  /** From now on the open socket number `index` loses everything, both ways. */
  halfOpen(index: number): void {
    const [session, wire] = [...this.#wires][index] ?? [];
    if (wire === undefined) return;
    this.#deps.trace.say(`half-open ${session}`);
    wire.isHalfOpen = true;
  }

  /** The program is gone, and every socket of it: the venue is not told. */
  vanish(): void {
    this.#life++;
    for (const session of this.#wires.keys()) this.#deps.trace.say(`vanish ${session}`);
    this.#wires.clear();
  }

  /** Asks the venue at its own console, at once, whatever the network is doing. */
  command(
    method: "POST" | "DELETE",
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): HttpResponse {
    const { venue, served } = this.#deps;
    const answer = venue.http({ method, path, query: "", body, headers, ip: CONSOLE }, this.#moment());
    served();
    this.pump();
    return answer;
  }

  /** Opens websockets to the venue, by path and query. */
  readonly dialer: Dialer = {
    dial: (url, events) => this.#dial(url.replace(/^wss?:\/\/[^/]*/, ""), events),
  };

  /** Sends requests to the venue, by path and query. */
  readonly http: Http = { request: (request) => this.#request(request, ADDRESS, this.rest) };

  /** The same from another address, which no outage concerns. */
  readonly httpElsewhere: Http = { request: (request) => this.#request(request, ELSEWHERE, "well") };

  /** Carries out what the venue wants done with its sockets, and sets the alarm for its next deadline. */
  pump(): void {
    const { clock, venue } = this.#deps;
    for (const effect of venue.takeEffects()) this.#carryOut(effect);
    const due = venue.nextDeadline(this.#moment());
    const at = due === undefined ? undefined : after(clock.now(), due.inMs);
    if (at === this.#dueAt) return;
    this.#cancelDue();
    this.#dueAt = at;
    if (due === undefined || at === undefined) return;
    this.#cancelDue = clock.wake(at, due.why, () => {
      this.#dueAt = undefined;
      venue.due(this.#moment());
      this.pump();
    });
  }

  #moment(): Moment {
    const { clock } = this.#deps;
    return { wall: clock.wall(), monotonic: clock.now() };
  }

  /** Does it after one way through the network. */
  #later(why: string, fire: () => void): void {
    const { clock, random } = this.#deps;
    clock.wake(after(clock.now(), 1 + random.next() * LATENCY_MAX_MS), why, fire);
  }

  #dial(path: string, events: SocketEvents): Socket {
    const wire: Wire = {
      events,
      life: this.#life,
      session: undefined,
      isHalfOpen: false,
      isClosed: false,
      deliveredAt: this.#deps.clock.now(),
    };
    this.#later("syn", () => this.#connect(path, wire));
    const toVenue = (why: string, act: (session: string) => void) =>
      this.#later(why, () => {
        if (wire.session === undefined || wire.isHalfOpen || !this.#wires.has(wire.session)) return;
        act(wire.session);
        this.pump();
      });
    return {
      send: (text) => toVenue("text", (session) => this.#deps.venue.onText(session, text, this.#moment())),
      ping: () =>
        toVenue("ping", (session) => {
          this.#deps.venue.onPing(session, this.#moment());
          this.#deliver(wire, "pong", () => wire.events.heard());
        }),
      close: (code, reason) => {
        toVenue("fin", (session) => this.#forget(session));
        this.#later("closed", () => this.#close(wire, code, reason));
      },
    };
  }

  #connect(path: string, wire: Wire): void {
    const { venue, trace } = this.#deps;
    if (wire.isClosed || wire.life !== this.#life) return;
    if (this.#lasts("no-connections")) {
      return this.#deliver(wire, "rst", () => this.#close(wire, NO_CLOSE_FRAME, "refused"));
    }
    const opened = venue.open(path, ADDRESS, this.#moment());
    if (opened.outcome === "refused") {
      return this.#deliver(wire, "refusal", () => this.#close(wire, NO_CLOSE_FRAME, `HTTP ${opened.response.status}`));
    }
    trace.say(`open ${opened.session}`);
    wire.session = opened.session;
    this.#wires.set(opened.session, wire);
    this.#deliver(wire, "opened", () => wire.events.opened());
    this.pump();
  }

  #carryOut(effect: SocketEffect): void {
    const wire = this.#wires.get(effect.session);
    if (wire === undefined) return;
    switch (effect.type) {
      case "send":
        return this.#deliver(wire, "frame", () => {
          wire.events.heard();
          wire.events.frame(effect.text);
        });
      case "ping":
        return this.#deliver(wire, "ping", () => {
          wire.events.heard();
          this.#pong(effect.session, effect.payload);
        });
      case "close":
        this.#wires.delete(effect.session);
        return this.#deliver(wire, "close", () => this.#close(wire, effect.code, effect.reason));
      case "cut":
        return this.#close(wire, NO_CLOSE_FRAME, "");
      case "freeze":
        wire.isHalfOpen = true;
    }
  }

  #pong(session: string, payload: string): void {
    this.#later("pong", () => {
      const wire = this.#wires.get(session);
      if (wire === undefined || wire.isHalfOpen) return;
      this.#deps.venue.onPong(session, payload, this.#moment());
      this.pump();
    });
  }

  #forget(session: string): void {
    this.#wires.delete(session);
    this.#deps.venue.onClosed(session, this.#moment());
  }

  /** Hands something to the program, after everything that is on its way to it already. */
  #deliver(wire: Wire, why: string, act: () => void): void {
    const { clock, random } = this.#deps;
    const slowMs = this.#slownessMs.length === 0 ? 0 : random.next() * Math.max(...this.#slownessMs);
    const takesMs = 1 + random.next() * LATENCY_MAX_MS + slowMs;
    const at = Math.max(wire.deliveredAt, clock.now() + takesMs) as MonotonicMs;
    wire.deliveredAt = at;
    clock.wake(at, why, () => {
      if (!wire.isClosed && !wire.isHalfOpen && wire.life === this.#life) act();
    });
  }

  #close(wire: Wire, code: number, reason: string): void {
    if (wire.isClosed || wire.life !== this.#life) return;
    wire.isClosed = true;
    if (wire.session !== undefined) this.#wires.delete(wire.session);
    wire.events.closed(code, reason);
  }

  #request(request: HttpRequest, ip: string, mood: RestOutage | "well"): Promise<HttpResponse> {
    const [, path = "", query = ""] = /^[a-z]+:\/\/[^/]*([^?]*)\??(.*)$/.exec(request.url) ?? [];
    const action = `${request.method} ${path}`;
    const { clock, trace, venue } = this.#deps;
    trace.say(`${action} (${mood})`);
    return new Promise((resolve, reject) => {
      if (mood === "rest-silent") {
        const give = () => reject(new NetworkError(action, "no answer in 10 s", "unknown"));
        return void clock.wake(after(clock.now(), ANSWER_MAX_MS), "no answer", give);
      }
      this.#later("request", () => {
        if (mood === "rest-unreachable") return reject(new NetworkError(action, "connection refused", "not-sent"));
        if (mood === "rest-unavailable") return this.#later("answer", () => resolve(UNAVAILABLE));
        const { method, body = "" } = request;
        const response = venue.http(
          { method, path, query, body, headers: lowerCased(request.headers), ip },
          this.#moment(),
        );
        if (method !== "GET") this.#deps.served();
        this.pump();
        this.#later("answer", () => resolve(response));
      });
    });
  }
}

const UNAVAILABLE: HttpResponse = { status: 503, headers: {}, body: '{"code":-1000,"msg":"Service Unavailable."}' };

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
