/** The three calls of the listenKey service. Pure. Protocol sheet 4. */
import type { CallHandlers } from "../../face/calls.ts";
import { refuse } from "../../face/refusal.ts";
import type { CallContext } from "./call-context.ts";

/** Grants, extends and ends listenKeys. One key per account, whichever of its API keys asks. */
export function listenKeyCalls({ listenKeys }: CallContext): CallHandlers {
  return {
    startListenKey: ({ account, now }) => ({ listenKey: listenKeys.grant(account, now) }),
    keepListenKey({ account, now }) {
      const listenKey = listenKeys.extend(account, now);
      return listenKey === undefined ? refuse(-1125) : { listenKey };
    },
    closeListenKey: ({ account, now }) => (listenKeys.end(account, now) === undefined ? refuse(-1125) : {}),
  };
}
