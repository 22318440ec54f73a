/**
 * Carries requests of bots on to an exchange, and the answers back, as they come. `undici` is loaded with the first.
 *
 * Rules kept here
 * - A passage leads to the host of its exit, to the path that was judged, and nowhere else: nothing is followed.
 * - Of headers only those that the other side has to know go on, either way.
 * - L12: body, answer and time are bounded, and so is how many are under way.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type HttpAnswer, JSON_CONTENT } from "../../face/http-call.ts";
import { InvariantViolation } from "../../kernel/errors.ts";
import { errorVariant } from "../../protocol/error-codes.ts";
import { type BotAnswer, refusalAnswer } from "../binance-face.ts";
import { lostCall, type Passage } from "../pass-through.ts";

/** Bytes of one body; the longest documented one, a batch of orders, stays below 10 kB. */
export const BODY_BYTES_MAX = 256 * 1024;

/** Bytes of one answer; the largest, `exchangeInfo`, has 3 million. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Of a refusal, so much is read. */
const REFUSAL_BYTES_MAX = 64 * 1024;

/** From sending to the last byte of the answer. */
const PASSAGE_MAX_MS = 30_000;

/** Passages under way. */
const PASSAGES_MAX = 500;

/** Errors that say that nothing was sent. */
const NOT_SENT: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Headers of a bot that go on. */
const SENT_ON = ["content-type", "user-agent"] as const;

/** Headers of an exchange that come back. */
const SENT_BACK = /^(?:content-type|retry-after|x-mbx-.+|x-response-time)$/;

/** All passages of one server. */
export class Passages {
  readonly #heed: (passage: Passage, answer: BotAnswer) => void;
  #underWay = 0;

  /** @param heed is told what each answer says of limits */
  constructor(heed: (passage: Passage, answer: BotAnswer) => void) {
    this.#heed = heed;
  }

  /** Carries one. Resolves when the bot has its answer, or is gone. @param extra headers of the answer */
  async carry(
    passage: Passage,
    request: IncomingMessage,
    response: ServerResponse,
    extra: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (this.#underWay >= PASSAGES_MAX) return answer(response, BUSY, extra);
    this.#underWay++;
    try {
      await this.#carry(passage, request, response, extra);
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      // Half an answer cannot be taken back: it ends without its end.
      if (response.headersSent) response.destroy();
      else if (error instanceof BodyTooLong) answer(response, TOO_LARGE, extra);
      else answer(response, refusalAnswer(lostCall(!NOT_SENT.has((error as { code?: unknown }).code))), extra);
    } finally {
      this.#underWay--;
    }
  }

  async #carry(
    passage: Passage,
    request: IncomingMessage,
    response: ServerResponse,
    extra: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { getGlobalDispatcher } = await import("undici");
    const { method } = passage;
    const gone = new AbortController();
    // An order that is on its way is not called back: nobody would know whether it was placed.
    if (method === "GET") response.once("close", () => gone.abort());
    const signal = AbortSignal.any([AbortSignal.timeout(PASSAGE_MAX_MS), gone.signal]);
    const body = bodyOf(passage, request);
    const headers = headersOf(passage, request);
    const way = { ...wayOf(passage), method, headers, body, signal };
    const answered = await getGlobalDispatcher().request(way);
    const { statusCode: status } = answered;
    const back = backOf(answered.headers);
    const used = Number(back["x-mbx-used-weight-1m"] ?? Number.NaN);
    const figures = { status, used, retryAfter: back["retry-after"] };
    if (status < 400) {
      this.#heed(passage, figures);
      response.writeHead(status, { ...back, ...extra });
      await pipeline(answered.body, new Bounded(ANSWER_BYTES_MAX), response, { signal });
      return;
    }
    const text = await textOf(answered.body);
    this.#heed(passage, { ...figures, body: text });
    answer(response, { status, headers: back, body: text }, extra);
  }
}

/**
 * Not as one URL: that would write quotes and brackets of the query another way, and what was signed are these.
 * @throws {InvariantViolation} when it would lead anywhere but to its exit
 */
function wayOf({ exit, target }: Passage): { readonly origin: string; readonly path: string } {
  const base = new URL(exit.rest);
  const url = new URL(`${exit.rest}${target}`);
  const isSame = url.origin === base.origin && url.username === base.username;
  const prefix = base.pathname.replace(/\/$/, "");
  const isThere = isSame && url.pathname === `${prefix}${target.split("?")[0]}`;
  if (isThere) return { origin: base.origin, path: `${prefix}${target}` };
  throw new InvariantViolation("a call that is passed on leads to its exchange");
}

/** A read has none, whatever came with it. */
function bodyOf({ method, body }: Passage, request: IncomingMessage): string | Transform | null {
  if (method === "GET" || body === "" || !isSent(request)) return null;
  return body ?? request.pipe(new Bounded(BODY_BYTES_MAX));
}

function isSent({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function headersOf({ method, apiKey, body }: Passage, { headers }: IncomingMessage): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const name of SENT_ON) {
    const value = headers[name];
    if (value !== undefined) sent[name] = value;
  }
  const length = headers["content-length"];
  if (method !== "GET" && body === undefined && length !== undefined) sent["content-length"] = length;
  return apiKey === undefined ? sent : { ...sent, "x-mbx-apikey": apiKey };
}

function backOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const back: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && SENT_BACK.test(name)) back[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return back;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > REFUSAL_BYTES_MAX) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

class BodyTooLong extends Error {}

/** Lets so many bytes through. */
class Bounded extends Transform {
  #left: number;

  constructor(bytesMax: number) {
    super();
    this.#left = bytesMax;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#left -= chunk.length;
    if (this.#left < 0) done(new BodyTooLong());
    else done(null, chunk);
  }
}

const BUSY = refusalAnswer({ status: 503, error: errorVariant(-1008, 1) });

/** The answer to a body that is too long. */
export const TOO_LARGE: HttpAnswer = {
  status: 413,
  headers: { "content-type": JSON_CONTENT, connection: "close" },
  body: JSON.stringify({ code: -1000, msg: `the body is over ${BODY_BYTES_MAX} bytes` }),
};

/** Sends an answer, whole. */
export function answer(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  extra: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, ...extra });
  response.end(body === "" ? undefined : body);
}
