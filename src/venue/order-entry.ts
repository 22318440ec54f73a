/**
 * An order's way in: is it right, may the account do it, what does it do to the book. Pure.
 *
 * Checks go from what the request alone tells, through the market, to the account's margin; the first that fails is
 * the answer, and nothing has happened (documented: a refused order pushes nothing and is in no history).
 */
import { abs, type Fixed, min, mul, ONE } from "../kernel/decimal.ts";
import { assert } from "../kernel/errors.ts";
import { pick } from "../kernel/random.ts";
import { holdingOf } from "./account.ts";
import type { ExpiryReason } from "./event-writing.ts";
import type { Floor } from "./floor.ts";
import {
  assumedPrice,
  carryingMargin,
  enlargingQuantity,
  maxNotional,
  orderCost,
  reachableNotional,
} from "./margin.ts";
import { fillsWhole, match } from "./matching.ts";
import { opposite, reaches } from "./order-book.ts";
import { accept, end, isOpen, newOrder, orderView, rest } from "./order-life.ts";
import { type OrderDraft, parseOrder } from "./order-parsing.ts";
import type { OrderRequest } from "./order-request.ts";
import type { Account, Holding, Market, Order } from "./records.ts";
import { closingSide, coveredBetterThan, displaceReduceOnly, tradable } from "./reduce-only.ts";
import { isRefused, type Refused, refuse } from "./refusal.ts";
import type { Placed } from "./views.ts";

/** Places an order. Its fills have happened, and are in the outbox, when this returns. */
export function placeOrder(floor: Floor, account: Account, request: OrderRequest): Placed | Refused {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  const holding = holdingOf(account, market, request.positionSide);
  const draft = examine(account, holding, request);
  if (isRefused(draft)) return draft;
  const order = newOrder(floor, account, holding, {
    ...draft,
    clientOrderId: draft.clientOrderId ?? madeUpClientOrderId(floor, holding),
  });
  accept(order);
  const accepted = orderView(order);
  match(floor, order, worstPrice(market, draft));
  settleRemainder(floor, order);
  return { outcome: "placed", accepted, order: orderView(order) };
}

/** Checks an order as {@link placeOrder} does, and does nothing. */
export function testOrder(floor: Floor, account: Account, request: OrderRequest): Refused | undefined {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  const draft = examine(account, holdingOf(account, market, request.positionSide), request);
  return isRefused(draft) ? draft : undefined;
}

/** The farthest price the order may trade at. */
function worstPrice(market: Market, draft: OrderDraft): Fixed {
  if (draft.type === "LIMIT") return draft.price;
  const { marketTakeBound } = market.rules;
  return mul(market.markPrice, draft.side === "BUY" ? ONE + marketTakeBound : ONE - marketTakeBound);
}

/** What becomes of the part that found nobody. */
function settleRemainder(floor: Floor, order: Order): void {
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

/** All checks, in order. The result is what will be placed: a reduce-only quantity is cut to the position. */
function examine(account: Account, holding: Holding, request: OrderRequest): OrderDraft | Refused {
  const { market } = holding;
  const worded = parseOrder(request, market.rules);
  if (isRefused(worded)) return worded;
  const parsed = inPositionMode(account, holding, worded, request.reduceOnly !== undefined);
  if (isRefused(parsed)) return parsed;
  const draft = parsed.reduceOnly ? cutToPosition(holding, parsed) : parsed;
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

function cutToPosition(holding: Holding, draft: OrderDraft): OrderDraft | Refused {
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
  if (draft.type === "MARKET") return refusalByTakeBound(market, draft);
  if (draft.side === "BUY" && draft.price > mul(markPrice, rules.multiplierUp)) return refuse(-4016);
  if (draft.side === "SELL" && draft.price < mul(markPrice, rules.multiplierDown)) return refuse(-4024);
  return undefined;
}

function refusalByTakeBound(market: Market, draft: OrderDraft): Refused | undefined {
  const best = market.book.bestLevel(opposite(draft.side));
  if (best === undefined || reaches(draft.side, worstPrice(market, draft), best.price)) return undefined;
  return refuse(-4131);
}

function refusalByOpenOrders(holding: Holding, draft: OrderDraft): Refused | undefined {
  const mayRest = draft.type === "LIMIT" && (draft.timeInForce === "GTC" || draft.timeInForce === "GTX");
  if (mayRest && holding.open.size >= holding.market.rules.maxOpenOrders) return refuse(-2025);
  if (draft.clientOrderId === undefined) return undefined;
  const same = holding.byClientId.get(draft.clientOrderId);
  return same !== undefined && isOpen(same) ? refuse(-4116) : undefined;
}

function refusalByTimeInForce(holding: Holding, draft: OrderDraft): Refused | undefined {
  const { side, timeInForce, price, quantity } = draft;
  if (timeInForce === "GTX") {
    const best = holding.market.book.bestLevel(opposite(side));
    return best !== undefined && reaches(side, price, best.price) ? refuse(-5022) : undefined;
  }
  if (timeInForce === "FOK" && !fillsWhole(holding, side, quantity, price)) return refuse(-5021);
  return undefined;
}

function refusalByMargin(account: Account, holding: Holding, draft: OrderDraft): Refused | undefined {
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

const ID_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** As long as those the exchange makes up (*seen*: `z8hcUoOsqEdKMeKPSABslD`). */
const MADE_UP_ID_CHARS = 22;

function madeUpClientOrderId(floor: Floor, holding: Holding): string {
  for (;;) {
    let id = "";
    for (let i = 0; i < MADE_UP_ID_CHARS; i++) id += ID_CHARS[pick(floor.clientIdDice, ID_CHARS.length)];
    if (!holding.byClientId.has(id)) return id;
  }
}
