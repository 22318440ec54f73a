/**
 * The native face of the hub: the calls of `native-routes.ts`. Requests in, answers and openings of streams out. Pure;
 * `io/hub-server.ts` owns the sockets.
 */
import type { HttpAnswer, HttpCall } from "../face/http-call.ts";
import type { Strangers } from "../face/strangers.ts";
import { PAGE_ENTRIES_MAX, type ReadAnswer } from "../journal/journal.ts";
import { ListenkeyError, UsageError } from "../kernel/errors.ts";
import { type Access, mayRead, type Scope } from "./access.ts";
import { type Administration, type Changes, parsedBody } from "./administration.ts";
import type { ConsumerWish } from "./consumer.ts";
import { ACCOUNT_NAME_CHARS_MAX, CONSUMERS_MAX, type Hub } from "./hub.ts";
import type { HubAccount } from "./hub-account.ts";
import { SAMPLE_EVERY_MS } from "./margin-desk.ts";
import { answered, answeredText, cursorRefused, type RefusalCode, refused } from "./native-answers.ts";
import {
  BadParameter,
  type Parameters,
  readParameters,
  recordFilter,
  sinceOf,
  wholeNumber,
} from "./native-parameters.ts";
import { type NativeRoute, routeOf } from "./native-routes.ts";
import type { RequestRate } from "./request-rate.ts";

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
  | {
      readonly outcome: "open";
      readonly account: HubAccount;
      readonly wish: ConsumerWish;
      /** What the token was good for. */
      readonly scope: Scope;
    };

/** What the face stands before. */
export interface NativeFaceDeps {
  readonly hub: Hub;
  readonly access: Access;
  readonly rate: RequestRate;
  /** Who may not call, though nobody has asked for a token yet: strange web pages. */
  readonly strangers: Pick<Strangers, "error">;
  /** `undefined`: the hub is as it was begun, and knows no call that changes it. */
  readonly administration: Administration | undefined;
  /** The hub in numbers, and their media type; `undefined`: nobody counts. */
  readonly metrics: { text(): Promise<string>; readonly contentType: string } | undefined;
  /** What `/v1/openapi.json` says. */
  readonly description: object;
}

/** A request that may be answered. */
interface Admitted {
  readonly call: HttpCall;
  readonly route: NativeRoute;
  /** The account's name in the path; empty when there is none. */
  readonly id: string;
  readonly scope: Scope;
}

/** Answers requests. Never throws on any bytes. */
export class NativeFace {
  readonly #deps: NativeFaceDeps;

  constructor(deps: NativeFaceDeps) {
    this.#deps = deps;
  }

  /** Is this path the hub's to answer? */
  owns(path: string): boolean {
    return /^\/v1\/accounts(?:\/|$)/.test(path) || routeOf("GET", path).is !== "nowhere";
  }

  /** Is this path answered by a stream of server-sent events? */
  streams(path: string): boolean {
    const routed = routeOf("GET", path);
    return routed.is === "route" && routed.route.name === "streamEvents";
  }

  /** Answers one request that is no stream. */
  async answer(call: HttpCall): Promise<HttpAnswer> {
    return this.#admitted(call, (admitted) => this.#perform(admitted));
  }

  /** Opens a stream of records, over a websocket or as server-sent events. */
  async open(call: HttpCall, over: "websocket" | "events"): Promise<Opening> {
    const { hub, access } = this.#deps;
    let opening: Opening | undefined;
    const answer = await this.#admitted(call, async ({ route, id, scope }) => {
      if (route.name !== (over === "websocket" ? "streamWebsocket" : "streamEvents")) return unknownPath(call.path);
      const account = this.#account(id, scope);
      if (account === undefined) return unknownAccount(id);
      if (!account.isOpen) return notReady(account);
      if (!hub.hasRoom) return refused(503, "TOO_MANY_CONSUMERS", TOO_MANY);
      const wish = wishOf(readParameters(call.query), call.headers["last-event-id"]);
      const place = await this.#placeOf(account, wish.since);
      if (place !== undefined) return place;
      // The journal was asked meanwhile: a token that is gone by now is not among those whose streams are ended.
      if (!access.grants(scope)) return refused(401, "UNAUTHORIZED", TAKEN_AWAY);
      opening = { outcome: "open", account, wish, scope };
      return answered(200, {});
    });
    return opening ?? { outcome: "refused", answer };
  }

  /** Answers with what is wrong, if anything is; what is thrown becomes an answer unless it is a bug. */
  async #admitted(call: HttpCall, answer: (admitted: Admitted) => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { access, strangers, rate } = this.#deps;
    const stranger = strangers.error(call.headers);
    if (stranger !== undefined) return refused(403, "FORBIDDEN_ORIGIN", stranger);
    const waitMs = rate.take(call.ip);
    if (waitMs !== undefined) return later(refused(429, "TOO_MANY_REQUESTS", TOO_OFTEN), waitMs);
    const routed = routeOf(call.method, call.path);
    if (routed.is === "nowhere") return unknownPath(call.path);
    if (routed.is === "other-method") return otherMethod(call.method, routed.methods);
    const { route, id } = routed;
    if (route.may === "anybody") return answer({ call, route, id, scope: NOTHING });
    const entry = access.enter(call.headers.authorization, call.ip);
    if (entry.outcome === "refused") {
      const refusal = refused(entry.status, entry.status === 401 ? "UNAUTHORIZED" : "TOO_MANY_ATTEMPTS", entry.error);
      if (entry.waitMs !== undefined) return later(refusal, entry.waitMs);
      return { ...refusal, headers: { ...refusal.headers, "www-authenticate": "Bearer" } };
    }
    const { scope } = entry;
    if (route.may === "administer" && scope.may !== "administer") return refused(403, "NOT_ALLOWED", MAY_ONLY_READ);
    try {
      return await answer({ call, route, id, scope });
    } catch (error) {
      return refusalOf(error, route);
    }
  }

  async #perform({ call, route, id, scope }: Admitted): Promise<HttpAnswer> {
    const { hub, description } = this.#deps;
    switch (route.name) {
      case "alive":
        return answered(200, { status: "alive" });
      case "ready":
        return answered(hub.isReady ? 200 : 503, { status: hub.isReady ? "ready" : "not ready" });
      case "describe":
        return answered(200, description);
      case "metrics":
        return this.#metrics(scope);
      case "listAccounts":
        return this.#accounts(scope);
      case "putAccount":
        return this.#change((by) => by.put(id, parsedBody(call.body)), scope, id);
      case "reload":
        return this.#change((by) => by.reload(), scope, undefined);
      default:
    }
    const account = this.#account(id, scope);
    if (account === undefined) return unknownAccount(id);
    switch (route.name) {
      case "showAccount":
        return shown(account);
      case "removeAccount":
        return this.#change((by) => by.remove(id), scope, id);
      case "showHealth":
        return answered(200, { ...account.health, margin: { trouble: account.margins.trouble } });
      case "showMargin":
        return marginOf(account);
      case "showEquity":
        return equityOf(account, call);
      case "listConsumers":
        return answered(200, { consumers: hub.consumersOf(id) });
      case "readRecords":
        return this.#records(account, call);
      default:
        return refused(426, "UPGRADE_REQUIRED", ONLY_UPGRADED);
    }
  }

  async #metrics(scope: Scope): Promise<HttpAnswer> {
    const { metrics } = this.#deps;
    if (metrics === undefined) return unknownPath("/metrics");
    if (scope.accounts !== "all") return refused(403, "NOT_ALLOWED", NOT_ALL_ACCOUNTS);
    return answeredText(200, await metrics.text(), { "content-type": metrics.contentType });
  }

  async #change(
    change: (by: Administration) => Promise<Changes>,
    scope: Scope,
    id: string | undefined,
  ): Promise<HttpAnswer> {
    const { administration } = this.#deps;
    if (administration === undefined) return refused(404, "UNKNOWN_PATH", NOT_CHANGEABLE);
    const isWithin = id === undefined ? scope.accounts === "all" : mayRead(scope, id);
    if (!isWithin) return refused(403, "NOT_ALLOWED", NOT_ALL_ACCOUNTS);
    return answered(200, await change(administration));
  }

  #accounts(scope: Scope): HttpAnswer {
    const accounts = this.#deps.hub.accounts.filter(({ id }) => mayRead(scope, id));
    return answered(200, {
      accounts: accounts.map(({ id, isReady, paper, health }) => {
        const { phase, trouble, lastSeq, consumers, upstream } = health;
        return { id, ready: isReady, phase, trouble, sync: upstream?.sync, lastSeq, consumers, paper };
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
    const isAhead = answer.is === "from-the-future" && since <= (account.feed?.lastSeq ?? 0);
    return answer.is === "page" || isAhead ? undefined : cursorRefused(answer.is, since, answer.extent);
  }
}

const TOO_MANY = new UsageError("consumers", `at most ${CONSUMERS_MAX}`, "as many", "Come again when one has gone.");

const ONLY_UPGRADED = new UsageError("Upgrade", "websocket", "none", "Open it with a websocket client.");

const TOO_OFTEN = new UsageError(
  "requests",
  "fewer of them",
  "too many from this address",
  "Wait as Retry-After says.",
);

const TAKEN_AWAY = new UsageError("Authorization", "a token of this hub", "one that was taken away");

const MAY_ONLY_READ = new UsageError(
  "token",
  "one that may administer",
  "one that may read",
  "The configuration says what a token may.",
);

const NOT_ALL_ACCOUNTS = new UsageError(
  "token",
  "one that is good for this",
  "one for other accounts",
  "Use a token without a list of accounts, or with this one in it.",
);

const NOT_CHANGEABLE = new UsageError(
  "hub",
  "one that can be changed while it runs",
  "one that cannot",
  "Start it with another configuration.",
);

/** For whoever shows no token. */
const NOTHING: Scope = { accounts: [], may: "read" };

function later(answer: HttpAnswer, waitMs: number): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(waitMs / 1000)) } };
}

/** What the caller did wrong, and what the disk did. Everything else is a bug of ours. */
function refusalOf(error: unknown, route: NativeRoute): HttpAnswer {
  if (error instanceof BadParameter) return refused(400, "BAD_PARAMETER", error);
  if (!(error instanceof ListenkeyError)) throw error;
  if (error.origin === "disk") return refused(503, "JOURNAL_UNREADABLE", error);
  const code: RefusalCode | undefined =
    route.name === "putAccount" ? "BAD_BODY" : route.name === "reload" ? "BAD_CONFIGURATION" : undefined;
  if (error.origin !== "caller" || code === undefined) throw error;
  return refused(400, code, error);
}

function otherMethod(method: string, methods: readonly string[]): HttpAnswer {
  const allowed = methods.join(", ");
  const refusal = refused(405, "METHOD_NOT_ALLOWED", new UsageError("method", allowed, method));
  return { ...refusal, headers: { ...refusal.headers, allow: allowed } };
}

function wishOf(parameters: Parameters, lastEventId: string | undefined): ConsumerWish {
  const since = sinceOf(parameters, lastEventId);
  const filter = recordFilter(parameters);
  const policy = parameters.oneOf("policy", ["disconnect", "drop-oldest", "coalesce"]) ?? "disconnect";
  const snapshots = parameters.oneOf("snapshots", ["none", "first", "follow"]) ?? "first";
  const queueEntries = wholeNumber(parameters, "queue", 1, QUEUE_ENTRIES_MAX) ?? QUEUE_ENTRIES;
  parameters.mustBeAllKnown();
  return { since, snapshots, policy, queueEntries, ...(filter === undefined ? {} : { filter }) };
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
  const remedy = "GET /v1/openapi.json lists them.";
  return refused(404, "UNKNOWN_PATH", new UsageError("path", "a path that exists", path, remedy));
}

function unknownAccount(id: string): HttpAnswer {
  const remedy = "GET /v1/accounts lists them.";
  const error =
    id.length > ACCOUNT_NAME_CHARS_MAX
      ? new UsageError("account", `a name of at most ${ACCOUNT_NAME_CHARS_MAX} characters`, id.length, remedy)
      : new UsageError("account", "an account of this hub", id, remedy);
  return refused(404, "UNKNOWN_ACCOUNT", error);
}

/** Why it cannot be had is said, whatever it is: the exchange's refusal, a ban, no secret. */
async function marginOf({ margins }: HubAccount): Promise<HttpAnswer> {
  try {
    return answered(200, await margins.margin());
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    return refused(503, "MARGIN_UNAVAILABLE", error);
  }
}

function equityOf({ margins }: HubAccount, { query }: HttpCall): HttpAnswer {
  const parameters = readParameters(query);
  const since = wholeNumber(parameters, "since", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  parameters.mustBeAllKnown();
  return answered(200, { everyMs: SAMPLE_EVERY_MS, samples: margins.equity(since) });
}

/** An account of which nothing is known does not look like one that holds nothing. */
function shown(account: HubAccount): HttpAnswer {
  const { feed } = account;
  if (feed === undefined || !account.isOpen) return notReady(account);
  return feed.known === "whole" ? answeredText(200, feed.snapshotText) : notReady(account, "known");
}

function notReady({ id, health: { trouble } }: HubAccount, expected: "open" | "known" = "open"): HttpAnswer {
  const found = trouble !== undefined ? "one that is not followed" : expected === "open" ? "not yet" : "nothing yet";
  const remedy = trouble === undefined ? "Ask again in a second." : `${trouble} It is tried again every 30 seconds.`;
  return refused(503, "NOT_READY", new UsageError("account", `${id} to be ${expected}`, found, remedy));
}
