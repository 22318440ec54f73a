/**
 * The native face of the hub: `/v1/accounts…`, `/healthz`, `/readyz`. Requests in, answers and openings of streams out.
 * Pure; `io/hub-server.ts` owns the sockets.
 *
 *     GET /v1/accounts                        those the token may read
 *     GET /v1/accounts/:id                    what it holds, as of `asOfSeq`
 *     GET /v1/accounts/:id/health             how it is followed
 *     GET /v1/accounts/:id/records            a page: JSON, or NDJSON when that is accepted
 *     GET /v1/accounts/:id/records/stream     server-sent events
 *     WS  /v1/accounts/:id/stream             the same over a websocket
 */
import type { HttpAnswer, HttpCall } from "../face/http-call.ts";
import type { Strangers } from "../face/strangers.ts";
import { PAGE_ENTRIES_MAX, type ReadAnswer } from "../journal/journal.ts";
import { ListenkeyError, UsageError } from "../kernel/errors.ts";
import { type Access, mayRead, type Scope } from "./access.ts";
import type { ConsumerWish } from "./consumer.ts";
import { CONSUMERS_MAX, type Hub } from "./hub.ts";
import type { HubAccount } from "./hub-account.ts";
import { answered, answeredText, cursorRefused, refused } from "./native-answers.ts";
import {
  BadParameter,
  type Parameters,
  readParameters,
  recordFilter,
  sinceOf,
  wholeNumber,
} from "./native-parameters.ts";

/** Records of a page when no limit is named. */
const PAGE_ENTRIES = 100;

/** Records that may wait for a consumer that asks for no other bound. */
const QUEUE_ENTRIES = 5_000;

/** The highest bound a consumer can ask for. */
const QUEUE_ENTRIES_MAX = 10_000;

/** What a page of records is, one a line. */
const NDJSON = "application/x-ndjson";

/** What came of a wish to be streamed to. */
export type Opening =
  | { readonly outcome: "refused"; readonly answer: HttpAnswer }
  | { readonly outcome: "open"; readonly account: HubAccount; readonly wish: ConsumerWish };

/** What the face stands before. */
export interface NativeFaceDeps {
  readonly hub: Hub;
  readonly access: Access;
  /** Who may not call, though nobody has asked for a token yet: strange web pages. */
  readonly strangers: Pick<Strangers, "error">;
}

/** Answers requests. Never throws on any bytes. */
export class NativeFace {
  readonly #deps: NativeFaceDeps;

  constructor(deps: NativeFaceDeps) {
    this.#deps = deps;
  }

  /** Is this path the hub's to answer? */
  owns(path: string): boolean {
    return path === "/healthz" || path === "/readyz" || /^\/v1\/accounts(?:\/|$)/.test(path);
  }

  /** Is this path answered by a stream of server-sent events? */
  streams(path: string): boolean {
    return /^\/v1\/accounts\/[^/]+\/records\/stream$/.test(path);
  }

  /** Answers one request that is no stream. */
  async answer(call: HttpCall): Promise<HttpAnswer> {
    return this.#guarded(call, async (scope) => {
      if (scope === undefined) return this.#sign(call.path);
      const [, id, what] = /^\/v1\/accounts(?:\/([^/]+)(?:\/(.+))?)?$/.exec(call.path) ?? [];
      if (id === undefined) return call.path === "/v1/accounts" ? this.#accounts(scope) : unknownPath(call.path);
      const account = this.#account(id, scope);
      if (account === undefined) return unknownAccount(id);
      switch (what) {
        case undefined:
          return account.feed === undefined ? notReady(account) : answeredText(200, account.feed.pictureText);
        case "health":
          return answered(200, account.health);
        case "records":
          return this.#records(account, call);
        default:
          return unknownPath(call.path);
      }
    });
  }

  /** Opens a stream of records, over a websocket or as server-sent events. */
  async open(call: HttpCall, over: "websocket" | "events"): Promise<Opening> {
    const { hub } = this.#deps;
    let opening: Opening | undefined;
    const answer = await this.#guarded(call, async (scope) => {
      const path = over === "websocket" ? WEBSOCKET_PATH : EVENTS_PATH;
      const [, id] = path.exec(call.path) ?? [];
      if (id === undefined || scope === undefined) return unknownPath(call.path);
      const account = this.#account(id, scope);
      if (account === undefined) return unknownAccount(id);
      if (account.feed === undefined) return notReady(account);
      if (!hub.hasRoom) return refused(503, "TOO_MANY_CONSUMERS", TOO_MANY);
      const wish = wishOf(readParameters(call.query), call.headers["last-event-id"]);
      const place = await this.#placeOf(account, wish.since);
      if (place !== undefined) return place;
      opening = { outcome: "open", account, wish };
      return answered(200, {});
    });
    return opening ?? { outcome: "refused", answer };
  }

  /** Answers with what is wrong, if anything is; what is thrown becomes an answer unless it is a bug. */
  async #guarded(call: HttpCall, answer: (scope: Scope | undefined) => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { access, strangers } = this.#deps;
    const stranger = strangers.error(call.headers);
    if (stranger !== undefined) return refused(403, "FORBIDDEN_ORIGIN", stranger);
    if (call.method !== "GET" && call.method !== "HEAD") {
      return refused(405, "METHOD_NOT_ALLOWED", new UsageError("method", "GET", call.method));
    }
    if (isSign(call.path)) return answer(undefined);
    const entry = access.enter(call.headers.authorization, call.ip);
    if (entry.outcome === "refused") {
      const { status, error, waitMs } = entry;
      const refusal = refused(status, status === 401 ? "UNAUTHORIZED" : "TOO_MANY_ATTEMPTS", error);
      const extra: Record<string, string> =
        waitMs === undefined ? { "www-authenticate": "Bearer" } : { "retry-after": String(Math.ceil(waitMs / 1000)) };
      return { ...refusal, headers: { ...refusal.headers, ...extra } };
    }
    try {
      return await answer(entry.scope);
    } catch (error) {
      if (error instanceof BadParameter) return refused(400, "BAD_PARAMETER", error);
      if (error instanceof ListenkeyError && error.origin === "disk") return refused(503, "JOURNAL_UNREADABLE", error);
      throw error;
    }
  }

  /** Signs of life say nothing about accounts: whoever watches the process needs no token. */
  #sign(path: string): HttpAnswer {
    if (path === "/healthz") return answered(200, { status: "alive" });
    const { isReady } = this.#deps.hub;
    return answered(isReady ? 200 : 503, { status: isReady ? "ready" : "not ready" });
  }

  #accounts(scope: Scope): HttpAnswer {
    const accounts = this.#deps.hub.accounts.filter(({ id }) => mayRead(scope, id));
    return answered(200, {
      accounts: accounts.map(({ id, isReady, health }) => {
        const { phase, trouble, lastSeq, consumers, upstream } = health;
        return { id, ready: isReady, phase, trouble, sync: upstream?.sync, lastSeq, consumers };
      }),
    });
  }

  /** An account that may not be read is not known: its name is nobody's business. */
  #account(id: string, scope: Scope): HubAccount | undefined {
    const account = this.#deps.hub.account(id);
    return account !== undefined && mayRead(scope, id) ? account : undefined;
  }

  async #records(account: HubAccount, { query, headers }: HttpCall): Promise<HttpAnswer> {
    const parameters = readParameters(query);
    const limit = wholeNumber(parameters, "limit", 1, PAGE_ENTRIES_MAX) ?? PAGE_ENTRIES;
    const filter = recordFilter(parameters);
    const given = sinceOf(parameters, undefined);
    const since = given ?? (await account.extent()).firstSeq - 1;
    parameters.mustBeAllKnown();
    const request = { account: account.id, since, limit, ...(filter === undefined ? {} : { filter }) };
    const answer = await this.#deps.hub.journal.read(request);
    if (answer.is !== "page") return cursorRefused(answer.is, since, answer.extent);
    return (headers.accept ?? "").includes(NDJSON) ? linesOf(answer) : pageOf(answer);
  }

  /** What is wrong with a cursor. What the ring has needs no look into the journal. */
  async #placeOf(account: HubAccount, since: number | undefined): Promise<HttpAnswer | undefined> {
    if (since === undefined || account.feed?.covers(since) === true) return undefined;
    const answer = await this.#deps.hub.journal.read({ account: account.id, since, limit: 1 });
    return answer.is === "page" ? undefined : cursorRefused(answer.is, since, answer.extent);
  }
}

const TOO_MANY = new UsageError("consumers", `at most ${CONSUMERS_MAX}`, "as many");

const WEBSOCKET_PATH = /^\/v1\/accounts\/([^/]+)\/stream$/;
const EVENTS_PATH = /^\/v1\/accounts\/([^/]+)\/records\/stream$/;

function isSign(path: string): boolean {
  return path === "/healthz" || path === "/readyz";
}

function wishOf(parameters: Parameters, lastEventId: string | undefined): ConsumerWish {
  const since = sinceOf(parameters, lastEventId);
  const filter = recordFilter(parameters);
  const policy = parameters.oneOf("policy", ["disconnect", "drop-oldest", "coalesce"]) ?? "disconnect";
  const pictures = parameters.oneOf("snapshots", ["none", "first", "follow"]) ?? "first";
  const queueEntries = wholeNumber(parameters, "queue", 1, QUEUE_ENTRIES_MAX) ?? QUEUE_ENTRIES;
  parameters.mustBeAllKnown();
  return { since, pictures, policy, queueEntries, ...(filter === undefined ? {} : { filter }) };
}

type Page = Extract<ReadAnswer, { is: "page" }>;

function pageOf({ entries, cursor, extent }: Page): HttpAnswer {
  const { firstSeq, lastSeq } = extent;
  const records = entries.map(({ record }) => record).join(",");
  return answeredText(200, `{"records":[${records}],"cursor":${cursor},"firstSeq":${firstSeq},"lastSeq":${lastSeq}}`);
}

function linesOf({ entries, cursor, extent }: Page): HttpAnswer {
  const body = entries.map(({ record }) => `${record}\n`).join("");
  return answeredText(200, body, {
    "content-type": `${NDJSON};charset=UTF-8`,
    "listenkey-cursor": String(cursor),
    "listenkey-first-seq": String(extent.firstSeq),
    "listenkey-last-seq": String(extent.lastSeq),
  });
}

function unknownPath(path: string): HttpAnswer {
  const remedy = "GET /v1/accounts, /v1/accounts/ID, /v1/accounts/ID/health, /records or /records/stream.";
  return refused(404, "UNKNOWN_PATH", new UsageError("path", "a path that exists", path, remedy));
}

function unknownAccount(id: string): HttpAnswer {
  const error = new UsageError("account", "an account of this hub", id, "GET /v1/accounts lists them.");
  return refused(404, "UNKNOWN_ACCOUNT", error);
}

function notReady({ id, health }: HubAccount): HttpAnswer {
  const found = health.trouble ?? "one that is being opened";
  return refused(503, "NOT_READY", new UsageError("account", `${id} to be open`, found, "Ask again in a second."));
}
