/** Reading orders and fills. Pure. Protocol sheet 11.3. */
import type { CallHandlers } from "../../face/calls.ts";
import { isRefused, type Refused } from "../../face/refusal.ts";
import type { Order } from "../../protocol/rest/orders.ts";
import type { OrderView } from "../exchange/views.ts";
import type { SymbolInfo } from "../market/symbol-listing.ts";
import { type CallContext, infoOf } from "./call-context.ts";
import { amendmentReply, historicOrderReply, orderReply, tradeReply } from "./order-replies.ts";

/** The reads of orders and fills. */
export function orderReadCalls(context: CallContext): CallHandlers {
  const { exchange } = context;
  const printed = <V extends { readonly symbol: string }, R>(
    views: readonly V[] | Refused,
    print: (view: V, info: SymbolInfo) => R,
  ): R[] | Refused => (isRefused(views) ? views : views.map((view) => print(view, infoOf(context, view.symbol))));
  const one = (view: OrderView | Refused): Order | Refused =>
    isRefused(view) ? view : orderReply(view, infoOf(context, view.symbol));
  return {
    order: ({ account, parameters, now }) => one(exchange.order(account, parameters, now)),
    openOrder: ({ account, parameters }) => one(exchange.openOrder(account, parameters)),
    openOrders: ({ account, parameters }) => printed(exchange.openOrders(account, parameters.symbol), orderReply),
    allOrders: ({ account, parameters, now }) =>
      printed(exchange.allOrders(account, parameters, now), historicOrderReply),
    userTrades: ({ account, parameters, now }) => printed(exchange.userTrades(account, parameters, now), tradeReply),
    forceOrders: ({ account, parameters, now }) =>
      printed(exchange.forceOrders(account, parameters, now), historicOrderReply),
    orderAmendments({ account, parameters, now }) {
      const found = exchange.amendments(account, parameters, now);
      if (isRefused(found)) return found;
      const { order, list } = found;
      return list.map((amendment) => amendmentReply(amendment, order, infoOf(context, order.symbol)));
    },
  };
}
