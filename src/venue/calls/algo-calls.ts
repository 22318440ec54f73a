/** The algo service: placing, cancelling and reading conditional orders. Pure. Protocol sheet 11.5, 12. */
import type { Call, CallHandlers } from "../../face/calls.ts";
import { isRefused, type Refused, refuse } from "../../face/refusal.ts";
import type { AlgoOrderCancelled, AlgoOrderPlaced } from "../../protocol/rest/algo-orders.ts";
import type { ConditionalsCancelled } from "../conditional/conditional-views.ts";
import { algoOrderPlaced, algoOrderReply, newerAlgoOrderReply } from "./algo-replies.ts";
import { type CallContext, infoOf } from "./call-context.ts";

/** The calls of the algo service. */
export function algoCalls(context: CallContext): CallHandlers {
  const { exchange } = context;
  return {
    placeAlgoOrder: (call) => place(context, call),
    cancelAlgoOrder({ account, parameters, now }) {
      const result = exchange.cancelConditional(account, parameters, now);
      return isRefused(result) ? result : cancelled(result);
    },
    cancelAllAlgoOrders({ account, parameters, now }) {
      const result = exchange.cancelAllConditionals(account, parameters.symbol, now);
      return isRefused(result) ? result : { code: 200, msg: "The operation of cancel all open order is done." };
    },
    algoOrder({ account, parameters, now }) {
      const view = exchange.conditional(account, parameters, now);
      return isRefused(view) ? view : newerAlgoOrderReply(view, infoOf(context, view.symbol));
    },
    openAlgoOrders({ account, parameters }) {
      // There is no other kind: who asks for one gets none.
      if (parameters.algoType !== undefined && parameters.algoType !== "CONDITIONAL") return [];
      const views = exchange.waitingConditionals(account, parameters);
      return isRefused(views) ? views : views.map((view) => algoOrderReply(view, infoOf(context, view.symbol)));
    },
    allAlgoOrders({ account, parameters, now }) {
      const views = exchange.allConditionals(account, parameters, now);
      return isRefused(views) ? views : views.map((view) => algoOrderReply(view, infoOf(context, view.symbol)));
    },
  };
}

function place(context: CallContext, call: Call<"placeAlgoOrder">): AlgoOrderPlaced | Refused {
  const { newOrderRespType } = call.parameters;
  if (newOrderRespType !== undefined && newOrderRespType !== "ACK" && newOrderRespType !== "RESULT") {
    return refuse(-1136);
  }
  const result = context.exchange.placeConditional(call.account, call.parameters, call.now);
  if (isRefused(result)) return result;
  return algoOrderPlaced(result.order, infoOf(context, result.order.symbol), call.transport);
}

function cancelled({ orders }: ConditionalsCancelled): AlgoOrderCancelled | Refused {
  const [order] = orders;
  if (order === undefined) return refuse(-2011);
  return { algoId: order.algoId, clientAlgoId: order.clientAlgoId, code: "200", msg: "success" };
}
