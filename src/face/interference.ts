/** What may stand between callers and calls: faults that a paper venue plays on command. Pure. */
import type { EndpointName } from "../protocol/endpoints.ts";
import type { AccountId } from "./api-keys.ts";
import type { ServerClocks } from "./authentication.ts";
import type { CallEnd } from "./calls.ts";

/** One call whose caller is known, before its parameters are read. */
export interface AskedCall {
  readonly name: EndpointName;
  /** Whose call it is; `undefined` for calls that anyone may make. */
  readonly account: AccountId | undefined;
}

/** Stands in the way of calls, over REST and the WS API alike. */
export interface Interference {
  /** The clocks by which the timestamps of an account's calls are judged. */
  clocks(account: AccountId | undefined, clocks: ServerClocks): ServerClocks;
  /**
   * Decides how a call ends.
   * @param carryOut makes the call; its argument is the time the call is told
   */
  perform(call: AskedCall, clocks: ServerClocks, carryOut: (now: ServerClocks["now"]) => CallEnd): CallEnd;
}
