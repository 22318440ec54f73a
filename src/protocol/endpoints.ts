/**
 * The catalogue: every call of this system by name, with its path, security, cost, parameters and reply. Pure, and
 * light enough for the SDK. Protocol sheet 4, 5, 11, 12.
 */
import * as account from "./endpoints/account.ts";
import * as algoOrders from "./endpoints/algo-orders.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import * as listenKey from "./endpoints/listen-key.ts";
import * as market from "./endpoints/market.ts";
import {
  aggTrades,
  dayTicker,
  fundingInfo,
  fundingRates,
  historicalTrades,
  klines,
  trades,
} from "./endpoints/market-history.ts";
import * as orders from "./endpoints/orders.ts";
import type { ParameterValues } from "./endpoints/parameters.ts";

const marketHistory = { aggTrades, trades, historicalTrades, klines, dayTicker, fundingRates, fundingInfo };

/** Every call by name. Names are ours; Binance names none. */
export const ENDPOINTS = { ...listenKey, ...market, ...marketHistory, ...orders, ...account, ...algoOrders };

/** The catalogue's type. */
export type Endpoints = typeof ENDPOINTS;

/** The name of a call. */
export type EndpointName = keyof Endpoints;

/** What the parameters of a call mean. */
export type ParametersOf<N extends EndpointName> = ParameterValues<Endpoints[N]["parameters"]>;

/** What a call answers. */
export type ReplyTo<N extends EndpointName> = Endpoints[N] extends Endpoint<infer _P, infer R> ? R : never;

const NAMES = Object.keys(ENDPOINTS) as EndpointName[];
const BY_ROUTE: ReadonlyMap<string, EndpointName> = new Map(
  NAMES.map((name) => [`${ENDPOINTS[name].method} ${ENDPOINTS[name].path}`, name]),
);
const BY_WS_METHOD: ReadonlyMap<string, EndpointName> = new Map(
  NAMES.flatMap((name) => {
    const { wsMethod } = endpointNamed(name);
    return wsMethod === undefined ? [] : [[wsMethod, name] as const];
  }),
);

/** The facts about a call, without the types of its parameters. */
export function endpointNamed(name: EndpointName): Endpoint {
  return ENDPOINTS[name] as unknown as Endpoint;
}

/** The name of the call with this method and path; `undefined` when there is none. */
export function findEndpoint(method: string, path: string): EndpointName | undefined {
  return BY_ROUTE.get(`${method} ${path}`);
}

/** The name of the call that this method of the WS API makes; `undefined` when there is none. */
export function findWsMethod(method: string): EndpointName | undefined {
  return BY_WS_METHOD.get(method);
}
