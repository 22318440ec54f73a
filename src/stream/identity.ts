/** What makes two copies of an event one event. Pure. */
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import { isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";
import { type Fingerprint, Fingerprinter, type Value } from "./fingerprint.ts";

/** What tells an event from all others. */
export interface Identity {
  /** Which order it belongs to: events of one kind are told one after another. */
  readonly kind: string;
  /**
   * Equal for two copies of one event, whichever socket they came by. `E` is left out where the event has an identity
   * of its own: copies made by different servers may differ in it.
   */
  readonly of: Fingerprint;
  /**
   * Events without an id may come back to an earlier state: +1, −1, +1 within one millisecond are three events, of
   * which two are alike. For these it is the millisecond in which that can happen; `undefined` where the fingerprint
   * is of one event only.
   */
  readonly within: number | undefined;
}

const fingerprinter = new Fingerprinter();

/**
 * The identity of an event.
 * @param frame the text it came in: all there is to tell events of unknown types apart
 */
export function identityOf(event: UserDataEvent, frame: string): Identity {
  if (!isKnownEvent(event)) {
    return identity("?", typeof event.E === "number" ? event.E : undefined, frame);
  }
  switch (event.e) {
    case "ORDER_TRADE_UPDATE":
      return orderIdentity(event);
    case "TRADE_LITE":
      return identity("L", undefined, event.s, event.i, event.t);
    case "ACCOUNT_UPDATE":
      return accountIdentity(event);
    case "ACCOUNT_CONFIG_UPDATE":
      return identity("C", event.T, event.T, event.ac?.s, event.ac?.l, event.ai?.j);
    case "ALGO_UPDATE": {
      const { aid, X, ai, aq, ia } = event.o;
      return identity("T", undefined, event.T, aid, X, ai, aq, ia);
    }
    case "listenKeyExpired":
      return identity("K", undefined, event.listenKey ?? event.E);
    case "MARGIN_CALL":
      return identity("M", undefined, event.E, ...event.p.flatMap(({ s, ps, pa, mp }) => [s, ps, pa, mp]));
    case "STRATEGY_UPDATE": {
      const { si, ss, c, ut } = event.su;
      return identity("S", undefined, event.T, si, ss, c, ut);
    }
    case "GRID_UPDATE": {
      const { si, ut, r, uq, mp } = event.gu;
      return identity("G", undefined, event.T, si, ut, r, uq, mp);
    }
    case "CONDITIONAL_ORDER_TRIGGER_REJECT":
      return identity("R", undefined, event.T, event.or.s, event.or.i);
  }
}

function identity(kind: string, within: number | undefined, ...values: readonly Value[]): Identity {
  fingerprinter.add(kind);
  for (const value of values) fingerprinter.add(value);
  return { kind, of: fingerprinter.take(), within };
}

function orderIdentity({ o }: OrderTradeUpdate): Identity {
  fingerprinter.add("O").add(o.s).add(o.i).add(o.x).add(o.X).add(o.t).add(o.T).add(o.z);
  // Two amendments of one millisecond differ in what they amend, since equal ones are refused (-5027).
  if (o.x === "AMENDMENT") fingerprinter.add(o.p).add(o.q);
  return { kind: "O", of: fingerprinter.take(), within: undefined };
}

function accountIdentity({ T, a }: AccountUpdate): Identity {
  fingerprinter.add("A").add(T).add(a.m).add(a.S).add(a.B.length);
  for (const { a: asset, wb, cw, bc } of a.B) fingerprinter.add(asset).add(wb).add(cw).add(bc);
  for (const { s, ps, pa, ep, cr, mt, iw } of a.P) {
    fingerprinter.add(s).add(ps).add(pa).add(ep).add(cr).add(mt).add(iw);
  }
  return { kind: "A", of: fingerprinter.take(), within: T };
}
