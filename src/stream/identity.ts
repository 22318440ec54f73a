/** What makes two copies of an event one event. Pure. */
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { MarginCall } from "../protocol/events/margin-call.ts";
import type { OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import { isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";

/** What tells an event from all others. */
export interface Identity {
  /**
   * Equal for two copies of one event, whichever socket they came by. `E` is left out where the event has an identity
   * of its own: copies made by different servers may differ in it.
   */
  readonly text: string;
  /**
   * Events without an id may come back to an earlier state: +1, −1, +1 within one millisecond are three events, of
   * which two read alike. For these it is the millisecond in which that can happen; absent where the text is of one
   * event only.
   */
  readonly within?: number;
}

/**
 * The identity of an event.
 * @param frame the text it came in: all there is to tell events of unknown types apart
 */
export function identityOf(event: UserDataEvent, frame: string): Identity {
  if (!isKnownEvent(event)) return typeof event.E === "number" ? { text: frame, within: event.E } : { text: frame };
  switch (event.e) {
    case "ORDER_TRADE_UPDATE":
      return { text: orderIdentity(event) };
    case "TRADE_LITE":
      return { text: `L|${event.s}|${event.i}|${event.t}` };
    case "ACCOUNT_UPDATE":
      return { text: accountIdentity(event), within: event.T };
    case "ACCOUNT_CONFIG_UPDATE":
      return { text: `C|${event.T}|${event.ac?.s}|${event.ac?.l}|${event.ai?.j}`, within: event.T };
    case "ALGO_UPDATE":
      return { text: algoIdentity(event) };
    case "listenKeyExpired":
      return { text: `K|${event.listenKey ?? event.E}` };
    case "MARGIN_CALL":
      return { text: marginIdentity(event) };
    case "STRATEGY_UPDATE":
      return { text: `S|${event.T}|${event.su.si}|${event.su.ss}|${event.su.c}|${event.su.ut}` };
    case "GRID_UPDATE":
      return { text: `G|${event.T}|${event.gu.si}|${event.gu.ut}|${event.gu.r}|${event.gu.uq}|${event.gu.mp}` };
    case "CONDITIONAL_ORDER_TRIGGER_REJECT":
      return { text: `R|${event.T}|${event.or.s}|${event.or.i}` };
  }
}

function orderIdentity({ o }: OrderTradeUpdate): string {
  // Two amendments of one millisecond differ in what they amend, since equal ones are refused (-5027).
  const amended = o.x === "AMENDMENT" ? `|${o.p}|${o.q}` : "";
  return `O|${o.s}|${o.i}|${o.x}|${o.X}|${o.t}|${o.T}|${o.z}${amended}`;
}

function accountIdentity({ T, a }: AccountUpdate): string {
  let rows = `A|${T}|${a.m}|${a.S ?? ""}`;
  for (const b of a.B) rows += `|${b.a}=${b.wb},${b.cw},${b.bc ?? ""}`;
  for (const p of a.P) rows += `|${p.s}/${p.ps}=${p.pa},${p.ep},${p.cr},${p.mt},${p.iw}`;
  return rows;
}

function algoIdentity({ T, o }: AlgoUpdate): string {
  return `T|${T}|${o.aid}|${o.X}|${o.ai}|${o.aq ?? ""}|${o.ia ?? ""}`;
}

function marginIdentity({ E, p }: MarginCall): string {
  return `M|${E}|${p.map((one) => `${one.s}/${one.ps}=${one.pa},${one.mp}`).join("|")}`;
}
