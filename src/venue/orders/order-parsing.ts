/**
 * Reading an order request: which words and digits it may hold. Pure; knows the listing, not the account.
 *
 * The order of the checks decides which refusal a doubly wrong request gets (*assumed*): symbol, side, type, time in
 * force, flags, ids, then quantity and price.
 */

import { isRefused, type Refused, refuse, refuseVariant } from "../../face/refusal.ts";
import { type Fixed, fixed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type {
  BookOrderType,
  PositionSide,
  PriceMatch,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from "../../protocol/enumerations.ts";
import * as words from "../../protocol/enumerations.ts";
import { CLIENT_ORDER_ID_CHARS_MAX, GOOD_TILL_AHEAD_MIN_MS, GOOD_TILL_BELOW_MS } from "../../protocol/limits.ts";
import type { SymbolRules } from "../market/symbol-listing.ts";
import { refusalOfForeign } from "./foreign-parameters.ts";
import type { OrderRequest } from "./order-request.ts";

/** A request whose words and digits are right. Whether the account may do it is another question. */
export interface OrderDraft {
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: BookOrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Fixed;
  /** 0 for market orders, and until the book has given it to an order with a price match. */
  readonly price: Fixed;
  readonly priceMatch: PriceMatch;
  /** Milliseconds, whole seconds; 0 when it is not GTD. */
  readonly goodTillDate: number;
  readonly reduceOnly: boolean;
  /** `undefined` when the exchange is to make one up. */
  readonly clientOrderId: string | undefined;
  readonly selfTradePrevention: SelfTradePrevention;
}

/** What a client order id may hold (documented). */
const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]+$/;

/** What a quantity or price may look like; the pattern stands in the refusal. */
const AMOUNT = /^[0-9]{1,20}(\.[0-9]{1,20})?$/;
const AMOUNT_PATTERN = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";

/** Reads a request against its listing at the time `now`. */
export function parseOrder(request: OrderRequest, rules: SymbolRules, now: TransactMs): OrderDraft | Refused {
  const terms = parseTerms(request);
  if (isRefused(terms)) return terms;
  const { type } = terms;
  const foreign = refusalOfForeign(request);
  if (foreign !== undefined) return foreign;
  const goodTillDate = parseGoodTillDate(request.goodTillDate, terms.timeInForce, now);
  if (typeof goodTillDate === "object") return goodTillDate;
  const priceMatch = parsePriceMatch(request.priceMatch, type !== "MARKET");
  if (typeof priceMatch === "object") return priceMatch;
  const clientOrderId = parseClientOrderId(request.newClientOrderId);
  if (typeof clientOrderId === "object") return clientOrderId;
  const quantity = parseQuantity(request.quantity, type, rules);
  if (typeof quantity === "object") return quantity;
  const price = parsePrice(request.price, type, priceMatch, rules);
  if (typeof price === "object") return price;
  return { ...terms, goodTillDate, priceMatch, clientOrderId, quantity, price };
}

type Terms = Omit<OrderDraft, "quantity" | "price" | "priceMatch" | "goodTillDate" | "clientOrderId">;

function parseTerms(request: OrderRequest): Terms | Refused {
  const { side, type, positionSide, reduceOnly, selfTradePreventionMode } = request;
  if (!words.side.knows(side)) return refuse(-1117);
  if (words.conditionalType.knows(type)) return refuse(-4120);
  if (!words.bookOrderType.knows(type)) return refuse(-1116);
  const timeInForce = parseTimeInForce(request.timeInForce, type);
  if (typeof timeInForce === "object") return timeInForce;
  const wrongPosition = refusalOfPositionSide(positionSide);
  if (wrongPosition !== undefined) return wrongPosition;
  if (reduceOnly !== undefined && reduceOnly !== "true" && reduceOnly !== "false") return refuse(-4062);
  const selfTradePrevention = parseSelfTradePrevention(selfTradePreventionMode);
  if (typeof selfTradePrevention === "object") return selfTradePrevention;
  return {
    side,
    positionSide: (positionSide ?? "BOTH") as PositionSide,
    type,
    timeInForce,
    reduceOnly: reduceOnly === "true",
    selfTradePrevention,
  };
}

/** Is it the name of a position side? Whether it fits the account's mode is another question. */
export function refusalOfPositionSide(text: string | undefined): Refused | undefined {
  return text === undefined || words.positionSide.knows(text) ? undefined : refuse(-4060);
}

/** The mode of a new order. `EXPIRE_MAKER` when absent: so on the single-order page, and seen since 2025. */
export function parseSelfTradePrevention(text: string | undefined): SelfTradePrevention | Refused {
  if (text === undefined) return "EXPIRE_MAKER";
  return words.selfTradePrevention.knows(text) ? text : refuse(-5039);
}

/** The date of a GTD order, cut to whole seconds (documented precision); 0 for the others, which take none. */
export function parseGoodTillDate(
  text: string | undefined,
  timeInForce: TimeInForce,
  now: TransactMs,
): number | Refused {
  if (timeInForce !== "GTD") return text === undefined || text === "0" ? 0 : refuse(-1106, "goodtilldate");
  if (text === undefined || text === "") return refuse(-1102, "goodTillDate");
  const date = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  if (date <= now + GOOD_TILL_AHEAD_MIN_MS || date >= GOOD_TILL_BELOW_MS) return refuse(-5040);
  return date - (date % 1000);
}

/** Since 2025-10-23; refused like words that never were. */
const SWITCHED_OFF: ReadonlySet<PriceMatch> = new Set(["OPPONENT_10", "OPPONENT_20"]);

/** The price match of a new order or an amendment. */
export function parsePriceMatch(text: string | undefined, isLimitKind: boolean): PriceMatch | Refused {
  if (text === undefined || text === "NONE") return "NONE";
  if (!isLimitKind) return refuse(-5038);
  return words.priceMatch.knows(text) && !SWITCHED_OFF.has(text) ? text : refuse(-5037);
}

function parseTimeInForce(text: string | undefined, type: BookOrderType): TimeInForce | Refused {
  // Market orders show GTC on the wire (seen), and take no time in force.
  if (type === "MARKET") return text === undefined ? "GTC" : refuse(-1106, "timeinforce");
  if (text === undefined || text === "") return refuse(-1102, "timeinforce");
  return words.orderTimeInForce.knows(text) ? text : refuse(-1115);
}

/** An id the client chose; `undefined` when the exchange is to make one up. */
export function parseClientOrderId(text: string | undefined): string | undefined | Refused {
  if (text === undefined) return undefined;
  if (text.length > CLIENT_ORDER_ID_CHARS_MAX) return refuseVariant(-4015, 1);
  return CLIENT_ORDER_ID.test(text) ? text : refuse(-4015);
}

/** LOT_SIZE, or MARKET_LOT_SIZE. */
export function parseQuantity(text: string | undefined, type: BookOrderType, rules: SymbolRules): Fixed | Refused {
  const quantity = parseAmount(text, "quantity", rules.quantityPrecision);
  if (typeof quantity === "object") return quantity;
  const lot = type === "MARKET" ? rules.marketLot : rules.lot;
  if (quantity <= 0n) return refuse(-4003);
  if (quantity < lot.min) return refuse(-4004);
  if (lot.max !== 0n && quantity > lot.max) return refuse(-4005);
  if (lot.step !== 0n && (quantity - lot.min) % lot.step !== 0n) return refuse(-4023);
  return quantity;
}

/** The limit; 0 where there is to be none: market orders, and those that take over a price. */
export function parsePrice(
  text: string | undefined,
  type: BookOrderType,
  priceMatch: PriceMatch,
  rules: SymbolRules,
): Fixed | Refused {
  if (type === "MARKET" || priceMatch !== "NONE") return text === undefined ? 0n : refuse(-1106, "price");
  const price = parseAmount(text, "price", rules.pricePrecision);
  return typeof price === "object" ? price : (refusalOfPrice(price, rules) ?? price);
}

/** PRICE_FILTER. `undefined` when the price is allowed. */
export function refusalOfPrice(price: Fixed, rules: SymbolRules): Refused | undefined {
  if (price <= 0n) return refuse(-4001);
  if (rules.minPrice !== 0n && price < rules.minPrice) return refuse(-4013);
  if (rules.maxPrice !== 0n && price > rules.maxPrice) return refuse(-4002);
  if (rules.tick !== 0n && (price - rules.minPrice) % rules.tick !== 0n) return refuse(-4014);
  return undefined;
}

/** Digits of a parameter; more places than `precision` that are not zero are -1111. */
export function parseAmount(text: string | undefined, name: string, precision: number): Fixed | Refused {
  if (text === undefined || text === "") return refuse(-1102, name);
  if (!AMOUNT.test(text)) return refuse(-1100, name, AMOUNT_PATTERN);
  const dot = text.indexOf(".");
  if (dot !== -1 && /[1-9]/.test(text.slice(dot + 1 + precision))) return refuse(-1111);
  return fixed(text);
}
