/**
 * Calls of bots that the hub does not answer itself, and whether they may go on to the exchange. Pure: what goes on is
 * carried by `io/passage.ts`, and over the WS API by a {@link WsApiLine}.
 *
 *     whose key? ─▶ may it? ─▶ signed by it? ─▶ weight ─▶ on to the exchange of its account
 *      401          401         400             429
 *
 * Rules kept here
 * - A bot whose key the exchange knows is passed on as it is. Any other is signed anew with the account's key, and so
 *   its own signature is checked here first.
 * - Nothing is passed that names a listenKey: the key of the account is the hub's.
 * - L6: what it weighs is taken from the budget of the address before it goes, or it is refused; nothing waits.
 * - L9: no key of a bot that the exchange does not know leaves the hub.
 */
import { isApiKey } from "../face/api-keys.ts";
import { type Credentials, recognise, type ServerClocks } from "../face/authentication.ts";
import { readGiven } from "../face/call-parameters.ts";
import type { HttpCall } from "../face/http-call.ts";
import type { Clock } from "../kernel/ports.ts";
import {
  type Endpoint,
  type GivenParameters,
  isSigned,
  type Security,
  weightOf,
} from "../protocol/endpoints/endpoint.ts";
import { endpointNamed, findEndpoint, findWsMethod } from "../protocol/endpoints.ts";
import { type ErrorBody, errorBody, errorVariant } from "../protocol/error-codes.ts";
import { restPayload, type Verifier } from "../protocol/signing.ts";
import type { Bot, Bots } from "./bots.ts";
import { type Exit, type ExitPriority, type ExitRefusal, pay } from "./exit.ts";
import type { MarketSource } from "./market-relay.ts";
import { type FrameKey, resignedRequest } from "./resigning.ts";

/** Whose calls are passed on: nobody's, those of bots that are known, or public reads of anybody as well. */
export type PassThroughWho = "off" | "bots" | "everybody";

/** What passing on needs. */
export interface PassThroughDeps {
  readonly bots: Bots;
  readonly verifier: Verifier;
  readonly clock: Clock;
  /** The ways out at this moment, by account: of those that are followed, and on an exchange. */
  readonly exits: () => ReadonlyMap<string, Exit>;
}

/** A request over REST that goes on. */
export interface Passage {
  readonly outcome: "passed";
  readonly exit: Exit;
  readonly method: string;
  /** Path and query at {@link Exit.rest}. */
  readonly target: string;
  /** Absent: none is sent. */
  readonly apiKey: string | undefined;
  /** `undefined`: as it comes from the bot. */
  readonly body: string | undefined;
}

/** A request over the WS API that goes on. */
export interface FramePassage {
  readonly outcome: "passed";
  readonly exit: Exit;
  readonly wsApi: string;
  /** `as-sent`: its parameters are passed as they are. */
  readonly key: FrameKey | "as-sent" | undefined;
  readonly action: string;
  readonly weight: number;
  readonly priority: ExitPriority;
}

/** What a call weighs that the catalogue does not know; what it really weighs, its answer says. */
export const UNKNOWN_WEIGHT = 10;

/** Versions and names, and nothing that could lead elsewhere. */
const PASSABLE_PATH = /^\/fapi\/v\d{1,2}(?:\/[A-Za-z0-9]{1,64}){1,6}$/;

/** A query as it may stand in a URL. */
const PASSABLE_QUERY = /^[!-"$-~]*$/;

/** What is about listenKeys, in any version, and sessions. */
const OWN_METHOD = /userDataStream|^(?:v\d+\/)?session\./i;

type Refusal = { readonly outcome: "refused" } & ExitRefusal;

/** Who may send what, as which key. */
type Admission =
  | Refusal
  | { readonly outcome: "admitted"; readonly exit: Exit; readonly as: "sent" | "account" | "nobody" };

interface Asked {
  readonly shown: Credentials;
  readonly isRead: boolean;
  readonly endpoint: Endpoint | undefined;
  readonly clocks: ServerClocks;
}

/** Judges calls. */
export class PassThrough {
  /** Whose calls are passed on. May be changed at any time. */
  who: PassThroughWho;
  readonly #deps: PassThroughDeps;

  constructor(who: PassThroughWho, deps: PassThroughDeps) {
    this.who = who;
    this.#deps = deps;
  }

  /** Is a request over REST one that may go on, by its path? */
  takes({ method, path }: Pick<HttpCall, "method" | "path">): boolean {
    if (this.who === "off") return false;
    const name = findEndpoint(method, path);
    const isOwn = name === "ping" || name === "serverTime" || /listenkey/i.test(path);
    return !isOwn && PASSABLE_PATH.test(path) && METHODS.has(method);
  }

  /** Has the body to be read before it can be judged? */
  readsBody({ headers }: Pick<HttpCall, "headers">): boolean {
    const apiKey = headers["x-mbx-apikey"];
    return apiKey !== undefined && this.#deps.bots.bot(apiKey)?.isKnownUpstream !== true;
  }

  /** Judges a request over REST that is taken. @param sentBody `undefined`: it was not read */
  judge(call: HttpCall, sentBody: string | undefined, clocks: ServerClocks): Passage | Refusal {
    const { method, path, query, headers } = call;
    // A read has its parameters in the query, and nowhere else.
    const body = method === "GET" ? "" : sentBody;
    if (!PASSABLE_QUERY.test(query)) return refused(400, errorBody(-1100));
    const reading = readGiven(query, body ?? "");
    if (reading.outcome === "refused") return refused(400, reading.error);
    const name = findEndpoint(method, path);
    const endpoint = name === undefined ? undefined : endpointNamed(name);
    const { given } = reading;
    const payloads = [restPayload(query, body ?? "")];
    const shown = { apiKey: headers["x-mbx-apikey"], given, payloads, isTrusted: false };
    const admission = this.#admit({ shown, isRead: method === "GET", endpoint, clocks });
    if (admission.outcome === "refused") return admission;
    const { exit, as } = admission;
    const action = `${method} ${path}`;
    const broken = this.#pay(exit, { action, weight: weightIn(endpoint, given), ...priorityOf(endpoint, method) });
    if (broken !== undefined) return broken;
    const security = securityOf(endpoint, given);
    const sent = { query, body: body ?? "" };
    const isResigned = as === "account" && isSigned(security) && exit.signer !== undefined;
    const signed = isResigned && exit.signer !== undefined ? resignedRequest(sent, exit.signer, exit.time()) : sent;
    return {
      outcome: "passed",
      exit,
      method,
      target: `${path}${signed.query === "" ? "" : `?${signed.query}`}`,
      apiKey: as === "sent" ? shown.apiKey : as === "account" ? exit.apiKey : undefined,
      body: body === undefined ? undefined : signed.body,
    };
  }

  /** Where market streams are had: they carry no key, so that everybody may have them, or nobody. */
  get markets(): MarketSource {
    const [exit, ...others] = this.#deps.exits().values();
    if (this.who !== "everybody") return { outcome: "refused", why: NO_MARKETS };
    if (exit === undefined) return { outcome: "refused", why: "no account of this hub is on an exchange" };
    if (others.some(({ stream }) => stream !== exit.stream)) return { outcome: "refused", why: SEVERAL_MARKETS };
    return { outcome: "open", stream: exit.stream };
  }

  /** Is a method of the WS API one that may go on? */
  takesMethod(method: string): boolean {
    return this.who !== "off" && !OWN_METHOD.test(method);
  }

  /** Judges a request over the WS API that is taken. Its weight is not paid yet. */
  judgeFrame(method: string, shown: Credentials, clocks: ServerClocks): FramePassage | Refusal {
    const name = findWsMethod(method);
    const endpoint = name === undefined ? undefined : endpointNamed(name);
    if (shown.apiKey === undefined && endpoint?.security !== "NONE") return refused(400, errorBody(-1102, "apiKey"));
    const admission = this.#admit({ shown, isRead: endpoint?.method === "GET", endpoint, clocks });
    if (admission.outcome === "refused") return admission;
    const { exit, as } = admission;
    if (exit.wsApi === undefined) return refused(400, errorBody(-1020));
    const signer = isSigned(securityOf(endpoint, shown.given)) ? exit.signer : undefined;
    const key = as === "sent" ? "as-sent" : as === "account" ? { apiKey: exit.apiKey, signer } : undefined;
    const weight = weightIn(endpoint, shown.given);
    const priority = priorityOf(endpoint, endpoint?.method ?? "POST");
    return { outcome: "passed", exit, wsApi: exit.wsApi, key, action: method, weight, ...priority };
  }

  /** Takes the weight of a call from the budget of the address; why not, when it has to wait. */
  pay(passage: Pick<FramePassage, "exit" | "action" | "weight" | "priority">): Refusal | undefined {
    return this.#pay(passage.exit, passage);
  }

  #pay(exit: Exit, call: Parameters<typeof pay>[1]): Refusal | undefined {
    const broken = pay(exit, call, this.#deps.clock.now());
    return broken === undefined ? undefined : { outcome: "refused", ...broken };
  }

  #admit({ shown, isRead, endpoint, clocks }: Asked): Admission {
    const { bots, exits } = this.#deps;
    if (shown.apiKey === undefined) return this.#anybody(isRead, endpoint);
    if (!isApiKey(shown.apiKey)) return refused(401, errorBody(-2014));
    const bot = bots.bot(shown.apiKey);
    if (bot === undefined || (!isRead && bot.may !== "trade")) return refused(401, errorBody(-2015));
    const exit = exits().get(bot.account);
    if (exit === undefined) return refused(400, NO_EXIT);
    if (bot.isKnownUpstream) return { outcome: "admitted", exit, as: "sent" };
    const security = securityOf(endpoint, shown.given);
    if (security === "NONE") return { outcome: "admitted", exit, as: "nobody" };
    return isSigned(security) ? this.#signed(bot, exit, shown, clocks) : { outcome: "admitted", exit, as: "account" };
  }

  /** Signed anew is only what was signed by the bot. */
  #signed(bot: Bot, exit: Exit, shown: Credentials, clocks: ServerClocks): Admission {
    if (bot.credential === undefined || exit.signer === undefined) return refused(401, errorBody(-2015));
    const { bots, verifier } = this.#deps;
    const times = { now: clocks.now, unjumped: exit.time() };
    const who = recognise("USER_DATA", shown, bots, verifier, times);
    if (who.outcome === "refused") return refused(who.status, who.error);
    return { outcome: "admitted", exit, as: "account" };
  }

  /** A call without a key: a public read, of the one exchange that all accounts are on. */
  #anybody(isRead: boolean, endpoint: Endpoint | undefined): Admission {
    const [exit, ...others] = this.#deps.exits().values();
    const isPublic = endpoint === undefined || endpoint.security === "NONE";
    if (exit === undefined || this.who !== "everybody" || !isRead || !isPublic) return refused(401, errorBody(-2014));
    if (others.some(({ rest }) => rest !== exit.rest)) return refused(401, errorBody(-2014));
    return { outcome: "admitted", exit, as: "nobody" };
  }
}

/** Why there are no market streams when calls are not passed on for everybody. */
export const NO_MARKETS =
  'market streams are relayed with "passThrough": "everybody"; else have them from the exchange';

const NO_EXIT: ErrorBody = {
  ...errorBody(-1020),
  msg: "This operation is not supported: the hub knows no way to the exchange of this account.",
};

const SEVERAL_MARKETS = "the accounts of this hub are on several exchanges: have market streams from the one you mean";

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);

function refused(status: number, error: ErrorBody): Refusal {
  return { outcome: "refused", status, error };
}

/** What a call must bring along; of one that is not known, by what it brings. */
function securityOf(endpoint: Endpoint | undefined, given: GivenParameters): Security {
  return endpoint?.security ?? (given.has("signature") ? "TRADE" : "MARKET_DATA");
}

function weightIn(endpoint: Endpoint | undefined, given: GivenParameters): number {
  if (endpoint?.pool === "funding") return 0;
  return endpoint === undefined ? UNKNOWN_WEIGHT : weightOf(endpoint, given);
}

function priorityOf(endpoint: Endpoint | undefined, method: string): { readonly priority: ExitPriority } {
  const isTrade = endpoint === undefined ? method !== "GET" : endpoint.security === "TRADE";
  return { priority: isTrade ? "repair" : "read" };
}

/** The error that stands for a call of which nobody knows whether it was carried out. */
export function lostCall(isSent: boolean): ExitRefusal {
  return isSent ? { status: 408, error: errorBody(-1007) } : { status: 503, error: errorVariant(-1001, 0) };
}
