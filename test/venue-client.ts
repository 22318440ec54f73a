/**
 * A client of a paper venue without any network: signs calls, opens sockets, and moves both clocks by hand. For tests
 * of the venue's wire; nothing here waits.
 */
import assert from "node:assert/strict";
import { nodeVerifier } from "../src/face/io/verifiers.ts";
import { seededRandom } from "../src/kernel/random.ts";
import type { MonotonicMs, WallMs } from "../src/kernel/scalars.ts";
import { writeForm } from "../src/protocol/form-text.ts";
import { parseJson } from "../src/protocol/json.ts";
import { restPayload, type Signer, signedForm, wsPayload } from "../src/protocol/signing.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import type { Moment } from "../src/venue/moment.ts";
import { PaperVenue, type VenueResponse } from "../src/venue/paper-venue.ts";
import type { PaperVenueSettings } from "../src/venue/paper-venue-settings.ts";

/** 2026-07-01 00:00:00 UTC: a whole minute, so that counters begin at nothing. */
export const OPENED_AT = 1_782_864_000_000;

/** An answer with its body parsed; ids beyond 2^53 are strings. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // Whatever the test says it is.
  readonly json: Readonly<Record<string, unknown>> & readonly Readonly<Record<string, unknown>>[];
  readonly text: string;
}

/** Who signs, and with which key. */
export interface Caller {
  readonly apiKey: string;
  readonly signer: Signer;
  readonly ip?: string;
}

/** The account that is there from the start. */
export const DEMO: Caller = { apiKey: "paper-demo-key", signer: hmacSigner("paper-demo-secret") };

/** One venue, its clocks, and whatever its sockets were sent. */
export class VenueClient {
  readonly venue: PaperVenue;
  #elapsedMs: number;
  readonly #frames = new Map<string, string[]>();

  /** @param elapsedMs how long after {@link OPENED_AT} it is */
  constructor(settings: Partial<PaperVenueSettings> = {}, elapsedMs = 0) {
    this.#elapsedMs = elapsedMs;
    const openedAt = this.now();
    this.venue = new PaperVenue({
      openedAt,
      random: seededRandom(7),
      verifier: nodeVerifier(),
      marketMaker: { volatilityBps: 0 },
      ...settings,
    });
  }

  /** What the clocks say. */
  now(): Moment {
    return { wall: (OPENED_AT + this.#elapsedMs) as WallMs, monotonic: this.#elapsedMs as MonotonicMs };
  }

  /** Lets time pass; what falls due meanwhile happens in its order. */
  wait(ms: number): void {
    const end = this.#elapsedMs + ms;
    for (;;) {
      const next = this.venue.nextDeadline(this.now());
      if (next === undefined || this.#elapsedMs + next.inMs > end) break;
      this.#elapsedMs += next.inMs;
      this.venue.due(this.now());
      this.#collect();
    }
    this.#elapsedMs = end;
  }

  /** Sends one request as it stands. */
  send(
    method: string,
    path: string,
    rest: { query?: string; body?: string; headers?: object; ip?: string } = {},
  ): Answer {
    const { query = "", body = "", headers = {}, ip = "10.0.0.1" } = rest;
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const response = this.venue.http({ method, path, query, body, headers: lower, ip }, this.now());
    this.#collect();
    return answerOf(response);
  }

  /** Makes a call without a signature. */
  open(method: string, path: string, parameters: object = {}, caller: Partial<Caller> = {}): Answer {
    const headers = caller.apiKey === undefined ? {} : { "X-MBX-APIKEY": caller.apiKey };
    const query = writeForm(given(parameters));
    return this.send(method, path, { query, headers, ...(caller.ip === undefined ? {} : { ip: caller.ip }) });
  }

  /** Makes a signed call, its parameters in the query. */
  call(method: string, path: string, parameters: object = {}, caller: Caller = DEMO): Answer {
    const payload = restPayload(writeForm(given({ timestamp: this.now().wall, ...parameters })), "");
    const query = signedForm(payload, caller.signer.sign(payload));
    const ip = caller.ip === undefined ? {} : { ip: caller.ip };
    return this.send(method, path, { query, headers: { "X-MBX-APIKEY": caller.apiKey }, ...ip });
  }

  /** Makes a native call, and expects it to be carried out. */
  native(path: string, body: object): Readonly<Record<string, unknown>> {
    const answer = this.send("POST", path, { body: JSON.stringify(body) });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  /** Opens a socket, and expects it to open. */
  socket(url: string, ip = "10.0.0.1"): string {
    const opened = this.venue.open(url, ip, this.now());
    assert.ok(opened.outcome === "opened", JSON.stringify(opened));
    this.#frames.set(opened.session, []);
    this.#collect();
    return opened.session;
  }

  /** Sends a text frame, and returns what every socket has got since it was last asked. */
  say(session: string, frame: object | string): string[] {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.venue.onText(session, text, this.now());
    this.#collect();
    return this.heard(session);
  }

  /** Makes a call of the WS API, and returns its only answer. */
  ask(session: string, method: string, params?: object): Answer["json"] {
    const frames = this.say(session, { id: "q", method, ...(params === undefined ? {} : { params }) });
    assert.equal(frames.length, 1, JSON.stringify(frames));
    return parseJson(frames[0] ?? "") as Answer["json"];
  }

  /** Makes a signed call of the WS API. */
  askSigned(session: string, method: string, params: object = {}, caller: Caller = DEMO): Answer["json"] {
    const all = { apiKey: caller.apiKey, timestamp: this.now().wall, ...params };
    const signature = caller.signer.sign(wsPayload(given(all)));
    return this.ask(session, method, { ...all, signature });
  }

  /** What a socket has got since it was last asked: texts as they are, `<ping>`, `<close 1001 why>`. */
  heard(session: string): string[] {
    this.#collect();
    return this.#frames.get(session)?.splice(0) ?? [];
  }

  /** The same, the names of events only. */
  eventsHeard(session: string): string[] {
    return this.heard(session).map((text) => {
      const { e, o } = JSON.parse(text) as { e: string; o?: { X?: string } };
      return o?.X === undefined ? e : `${e} ${o.X}`;
    });
  }

  #collect(): void {
    for (const effect of this.venue.takeEffects()) {
      const frames = this.#frames.get(effect.session);
      if (effect.type === "send") frames?.push(effect.text);
      else if (effect.type === "close") frames?.push(`<close ${effect.code} ${effect.reason}>`);
      else frames?.push(`<${effect.type}>`);
    }
  }
}

function given(parameters: object): Map<string, string> {
  return new Map(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}

function answerOf({ status, headers, body }: VenueResponse): Answer {
  return { status, headers, json: parseJson(body) as Answer["json"], text: body };
}
