/**
 * Calls of bots over the WS API that go on to the exchange. All bots of an exchange share one connection to it; each
 * answer comes back under the id that its bot gave. Pure.
 */
import type { ServerClocks } from "../face/authentication.ts";
import type { SessionId } from "../face/session-effect.ts";
import type { Elsewhere, TakenRequest } from "../face/ws-api-sessions.ts";
import { ListenkeyError } from "../kernel/errors.ts";
import type { Clock, Dialer, Random } from "../kernel/ports.ts";
import { errorVariant } from "../protocol/error-codes.ts";
import { parseJson } from "../protocol/json.ts";
import { readTopLevel } from "../protocol/json-members.ts";
import { WS_API_HANDSHAKE_WEIGHT } from "../protocol/limits.ts";
import { writeWsApiResponse } from "../protocol/ws-api.ts";
import { type Exit, type ExitRefusal, heed } from "./exit.ts";
import { type FramePassage, lostCall, type PassThrough } from "./pass-through.ts";
import { parametersIn, resignedParameters } from "./resigning.ts";
import { type LineAnswer, WsApiLine } from "./ws-api-line.ts";

/** Calls of one socket that may wait for their answers. */
const CALLS_PER_SESSION_MAX = 100;

/** What calls over the WS API need. */
export interface BotCallsDeps {
  readonly passThrough: PassThrough;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly clocks: () => ServerClocks;
  readonly send: (session: SessionId, text: string) => void;
}

/** The calls of all sockets. */
export class BotCalls implements Elsewhere {
  readonly #deps: BotCallsDeps;
  readonly #lines = new Map<string, WsApiLine>();
  readonly #waiting = new Map<SessionId, number>();

  constructor(deps: BotCallsDeps) {
    this.#deps = deps;
  }

  takes(method: string): boolean {
    return this.#deps.passThrough.takesMethod(method);
  }

  take(asked: TakenRequest): void {
    const { passThrough, clocks } = this.#deps;
    const { session, request, shown } = asked;
    if ((this.#waiting.get(session) ?? 0) >= CALLS_PER_SESSION_MAX) {
      return this.#refuse(asked, { status: 503, error: errorVariant(-1008, 1) });
    }
    const judged = passThrough.judgeFrame(request.method, shown, clocks());
    if (judged.outcome === "refused") return this.#refuse(asked, judged);
    const line = this.#lineTo(judged.wsApi);
    const weight = judged.weight + (line.isOpen ? 0 : WS_API_HANDSHAKE_WEIGHT);
    const broken = passThrough.pay({ ...judged, weight });
    if (broken !== undefined) return this.#refuse(asked, broken);
    this.#waiting.set(session, (this.#waiting.get(session) ?? 0) + 1);
    const params = parametersOf(judged, asked);
    const make = (id: number) => `{"id":${id},"method":${JSON.stringify(request.method)},"params":${params}}`;
    line.ask(make, (answer) => this.#answered(asked, judged.exit, answer));
  }

  /** Hangs up. */
  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #lineTo(url: string): WsApiLine {
    const { dialer, clock, random } = this.#deps;
    const line = this.#lines.get(url) ?? new WsApiLine({ dialer, clock, random, url });
    this.#lines.set(url, line);
    return line;
  }

  #refuse({ session, request }: TakenRequest, { status, error }: ExitRefusal): void {
    this.#deps.send(session, writeWsApiResponse({ id: request.id, status, content: { error } }));
  }

  #answered(asked: TakenRequest, exit: Exit, answer: LineAnswer): void {
    const { session } = asked;
    const waiting = (this.#waiting.get(session) ?? 1) - 1;
    if (waiting === 0) this.#waiting.delete(session);
    else this.#waiting.set(session, waiting);
    if (answer.is === "lost") return this.#refuse(asked, lostCall(answer.isSent));
    const { clock } = this.#deps;
    const { text } = answer;
    const { status, used } = figuresIn(text);
    heed(exit, { status, used, body: text }, { now: clock.now(), time: exit.time() });
    this.#deps.send(session, withId(text, asked));
  }
}

function parametersOf({ key, exit }: FramePassage, { frame, request }: TakenRequest): string {
  if (key === "as-sent") return parametersIn(frame);
  return resignedParameters(frame, request.parameters, key, exit.time());
}

/** What an answer says of limits: the status, and the weight used. */
function figuresIn(text: string): { readonly status: number; readonly used: number | undefined } {
  try {
    const { status, rateLimits } = parseJson(text) as { status?: unknown; rateLimits?: unknown };
    const limits = Array.isArray(rateLimits) ? (rateLimits as { rateLimitType?: unknown; count?: unknown }[]) : [];
    const { count } = limits.find(({ rateLimitType }) => rateLimitType === "REQUEST_WEIGHT") ?? {};
    return { status: Number(status), used: typeof count === "number" ? count : undefined };
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    return { status: 0, used: undefined };
  }
}

/** An answer as it came, under the id of the bot's request. */
function withId(text: string, { request, returnsRateLimits }: TakenRequest): string {
  const top = readTopLevel(text);
  const members = top.outcome === "object" ? [...top.members] : [];
  const shown = members.filter(([name]) => returnsRateLimits || name !== "rateLimits");
  const texts = shown.map(([name, member]) => `${JSON.stringify(name)}:${name === "id" ? request.id : member.text}`);
  return `{${texts.join(",")}}`;
}
