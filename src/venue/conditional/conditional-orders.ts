/**
 * The algo service: conditional orders placed and taken back. Pure. Protocol sheet 9, 11.5.
 *
 * Rules kept here
 * - One that would trigger at once is refused, -2021 (documented); no margin is looked at before the trigger.
 * - At most 200 wait for an account, over all symbols, else -4045.
 * - GTE_GTC needs the position that it makes smaller, else -2022 (*assumed* for the code).
 * - One with a date expires on it while it still waits (*assumed*).
 */

import { isRefused, type Refused, refuse, refuseVariant } from "../../face/refusal.ts";
import { mul } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { WAITING_CONDITIONALS_MAX } from "../../protocol/limits.ts";
import { holdingOf } from "../accounts/account.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Account, ConditionalOrder, Holding } from "../exchange/records.ts";
import { workingPrice } from "../market/market.ts";
import { refusalByStatus } from "../market/symbol-status.ts";
import { madeUpId } from "../orders/order-entry.ts";
import { algoEvent, conditionalView } from "./conditional-events.ts";
import { type ConditionalDraft, parseConditional } from "./conditional-parsing.ts";
import type { ConditionalReference, ConditionalRequest } from "./conditional-request.ts";
import { changeStatus, closesItsSide, hasPositionToReduce, isMet } from "./conditional-triggers.ts";
import type { ConditionalPlaced, ConditionalsCancelled } from "./conditional-views.ts";

/** Places a conditional order. It waits when this returns. */
export function placeConditional(
  floor: Floor,
  account: Account,
  request: ConditionalRequest,
): ConditionalPlaced | Refused {
  const market = floor.markets.get(request.symbol);
  if (market === undefined) return refuse(-1121);
  const draft = parseConditional(request, market.rules, floor.now);
  if (isRefused(draft)) return draft;
  if ((draft.positionSide !== "BOTH") !== account.isHedge) return refuse(-4061);
  if (account.isHedge && request.reduceOnly !== undefined) return refuse(-1106, "reduceonly");
  const holding = holdingOf(account, market, draft.positionSide);
  const order = newConditional(floor, account, holding, draft);
  const refused = judge(floor, order);
  if (refused !== undefined) return refused;
  floor.conditionals.add(order);
  floor.grids.byHand(account, market);
  if (order.timeInForce === "GTD") {
    const expire = () => changeStatus(floor, order, "EXPIRED");
    order.stopExpiry = floor.timers.set(order.goodTillDate as TransactMs, `algo order ${order.id} expires`, expire);
  }
  floor.outbox.push(account.id, algoEvent(order));
  return { outcome: "placed", order: conditionalView(order) };
}

function newConditional(
  floor: Floor,
  account: Account,
  holding: Holding,
  { trail, clientId, ...draft }: ConditionalDraft,
): ConditionalOrder {
  const { market } = holding;
  const activatePrice = trail?.activatePrice ?? 0n;
  return {
    ...draft,
    id: floor.conditionals.nextId,
    clientId: clientId ?? madeUpId(floor, floor.conditionals.of(account).byClientId),
    account,
    market,
    holding,
    trail:
      trail === undefined
        ? undefined
        : { ...trail, isActive: activatePrice === 0n, extreme: workingPrice(market, draft.workingType) },
    createTime: floor.now,
    status: "NEW",
    updateTime: floor.now,
    triggerTime: 0,
    order: undefined,
    stopExpiry: undefined,
  };
}

/** Limits of the account and the market, in order. */
function judge(floor: Floor, order: ConditionalOrder): Refused | undefined {
  const { market, holding, side, trail } = order;
  const reduces = order.reduceOnly || order.closePosition || closesItsSide(order);
  const closed = refusalByStatus(market, reduces, floor.now);
  if (closed !== undefined) return closed;
  const own = floor.conditionals.of(order.account);
  const same = own.byClientId.get(order.clientId);
  if (same !== undefined && !isEnded(same)) return refuse(-4116);
  if (own.waiting.size >= WAITING_CONDITIONALS_MAX) return refuse(-4045);
  if (order.timeInForce === "GTE_GTC" && !hasPositionToReduce(holding, side)) return refuse(-2022);
  const price = workingPrice(market, order.workingType);
  const { rules } = market;
  const reckoned = order.price === 0n ? (order.triggerPrice === 0n ? price : order.triggerPrice) : order.price;
  if (!order.reduceOnly && mul(reckoned, order.quantity) < rules.minNotional) {
    return refuse(-4164, rules.minNotionalText);
  }
  if (trail === undefined) return isMet(order, price) ? refuse(-2021) : undefined;
  const { activatePrice, isActive } = trail;
  const isThere = side === "BUY" ? activatePrice >= price : activatePrice <= price;
  return !isActive && isThere ? refuse(-2021) : undefined;
}

/** Neither waiting nor in the book? */
export function isEnded({ status }: ConditionalOrder): boolean {
  return status !== "NEW" && status !== "TRIGGERING" && status !== "TRIGGERED";
}

/** The conditional order a reference means, waiting, triggered or retained; `undefined` when there is none. */
export function locateConditional(
  floor: Floor,
  account: Account,
  { algoId, clientAlgoId }: ConditionalReference,
): ConditionalOrder | undefined | Refused {
  const own = floor.conditionals.of(account);
  if (algoId !== undefined) return /^\d{1,20}$/.test(algoId) ? own.all.get(BigInt(algoId)) : refuse(-1102, "algoId");
  if (clientAlgoId === undefined || clientAlgoId === "") return refuseVariant(-1102, 2, "algoId", "clientAlgoId");
  return own.byClientId.get(clientAlgoId);
}

/** Takes one back that still waits; -2011 when there is none such. */
export function cancelConditional(
  floor: Floor,
  account: Account,
  which: ConditionalReference,
): ConditionalsCancelled | Refused {
  const order = locateConditional(floor, account, which);
  if (order === undefined) return refuse(-2011);
  if (isRefused(order)) return order;
  if (order.status !== "NEW") return refuse(-2011);
  changeStatus(floor, order, "CANCELED");
  return { outcome: "cancelled", orders: [conditionalView(order)] };
}

/** Takes back all of a symbol that still wait, oldest first. */
export function cancelAllConditionals(floor: Floor, account: Account, symbol: string): ConditionalsCancelled | Refused {
  const market = floor.markets.get(symbol);
  if (market === undefined) return refuse(-1121);
  const waiting = [...floor.conditionals.of(account).waiting.values()].filter((order) => order.market === market);
  for (const order of waiting) changeStatus(floor, order, "CANCELED");
  return { outcome: "cancelled", orders: waiting.map(conditionalView) };
}
