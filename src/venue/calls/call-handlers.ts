/** Every call the venue serves, put together. Pure. */
import type { CallHandlers } from "../../face/calls.ts";
import { accountReadCalls, accountWriteCalls } from "./account-calls.ts";
import { algoCalls } from "./algo-calls.ts";
import type { CallContext } from "./call-context.ts";
import { listenKeyCalls } from "./listen-key-calls.ts";
import { marketCalls } from "./market-calls.ts";
import { marketHistoryCalls } from "./market-history-calls.ts";
import { orderCalls } from "./order-calls.ts";
import { orderReadCalls } from "./order-read-calls.ts";

/** The calls of the venue. Those of the catalogue that are missing are answered with `-1020`. */
export function callHandlers(context: CallContext): CallHandlers {
  return {
    ...listenKeyCalls(context),
    ...marketCalls(context),
    ...marketHistoryCalls(context),
    ...orderCalls(context),
    ...orderReadCalls(context),
    ...algoCalls(context),
    ...accountReadCalls(context),
    ...accountWriteCalls(context),
  };
}
