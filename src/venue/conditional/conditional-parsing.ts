/**
 * Reading the request for a conditional order: which words and digits it may hold, kind by kind. Pure. Protocol sheet
 * 9, 11.5. What a kind has no use for is refused with -1106, as on the order endpoint (*assumed*).
 */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import { type Fixed, fixed, mul } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { BookOrderType, ConditionalType, PositionSide, Side, TimeInForce } from "../../protocol/enumerations.ts";
import * as words from "../../protocol/enumerations.ts";
import { CALLBACK_RATE } from "../../protocol/limits.ts";
import type { ConditionalOrder } from "../exchange/records.ts";
import type { SymbolRules } from "../market/symbol-listing.ts";
import {
  parseAmount,
  parseClientOrderId,
  parseGoodTillDate,
  parsePrice,
  parsePriceMatch,
  parseQuantity,
  parseSelfTradePrevention,
  refusalOfPositionSide,
  refusalOfPrice,
} from "../orders/order-parsing.ts";
import type { ConditionalRequest } from "./conditional-request.ts";

/** A request whose words and digits are right. Whether it would trigger at once is another question. */
export interface ConditionalDraft
  extends Pick<
    ConditionalOrder,
    | "side"
    | "positionSide"
    | "type"
    | "timeInForce"
    | "quantity"
    | "price"
    | "triggerPrice"
    | "workingType"
    | "priceMatch"
    | "selfTradePrevention"
    | "closePosition"
    | "priceProtect"
    | "reduceOnly"
    | "goodTillDate"
  > {
  /** `undefined` when the exchange is to make one up. */
  readonly clientId: string | undefined;
  /** Trailing stops only. */
  readonly trail: { readonly activatePrice: Fixed; readonly callbackRate: Fixed } | undefined;
}

const MARKET_TIMES: ReadonlySet<TimeInForce> = new Set(["GTC", "GTE_GTC"]);

const CALLBACK_RATE_MIN: Fixed = fixed(CALLBACK_RATE.min);
const CALLBACK_RATE_MAX: Fixed = fixed(CALLBACK_RATE.max);

/** Reads a request against its listing at the time `now`. */
export function parseConditional(
  request: ConditionalRequest,
  rules: SymbolRules,
  now: TransactMs,
): ConditionalDraft | Refused {
  const terms = parseTerms(request, now);
  if (isRefused(terms)) return terms;
  const { type, side, closePosition } = terms;
  const kind = bookType(type);
  const quantity = closePosition ? 0n : parseQuantity(request.quantity, kind, rules);
  if (typeof quantity === "object") return quantity;
  const price = parsePrice(request.price, kind, terms.priceMatch, rules);
  if (typeof price === "object") return price;
  const trail = type === "TRAILING_STOP_MARKET" ? parseTrail(request, rules) : undefined;
  if (isRefused(trail)) return trail;
  const triggerPrice = parseTriggerPrice(request.triggerPrice, type, rules);
  if (typeof triggerPrice === "object") return triggerPrice;
  const draft = { ...terms, quantity, price, trail, triggerPrice };
  return refusalByMultiplier(side, price, triggerPrice, rules) ?? refusalOfTrailWords(request, type) ?? draft;
}

/** What it is in the book once it has triggered. */
export function bookType(type: ConditionalType): BookOrderType {
  return type === "STOP" || type === "TAKE_PROFIT" ? "LIMIT" : "MARKET";
}

type Terms = Omit<ConditionalDraft, "quantity" | "price" | "trail" | "triggerPrice">;

function parseTerms(request: ConditionalRequest, now: TransactMs): Terms | Refused {
  const { side, type, reduceOnly } = request;
  if (!words.algoType.knows(request.algoType)) return refuse(-1130, "algoType");
  if (!words.side.knows(side)) return refuse(-1117);
  if (!words.conditionalType.knows(type)) return refuse(-1116);
  const timeInForce = parseTimeInForce(request.timeInForce, type);
  if (typeof timeInForce === "object") return timeInForce;
  const wrongPosition = refusalOfPositionSide(request.positionSide);
  if (wrongPosition !== undefined) return wrongPosition;
  if (reduceOnly !== undefined && reduceOnly !== "true" && reduceOnly !== "false") return refuse(-4062);
  const closePosition = parseTruth(request.closePosition, "closePosition");
  if (typeof closePosition === "object") return closePosition;
  const wrongClosing = closePosition ? refusalOfClosing(request, type) : undefined;
  if (wrongClosing !== undefined) return wrongClosing;
  const priceProtect = parseTruth(request.priceProtect, "priceProtect");
  if (typeof priceProtect === "object") return priceProtect;
  const workingType = request.workingType ?? "CONTRACT_PRICE";
  if (!words.workingType.knows(workingType)) return refuse(-1130, "workingType");
  const flags = { closePosition, priceProtect, workingType };
  const modes = parseModes(request, type, timeInForce, now);
  if (isRefused(modes)) return modes;
  // Who closes a position cannot enlarge it.
  const positionSide = (request.positionSide ?? "BOTH") as PositionSide;
  return {
    side,
    positionSide,
    type,
    timeInForce,
    ...flags,
    ...modes,
    reduceOnly: reduceOnly === "true" || closePosition,
  };
}

type Modes = Pick<Terms, "goodTillDate" | "priceMatch" | "selfTradePrevention" | "clientId">;

function parseModes(
  request: ConditionalRequest,
  type: ConditionalType,
  timeInForce: TimeInForce,
  now: TransactMs,
): Modes | Refused {
  const selfTradePrevention = parseSelfTradePrevention(request.selfTradePreventionMode);
  if (typeof selfTradePrevention === "object") return selfTradePrevention;
  const goodTillDate = parseGoodTillDate(request.goodTillDate, timeInForce, now);
  if (typeof goodTillDate === "object") return goodTillDate;
  const priceMatch = parsePriceMatch(request.priceMatch, bookType(type) === "LIMIT");
  if (typeof priceMatch === "object") return priceMatch;
  const clientId = parseClientOrderId(request.clientAlgoId);
  return typeof clientId === "object" ? clientId : { selfTradePrevention, goodTillDate, priceMatch, clientId };
}

function parseTimeInForce(text: string | undefined, type: ConditionalType): TimeInForce | Refused {
  if (text === undefined) return "GTC";
  if (!words.conditionalTimeInForce.knows(text)) return refuse(-1115);
  const isTaken = bookType(type) === "LIMIT" || MARKET_TIMES.has(text);
  return isTaken ? text : refuse(-1106, "timeinforce");
}

/** `true` or `false`, in any case: Binance's pages write both ways. `false` when absent. */
function parseTruth(text: string | undefined, name: string): boolean | Refused {
  const lower = text?.toLowerCase();
  return lower === undefined || lower === "false" ? false : lower === "true" ? true : refuse(-1130, name);
}

function refusalOfClosing(request: ConditionalRequest, type: ConditionalType): Refused | undefined {
  if (type !== "STOP_MARKET" && type !== "TAKE_PROFIT_MARKET") return refuse(-1106, "closeposition");
  if (request.quantity !== undefined) return refuse(-4137);
  if (request.reduceOnly !== undefined) return refuse(-1106, "reduceonly");
  // In hedge mode a buy closes a short position and a sell a long one.
  const isOpening = request.positionSide === (request.side === "BUY" ? "LONG" : "SHORT");
  return isOpening ? refuse(-1128) : undefined;
}

function parseTriggerPrice(text: string | undefined, type: ConditionalType, rules: SymbolRules): Fixed | Refused {
  if (type === "TRAILING_STOP_MARKET") return text === undefined ? 0n : refuse(-1106, "triggerprice");
  const price = parseAmount(text, "triggerPrice", rules.pricePrecision);
  if (typeof price === "object") return price;
  if (price <= 0n) return refuse(-4006);
  if (rules.maxPrice !== 0n && price > rules.maxPrice) return refuse(-4007);
  return refusalOfPrice(price, rules) ?? price;
}

function parseTrail(
  { callbackRate, activatePrice }: ConditionalRequest,
  rules: SymbolRules,
): { readonly activatePrice: Fixed; readonly callbackRate: Fixed } | Refused {
  const rate = parseAmount(callbackRate, "callbackRate", 8);
  if (typeof rate === "object") return rate;
  if (rate < CALLBACK_RATE_MIN || rate > CALLBACK_RATE_MAX) return refuse(-1130, "callbackRate");
  if (activatePrice === undefined) return { activatePrice: 0n, callbackRate: rate };
  const price = parseAmount(activatePrice, "activatePrice", rules.pricePrecision);
  if (typeof price === "object") return price;
  return refusalOfPrice(price, rules) === undefined ? { activatePrice: price, callbackRate: rate } : refuse(-4135);
}

function refusalOfTrailWords(request: ConditionalRequest, type: ConditionalType): Refused | undefined {
  if (type === "TRAILING_STOP_MARKET") return undefined;
  if (request.activatePrice !== undefined) return refuse(-1106, "activateprice");
  return request.callbackRate === undefined ? undefined : refuse(-1106, "callbackrate");
}

/** PERCENT_PRICE again, of the limit against the trigger price (codes by their names; *assumed*). */
function refusalByMultiplier(side: Side, price: Fixed, trigger: Fixed, rules: SymbolRules): Refused | undefined {
  if (price === 0n) return undefined;
  if (side === "BUY") return price > mul(trigger, rules.multiplierUp) ? refuse(-4183) : undefined;
  return price < mul(trigger, rules.multiplierDown) ? refuse(-4184) : undefined;
}
