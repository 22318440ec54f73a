/** The calls of the native face, one row each: what is routed, and what `/v1/openapi.json` says of it. Pure. */

/** One call. */
export interface NativeRoute {
  /** What it is called in code, and as `operationId`. */
  readonly name: RouteName;
  readonly method: "GET" | "PUT" | "DELETE" | "POST";
  /** `{id}` stands for the name of an account. */
  readonly path: string;
  /** Who may: `anybody`, without a token; who may `read`; who may `administer`. */
  readonly may: "anybody" | "read" | "administer";
  /** One sentence. */
  readonly summary: string;
  /** Names of query parameters, of {@link PARAMETERS}. */
  readonly parameters: readonly ParameterName[];
  /** What a good answer is: its media type → the name of its schema in `openapi-schemas.ts`. */
  readonly answer: Readonly<Record<string, string>>;
  /** The name of the schema of the request's body; absent when it has none. */
  readonly body?: string;
  /** Codes of refusals of its own; those of tokens, parameters and rates may come with every call. */
  readonly refusals: readonly string[];
}

/** A query parameter. */
export type ParameterName = keyof typeof PARAMETERS;

/** What it is good for, and its schema. */
export const PARAMETERS = {
  since: {
    description: "The last record you have; what follows it comes.",
    schema: { type: "integer", minimum: 0 },
  },
  sinceTime: {
    name: "since",
    description: "A time of the hub's clock, in milliseconds; what was sampled after it comes.",
    schema: { type: "integer", minimum: 0 },
  },
  limit: {
    description: "Records of a page.",
    schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
  },
  events: {
    description: "Names of events, with commas between. Gaps, repairs and statuses always come.",
    schema: { type: "string", examples: ["ORDER_TRADE_UPDATE,ACCOUNT_UPDATE"] },
  },
  symbols: {
    description: "Symbols in any case, with commas between. What is about no single symbol always comes.",
    schema: { type: "string", examples: ["BTCUSDT,ETHUSDT"] },
  },
  policy: {
    description: "What becomes of a consumer for which more than `queue` records wait.",
    schema: { type: "string", enum: ["disconnect", "drop-oldest", "coalesce"], default: "disconnect" },
  },
  queue: {
    description: "Records that may wait.",
    schema: { type: "integer", minimum: 1, maximum: 10_000, default: 5_000 },
  },
  snapshots: {
    description: "When what the account holds is shown.",
    schema: { type: "string", enum: ["none", "first", "follow"], default: "first" },
  },
} as const;

/** The names of all calls. */
export type RouteName =
  | "alive"
  | "ready"
  | "describe"
  | "metrics"
  | "listAccounts"
  | "showAccount"
  | "putAccount"
  | "removeAccount"
  | "showHealth"
  | "showMargin"
  | "showEquity"
  | "listConsumers"
  | "readRecords"
  | "streamEvents"
  | "streamWebsocket"
  | "reload";

const JSON_TYPE = "application/json";
const STREAM_PARAMETERS = ["since", "events", "symbols", "policy", "queue", "snapshots"] as const;
const CURSOR_REFUSALS = ["CURSOR_TOO_OLD", "CURSOR_FROM_THE_FUTURE", "JOURNAL_UNREADABLE"];

/** All of them. */
export const ROUTES: readonly NativeRoute[] = [
  {
    name: "alive",
    method: "GET",
    path: "/healthz",
    may: "anybody",
    summary: "Does the process live?",
    parameters: [],
    answer: { [JSON_TYPE]: "Sign" },
    refusals: [],
  },
  {
    name: "ready",
    method: "GET",
    path: "/readyz",
    may: "anybody",
    summary: "Is every account in sync? 503 when one is not.",
    parameters: [],
    answer: { [JSON_TYPE]: "Sign" },
    refusals: [],
  },
  {
    name: "describe",
    method: "GET",
    path: "/v1/openapi.json",
    may: "anybody",
    summary: "This description.",
    parameters: [],
    answer: { [JSON_TYPE]: "Description" },
    refusals: [],
  },
  {
    name: "metrics",
    method: "GET",
    path: "/metrics",
    may: "read",
    summary: "The hub in numbers, for Prometheus. The token must be good for all accounts.",
    parameters: [],
    answer: { "text/plain": "Text" },
    refusals: ["NOT_ALLOWED"],
  },
  {
    name: "listAccounts",
    method: "GET",
    path: "/v1/accounts",
    may: "read",
    summary: "The accounts that this token may read.",
    parameters: [],
    answer: { [JSON_TYPE]: "Accounts" },
    refusals: [],
  },
  {
    name: "showAccount",
    method: "GET",
    path: "/v1/accounts/{id}",
    may: "read",
    summary: "What the account holds as of `asOfSeq`: each fact with its date (the exchange's) and its source.",
    parameters: [],
    answer: { [JSON_TYPE]: "Account" },
    refusals: ["UNKNOWN_ACCOUNT", "NOT_READY"],
  },
  {
    name: "putAccount",
    method: "PUT",
    path: "/v1/accounts/{id}",
    may: "administer",
    summary: "Follows an account, or follows it another way, until it is removed or the process ends.",
    parameters: [],
    body: "AccountWish",
    answer: { [JSON_TYPE]: "Changes" },
    refusals: ["BAD_BODY"],
  },
  {
    name: "removeAccount",
    method: "DELETE",
    path: "/v1/accounts/{id}",
    may: "administer",
    summary: "Follows it no more; its journal stays, and its consumers are sent away.",
    parameters: [],
    answer: { [JSON_TYPE]: "Changes" },
    refusals: ["UNKNOWN_ACCOUNT"],
  },
  {
    name: "showHealth",
    method: "GET",
    path: "/v1/accounts/{id}/health",
    may: "read",
    summary: "How it is followed: key, sockets, lag, gaps, weight budget, journal. Durations are in milliseconds.",
    parameters: [],
    answer: { [JSON_TYPE]: "Health" },
    refusals: ["UNKNOWN_ACCOUNT"],
  },
  {
    name: "showMargin",
    method: "GET",
    path: "/v1/accounts/{id}/margin",
    may: "read",
    summary: "What moves with the market: equity, margin, mark and liquidation prices; at most three seconds old.",
    parameters: [],
    answer: { [JSON_TYPE]: "Margin" },
    refusals: ["UNKNOWN_ACCOUNT", "MARGIN_UNAVAILABLE"],
  },
  {
    name: "showEquity",
    method: "GET",
    path: "/v1/accounts/{id}/equity",
    may: "read",
    summary: "Samples of equity, one a minute, of the last 24 hours at most; they end with the hub.",
    parameters: ["sinceTime"],
    answer: { [JSON_TYPE]: "Equity" },
    refusals: ["UNKNOWN_ACCOUNT"],
  },
  {
    name: "listConsumers",
    method: "GET",
    path: "/v1/accounts/{id}/consumers",
    may: "read",
    summary: "Who is connected, and how much waits for each.",
    parameters: [],
    answer: { [JSON_TYPE]: "Consumers" },
    refusals: ["UNKNOWN_ACCOUNT"],
  },
  {
    name: "readRecords",
    method: "GET",
    path: "/v1/accounts/{id}/records",
    may: "read",
    summary: "A page of records, oldest first; one a line with `Accept: application/x-ndjson`.",
    parameters: ["since", "limit", "events", "symbols"],
    answer: { [JSON_TYPE]: "Page", "application/x-ndjson": "Record" },
    refusals: ["UNKNOWN_ACCOUNT", ...CURSOR_REFUSALS],
  },
  {
    name: "streamEvents",
    method: "GET",
    path: "/v1/accounts/{id}/records/stream",
    may: "read",
    summary: "Server-sent events: history, then live. `id` is `seq`; `Last-Event-ID` goes before `since`.",
    parameters: STREAM_PARAMETERS,
    answer: { "text/event-stream": "Record" },
    refusals: ["UNKNOWN_ACCOUNT", "NOT_READY", "TOO_MANY_CONSUMERS", ...CURSOR_REFUSALS],
  },
  {
    name: "streamWebsocket",
    method: "GET",
    path: "/v1/accounts/{id}/stream",
    may: "read",
    summary: "The same over a websocket: one record a frame, notices in frames of one member.",
    parameters: STREAM_PARAMETERS,
    answer: { "101": "Record" },
    refusals: ["UNKNOWN_ACCOUNT", "NOT_READY", "TOO_MANY_CONSUMERS", ...CURSOR_REFUSALS],
  },
  {
    name: "reload",
    method: "POST",
    path: "/v1/reload",
    may: "administer",
    summary: "Reads the configuration again: accounts and tokens that are new, gone or other take effect.",
    parameters: [],
    answer: { [JSON_TYPE]: "Changes" },
    refusals: ["BAD_CONFIGURATION"],
  },
];

/** Where a request leads. */
export type Routed =
  | { readonly is: "route"; readonly route: NativeRoute; readonly id: string }
  | { readonly is: "other-method"; readonly methods: readonly string[] }
  | { readonly is: "nowhere" };

const PATTERNS = ROUTES.map((route) => ({ route, pattern: patternOf(route.path) }));

/** Finds the call of a request; `HEAD` is a `GET` whose body nobody reads. */
export function routeOf(method: string, path: string): Routed {
  const methods: string[] = [];
  for (const { route, pattern } of PATTERNS) {
    const [whole, id = ""] = pattern.exec(path) ?? [];
    if (whole === undefined) continue;
    if (route.method === (method === "HEAD" ? "GET" : method)) return { is: "route", route, id };
    methods.push(route.method);
  }
  return methods.length === 0 ? { is: "nowhere" } : { is: "other-method", methods };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replace("{id}", "([^/]+)")}$`);
}
