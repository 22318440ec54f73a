/**
 * The native calls of the paper venue, `/v1/paper/…`: JSON in, JSON out. Pure; never throws on any bytes.
 *
 * Every refusal says where, what was expected, what was found, and what to do:
 * `{"error":{"message":"body.ms: expected an integer, found "x"","remedy":"…"}}`.
 */
import { type HttpAnswer, type HttpCall, JSON_CONTENT } from "../../face/http-call.ts";
import { isRefused, type Refused } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import { ListenkeyError, UsageError, VenueRejected, WireFormatError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import {
  type Codec,
  type Infer,
  integer,
  type Novelty,
  optional,
  Place,
  type RecordCodec,
  type Rows,
  record,
  text,
} from "../../protocol/codec.ts";
import { parseJson } from "../../protocol/json.ts";
import type { Caused, Delisted, Exchanged, Funded, MarketMoved, Transferred } from "../exchange/views.ts";
import type { Cause } from "../margin/causing.ts";

/** A key that was made for an account. */
export interface MadeKey {
  readonly id: string;
  readonly apiKey: string;
  /** Absent when the caller's own public key was registered. */
  readonly apiSecret?: string;
}

/** What the native calls make the venue do. */
export interface NativeOperations {
  /** @throws {UsageError} when a value is not right */
  createAccount(opening: AccountWish): MadeKey;
  /** @throws {UsageError} when a value is not right */
  addKey(account: string, publicKey: string | undefined): MadeKey;
  transfer(account: string, asset: string, amount: string): Transferred | Refused;
  moveMarket(symbol: string, move: MarketWish): MarketMoved | Refused;
  /** Pays funding now. */
  fund(symbol: string, rate: string | undefined): Funded | Refused;
  /** Pays debts with other assets, or buys one with them. */
  autoExchange(account: string, asset: string | undefined, amount: string | undefined): Exchanged | Refused;
  /** Ends a symbol, now or `inMs` ahead. */
  delist(symbol: string, settlementPrice: string | undefined, inMs: number | undefined): Delisted | Refused;
  /** Makes something happen to the account's positions. */
  cause(account: string, what: Cause, symbol: string | undefined): Caused | Refused;
  /** Returns venue time after the jump. */
  advance(ms: number): TransactMs;
  hasAccount(id: string): boolean;
  hasSymbol(symbol: string): boolean;
}

/** The farthest a single jump of the clock goes: 31 days. */
const ADVANCE_MAX_MS = 31 * 86_400_000;

const amounts: Codec<Readonly<Record<string, string>>> = {
  expected: "an object of amounts by asset",
  fast: () => "false",
  read(value, place) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UsageError(place.path, `amounts by asset, such as {"USDT":"10000"}`, value);
    }
    for (const [asset, amount] of Object.entries(value)) {
      if (typeof amount !== "string") throw new UsageError(`${place.path}.${asset}`, "an amount in a string", amount);
    }
    return value as Record<string, string>;
  },
  write: (value) => JSON.stringify(value),
};

const AccountWish = record({
  /** What the account's id is made of; `account` when absent. */
  name: optional(text),
  /** Asset → amount it starts with; nothing when absent. */
  balances: optional(amounts),
  /** PEM of an RSA or Ed25519 public key; an HMAC secret is made when absent. */
  publicKey: optional(text),
});

/** The account that is asked for. */
export type AccountWish = Infer<typeof AccountWish>;

const KeyWish = record({ publicKey: optional(text) });
const TransferWish = record({ asset: text, amount: text });
const AdvanceWish = record({ ms: integer });
const FundingWish = record({ rate: optional(text) });
const ExchangeWish = record({ asset: optional(text), amount: optional(text) });
const DelistWish = record({ settlementPrice: optional(text), inMs: optional(integer) });
const CauseWish = record({ symbol: optional(text) });
const MarketWish = record({ price: optional(text), markPrice: optional(text) });

/** Where the market is asked to go. */
export type MarketWish = Infer<typeof MarketWish>;

interface Route {
  readonly path: RegExp;
  readonly answer: (operations: NativeOperations, body: string, name: string) => object;
}

const ROUTES: readonly Route[] = [
  {
    path: /^\/v1\/paper\/accounts$/,
    answer: (operations, body) => operations.createAccount(readBody(AccountWish, body)),
  },
  {
    path: /^\/v1\/paper\/accounts\/([^/]+)\/keys$/,
    answer(operations, body, account) {
      mustExist(operations.hasAccount(account), "account", account, "POST /v1/paper/accounts makes one.");
      return operations.addKey(account, readBody(KeyWish, body).publicKey);
    },
  },
  {
    path: /^\/v1\/paper\/accounts\/([^/]+)\/transfer$/,
    answer(operations, body, account) {
      mustExist(operations.hasAccount(account), "account", account, "POST /v1/paper/accounts makes one.");
      const { asset, amount } = readBody(TransferWish, body);
      const moved = accepted(`the transfer of ${asset}`, operations.transfer(account, asset, amount));
      return { account, asset, amount: trimmed(moved.amount), walletBalance: trimmed(moved.walletBalance) };
    },
  },
  ...(["margin-call", "liquidation", "adl"] as const).map(
    (what): Route => ({
      path: new RegExp(`^/v1/paper/accounts/([^/]+)/${what}$`),
      answer(operations, body, account) {
        mustExist(operations.hasAccount(account), "account", account, "POST /v1/paper/accounts makes one.");
        const { symbol } = readBody(CauseWish, body);
        const { positions } = accepted(`the ${what} of ${account}`, operations.cause(account, what, symbol));
        return { account, positions };
      },
    }),
  ),
  {
    path: /^\/v1\/paper\/accounts\/([^/]+)\/auto-exchange$/,
    answer(operations, body, account) {
      mustExist(operations.hasAccount(account), "account", account, "POST /v1/paper/accounts makes one.");
      const { asset, amount } = readBody(ExchangeWish, body);
      const { changes } = accepted(`the auto-exchange of ${account}`, operations.autoExchange(account, asset, amount));
      return { account, changes: changes.map((change) => ({ ...change, amount: trimmed(change.amount) })) };
    },
  },
  {
    path: /^\/v1\/paper\/funding\/([^/]+)$/,
    answer(operations, body, symbol) {
      mustExist(operations.hasSymbol(symbol), "symbol", symbol, "GET /fapi/v1/exchangeInfo lists the symbols.");
      const { rate } = readBody(FundingWish, body);
      const funded = accepted(`funding ${symbol}`, operations.fund(symbol, rate));
      return { symbol, rate: trimmed(funded.rate), positions: funded.positions };
    },
  },
  {
    path: /^\/v1\/paper\/delist\/([^/]+)$/,
    answer(operations, body, symbol) {
      mustExist(operations.hasSymbol(symbol), "symbol", symbol, "GET /fapi/v1/exchangeInfo lists the symbols.");
      const { settlementPrice, inMs } = readBody(DelistWish, body);
      const { status, at } = accepted(`delisting ${symbol}`, operations.delist(symbol, settlementPrice, inMs));
      return { symbol, status, deliveryDate: at };
    },
  },
  {
    path: /^\/v1\/paper\/clock\/advance$/,
    answer(operations, body) {
      const { ms } = readBody(AdvanceWish, body);
      if (ms < 1 || ms > ADVANCE_MAX_MS) {
        throw new UsageError(
          "body.ms",
          `milliseconds from 1 to ${ADVANCE_MAX_MS}`,
          ms,
          "Jump several times to go farther.",
        );
      }
      return { ms, time: operations.advance(ms) };
    },
  },
  {
    path: /^\/v1\/paper\/market\/([^/]+)$/,
    answer(operations, body, symbol) {
      mustExist(operations.hasSymbol(symbol), "symbol", symbol, "GET /fapi/v1/exchangeInfo lists the symbols.");
      const wish = readBody(MarketWish, body);
      if (wish.price === undefined && wish.markPrice === undefined) {
        throw new UsageError(
          "body",
          "a price or a markPrice",
          "neither",
          'Send {"price":"86000.10"}, a multiple of the tick.',
        );
      }
      const { market } = accepted(`moving ${symbol}`, operations.moveMarket(symbol, wish));
      return {
        symbol,
        price: trimmed(market.lastPrice),
        markPrice: trimmed(market.markPrice),
        indexPrice: trimmed(market.indexPrice),
      };
    },
  },
];

/** Answers one request under `/v1/paper`. */
export function answerNatively(call: HttpCall, operations: NativeOperations): HttpAnswer {
  for (const { path, answer } of ROUTES) {
    const match = path.exec(call.path);
    if (match === null) continue;
    if (call.method !== "POST") return refusal(405, new UsageError("method", "POST", call.method));
    return telling(() => answered(200, answer(operations, call.body, decoded(match[1] ?? ""))));
  }
  return refusal(404, new UsageError("path", "a path that exists", call.path, KNOWN_PATHS));
}

/** Makes a native answer. What the caller did wrong is told to him; bugs pass through. */
export function telling(answer: () => HttpAnswer): HttpAnswer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof WireFormatError) return unreadable(error);
    if (error instanceof ListenkeyError && error.origin !== "bug") return refusal(statusOf(error), error);
    throw error;
  }
}

const KNOWN_PATHS =
  "POST to /v1/paper/accounts, /v1/paper/accounts/ID/keys, /v1/paper/accounts/ID/transfer, " +
  "/v1/paper/accounts/ID/margin-call, /v1/paper/accounts/ID/liquidation, /v1/paper/accounts/ID/adl, " +
  "/v1/paper/accounts/ID/auto-exchange, /v1/paper/funding/SYMBOL, /v1/paper/delist/SYMBOL, " +
  "/v1/paper/clock/advance, /v1/paper/market/SYMBOL, /v1/paper/strategies or /v1/paper/faults.";

class NotFound extends UsageError {}

function mustExist(exists: boolean, kind: string, found: string, remedy: string): void {
  if (!exists) throw new NotFound(kind, `${kind === "account" ? "an account" : "a symbol"} that exists`, found, remedy);
}

function statusOf(error: ListenkeyError): number {
  return error instanceof NotFound ? 404 : 400;
}

function accepted<T extends object>(action: string, result: T | Refused): T {
  if (isRefused(result)) throw new VenueRejected(action, { status: 400, code: result.code, msg: result.msg });
  return result as T;
}

/** Reads a JSON body; an empty one is `{}`. @throws {WireFormatError} @throws {UsageError} */
export function readBody<R extends Rows>(table: RecordCodec<R>, body: string): ReturnType<RecordCodec<R>["read"]> {
  const unknown: Novelty[] = [];
  const place = new Place("body", "body", (novelty) => unknown.push(novelty));
  const wish = table.read(parseJson(body === "" ? "{}" : body), place);
  const [first] = unknown;
  if (first !== undefined) {
    throw new UsageError(first.where, `only ${Object.keys(table.rows).join(", ")}`, first.found);
  }
  return wish;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A native answer. */
export function answered(status: number, body: object): HttpAnswer {
  return { status, headers: { "content-type": JSON_CONTENT }, body: JSON.stringify(body) };
}

/** The body is the caller's, not the exchange's, so the remedy of a broken frame would mislead him. */
function unreadable({ message }: WireFormatError): HttpAnswer {
  const remedy = 'Send one JSON object; amounts and prices are strings: {"price":"86000.10"}.';
  return answered(400, { error: { message: message.replace(/^\$/, "body"), remedy } });
}

/** A native refusal: what was wrong, and what to do. */
export function refusal(status: number, { message, remedy }: ListenkeyError): HttpAnswer {
  return answered(status, { error: { message, ...(remedy === undefined ? {} : { remedy }) } });
}
