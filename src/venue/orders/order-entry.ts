/**
 * An order's way in: is it right, may the account do it, what does it do to the book. Pure.
 *
 * Checks go from what the request alone tells, through the market, to the account's margin; the first that fails is
 * the answer, and nothing has happened (documented: a refused order pushes nothing and is in no history).
 */

import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import { abs, type Fixed, min, mul, ONE } from "../../kernel/decimal.ts";
import { assert } from "../../kernel/errors.ts";
import { alphanumerics } from "../../kernel/random.ts";
import type { ExpiryReason, Side } from "../../protocol/enumerations.ts";
import { holdingOf } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, Holding, Market, Order } from "../exchange/records.ts";
import type { Placed } from "../exchange/views.ts";
import {
  assumedPrice,
  carryingMargin,
  enlargingQuantity,
  maxNotional,
  orderCost,
  reachableNotional,
} from "../margin/margin.ts";
import { refusalByStatus } from "../market/symbol-status.ts";
import { fillsWhole, match } from "./matching.ts";
import { opposite, reaches } from "./order-book.ts";
import { accept, end, isOpen, newOrder, orderView, rest } from "./order-life.ts";
import { type OrderDraft, parseOrder } from "./order-parsing.ts";
import type { OrderRequest } from "./order-request.ts";
import { matchedPrice } from "./price-match.ts";
import { closingSide, coveredBetterThan, displaceReduceOnly, tradable } from "./reduce-only.ts";

/** Places an order. Its fills have happened, and are in the outbox, when this returns. */
export function placeOrder(floor: Floor, account: Account, request: OrderRequest): Placed | Refused {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  const draft = readDraft(floor, account, market, request);
  return isRefused(draft) ? draft : placeDraft(floor, account, holdingOf(account, market, draft.positionSide), draft);
}

/** What a request asks for, in words that are right and fit the account's mode. */
function readDraft(floor: Floor, account: Account, market: Market, request: OrderRequest): OrderDraft | Refused {
  const draft = parseOrder(request, market.rules, floor.now);
  if (isRefused(draft)) return draft;
  const holding = holdingOf(account, market, draft.positionSide);
  return inPositionMode(account, holding, draft, request.reduceOnly !== undefined);
}

/** What an order is born of, when no user has placed it himself. */
export type Origin = Partial<Pick<Order, "conditional" | "grid">>;

/** Places an order whose words and digits are right. On a symbol with a grid any order but its own ends the grid. */
export function placeDraft(
  floor: Floor,
  account: Account,
  holding: Holding,
  parsed: OrderDraft,
  { conditional, grid }: Origin = {},
): Placed | Refused {
  const { market } = holding;
  const draft = judge(floor, account, holding, parsed);
  if (isRefused(draft)) return draft;
  const order = newOrder(floor, account, holding, {
    ...draft,
    clientOrderId: draft.clientOrderId ?? madeUpId(floor, holding.byClientId),
    conditional,
    grid,
  });
  if (conditional !== undefined) conditional.order = order;
  accept(order);
  if (grid === undefined) floor.grids.byHand(account, market);
  const accepted = orderView(order);
  match(floor, order, worstPrice(market, draft));
  settleRemainder(floor, order);
  return { outcome: "placed", accepted, order: orderView(order) };
}

/** Checks an order as {@link placeOrder} does, and does nothing. */
export function testOrder(floor: Floor, account: Account, request: OrderRequest): Refused | undefined {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  const parsed = readDraft(floor, account, market, request);
  if (isRefused(parsed)) return parsed;
  const draft = judge(floor, account, holdingOf(account, market, parsed.positionSide), parsed);
  return isRefused(draft) ? draft : undefined;
}

/** The farthest price the order may trade at. */
function worstPrice(market: Market, draft: OrderDraft): Fixed {
  if (draft.type === "LIMIT") return draft.price;
  const { marketTakeBound } = market.rules;
  return mul(market.markPrice, draft.side === "BUY" ? ONE + marketTakeBound : ONE - marketTakeBound);
}

/** What becomes of the part that found nobody. */
export function settleRemainder(floor: Floor, order: Order): void {
  if (!isOpen(order)) return;
  assert(order.timeInForce !== "FOK", "a FOK order that was accepted fills whole");
  const reason = whyNotRest(order);
  if (reason === undefined) {
    rest(floor, order);
    displaceReduceOnly(floor, order.holding);
  } else {
    end(floor, order, "EXPIRED", reason);
  }
}

function whyNotRest(order: Order): ExpiryReason | undefined {
  if (order.type === "MARKET") return "9";
  if (order.timeInForce === "IOC") return "2";
  return tradable(order) === 0n ? "4" : undefined;
}

/**
 * All checks of market and account, in order. The result is what will be placed: a price match has become a price, a
 * reduce-only quantity is cut to the position.
 */
function judge(floor: Floor, account: Account, holding: Holding, parsed: OrderDraft): OrderDraft | Refused {
  const { market } = holding;
  const closed = refusalByStatus(market, parsed.reduceOnly, floor.now);
  if (closed !== undefined) return closed;
  const price = matchedPrice(market, parsed.side, parsed.priceMatch, parsed.price);
  if (typeof price === "object") return price;
  const priced = price === parsed.price ? parsed : { ...parsed, price };
  const draft = priced.reduceOnly ? cutToPosition(holding, priced) : priced;
  if (isRefused(draft)) return draft;
  return (
    refusalByFilters(market, draft) ??
    refusalByOpenOrders(holding, draft) ??
    refusalByTimeInForce(holding, draft) ??
    refusalByMargin(account, holding, draft) ??
    draft
  );
}

/**
 * The position side must fit the account's mode. In hedge mode the side says whether an order closes, the parameter
 * `reduceOnly` is not taken, and more than the position has cannot be closed (*assumed*: -2022, nothing is cut).
 */
function inPositionMode(
  account: Account,
  holding: Holding,
  draft: OrderDraft,
  saysReduceOnly: boolean,
): OrderDraft | Refused {
  if ((draft.positionSide !== "BOTH") !== account.isHedge) return refuse(-4061);
  if (!account.isHedge) return draft;
  if (saysReduceOnly) return refuse(-1106, "reduceonly");
  if ((draft.positionSide === "LONG") === (draft.side === "BUY")) return draft;
  return draft.quantity > abs(holding.position.amount) ? refuse(-2022) : { ...draft, reduceOnly: true };
}

/** Cuts a reduce-only order to what the position leaves it. */
export function cutToPosition(holding: Holding, draft: OrderDraft): OrderDraft | Refused {
  if (closingSide(holding) !== draft.side) return refuse(-2022);
  const size = abs(holding.position.amount);
  // A market order ranks before all resting ones; a limit order behind those of its price and better.
  const covered = draft.type === "MARKET" ? 0n : coveredBetterThan(holding, draft.side, draft.price);
  return covered >= size ? refuse(-2022) : { ...draft, quantity: min(draft.quantity, size) };
}

function refusalByFilters(market: Market, draft: OrderDraft): Refused | undefined {
  const { rules, markPrice } = market;
  const price = draft.type === "MARKET" ? markPrice : draft.price;
  if (!draft.reduceOnly && mul(price, draft.quantity) < rules.minNotional) return refuse(-4164, rules.minNotionalText);
  return draft.type === "MARKET" ? refusalByTakeBound(market, draft) : refusalByMark(market, draft.side, draft.price);
}

/** PERCENT_PRICE: a limit may not lie too far beyond the mark price. */
export function refusalByMark({ rules, markPrice }: Market, side: Side, price: Fixed): Refused | undefined {
  if (side === "BUY" && price > mul(markPrice, rules.multiplierUp)) return refuse(-4016);
  if (side === "SELL" && price < mul(markPrice, rules.multiplierDown)) return refuse(-4024);
  return undefined;
}

function refusalByTakeBound(market: Market, draft: OrderDraft): Refused | undefined {
  const best = market.book.bestLevel(opposite(draft.side));
  if (best === undefined || reaches(draft.side, worstPrice(market, draft), best.price)) return undefined;
  return refuse(-4131);
}

function refusalByOpenOrders(holding: Holding, draft: OrderDraft): Refused | undefined {
  const mayRest = draft.type === "LIMIT" && draft.timeInForce !== "IOC" && draft.timeInForce !== "FOK";
  if (mayRest && holding.open.size >= holding.market.rules.maxOpenOrders) return refuse(-2025);
  if (draft.clientOrderId === undefined) return undefined;
  const same = holding.byClientId.get(draft.clientOrderId);
  return same !== undefined && isOpen(same) ? refuse(-4116) : undefined;
}

function refusalByTimeInForce(holding: Holding, draft: OrderDraft): Refused | undefined {
  const { side, timeInForce, price, quantity } = draft;
  if (timeInForce === "GTX") return wouldTake(holding.market, side, price) ? refuse(-5022) : undefined;
  if (timeInForce === "FOK" && !fillsWhole(holding, side, quantity, price)) return refuse(-5021);
  return undefined;
}

/** Would an order of this price trade at once? */
export function wouldTake(market: Market, side: Side, price: Fixed): boolean {
  const best = market.book.bestLevel(opposite(side));
  return best !== undefined && reaches(side, price, best.price);
}

/** Position limit and margin; nothing for what can only make the position smaller. */
export function refusalByMargin(account: Account, holding: Holding, draft: OrderDraft): Refused | undefined {
  if (draft.reduceOnly) return undefined;
  const { market } = holding;
  const { side, quantity } = draft;
  if (enlargingQuantity(holding, side, quantity) === 0n) return undefined;
  const assumed = assumedPrice(market, side, draft.price);
  if (reachableNotional(holding, side, quantity, assumed) > maxNotional(market.rules.brackets, holding.leverage)) {
    return refuse(-2027);
  }
  const best = market.book.bestLevel(opposite(side));
  const orderPrice = draft.type === "LIMIT" ? draft.price : (best?.price ?? market.markPrice);
  const cost = orderCost(holding, { side, quantity, assumedPrice: assumed, orderPrice });
  return cost > carryingMargin(account, market.rules.marginAsset).available ? refuse(-2019) : undefined;
}

/** As long as those the exchange makes up (*seen*: `z8hcUoOsqEdKMeKPSABslD`). */
const MADE_UP_ID_CHARS = 22;

/** An id of the exchange's making that none of `taken` has. */
export function madeUpId(floor: Floor, taken: ReadonlyMap<string, unknown>): string {
  for (;;) {
    const id = alphanumerics(floor.clientIdDice, MADE_UP_ID_CHARS);
    if (!taken.has(id)) return id;
  }
}
