/** One record of the stream as one line for people. Pure. */
import type { AccountConfigUpdate } from "../protocol/events/account-config-update.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { MarginCall } from "../protocol/events/margin-call.ts";
import { EXPIRY_REASONS, type OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import type { TradeLite } from "../protocol/events/trade-lite.ts";
import { isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";
import type { StreamRecord } from "../stream/record.ts";

/** `12:03:11.251 #17 ORDER  BTCUSDT BUY MARKET 0.010 FILLED …`: our time, `seq`, what, and what matters of it. */
export function eventLine(record: StreamRecord): string {
  return `${clockTime(record.at)} #${record.seq} ${summary(record)}`;
}

function summary(record: StreamRecord): string {
  switch (record.kind) {
    case "event":
      return eventSummary(record.event);
    case "gap": {
      const since = record.from === undefined ? "the beginning" : clockTime(record.from);
      return `GAP      events after ${since} may be missing: ${record.why}`;
    }
    case "status":
      return record.status === "live" ? "LIVE     events arrive" : "STOPPED  no more events";
  }
}

function eventSummary(event: UserDataEvent): string {
  if (!isKnownEvent(event)) return `${event.e} (new to this version; passed through)`;
  switch (event.e) {
    case "ORDER_TRADE_UPDATE":
      return `ORDER    ${orderSummary(event)}`;
    case "TRADE_LITE":
      return `FILL     ${fillSummary(event)}`;
    case "ACCOUNT_UPDATE":
      return `ACCOUNT  ${accountSummary(event)}`;
    case "MARGIN_CALL":
      return `MARGIN   ${marginSummary(event)}`;
    case "ALGO_UPDATE":
      return `ALGO     ${algoSummary(event)}`;
    case "ACCOUNT_CONFIG_UPDATE":
      return `CONFIG   ${configSummary(event)}`;
    case "STRATEGY_UPDATE":
      return `STRATEGY ${event.su.st} ${event.su.si} ${event.su.s} ${event.su.ss}`;
    case "GRID_UPDATE":
      return `GRID     ${event.gu.si} ${event.gu.s} ${event.gu.ss} realised ${event.gu.r}`;
    case "CONDITIONAL_ORDER_TRIGGER_REJECT":
      return `REJECT   ${event.or.s} order ${event.or.i}: ${event.or.r}`;
    case "listenKeyExpired":
      return "KEY      the listenKey expired";
  }
}

function configSummary({ ac, ai }: AccountConfigUpdate): string {
  return ac === undefined ? `multi-assets mode ${ai?.j ? "on" : "off"}` : `${ac.s} leverage ${ac.l}`;
}

function orderSummary({ o }: OrderTradeUpdate): string {
  const price = o.p === "0" ? "" : ` at ${o.p}`;
  const order = `${o.s} ${o.S} ${o.q} ${o.o}${price} ${o.X}`;
  if (o.x === "TRADE" || o.x === "CALCULATED") {
    const side = o.m ? "maker" : "taker";
    const profit = o.rp === "0" ? "" : `, realised ${o.rp}`;
    return `${order}: ${o.l} at ${o.L} as ${side}, ${o.z} of ${o.q} done, fee ${o.n ?? "0"} ${o.N ?? ""}${profit}`;
  }
  if (o.x === "EXPIRED") return `${order}: ${EXPIRY_REASONS[o.er ?? "0"] ?? o.er}`;
  return `${order} (order ${o.i})`;
}

function fillSummary({ s, S, l, L, t }: TradeLite): string {
  return `${s} ${S} ${l} at ${L} (trade ${t})`;
}

function accountSummary({ a }: AccountUpdate): string {
  const balances = a.B.map((balance) => `${balance.a} ${balance.wb}`);
  const positions = a.P.map(
    ({ s, ps, pa, ep }) => `${s}${ps === "BOTH" ? "" : ` ${ps}`} ${pa === "0" ? "flat" : `${pa} from ${ep}`}`,
  );
  return `${a.m}: ${[...balances, ...positions].join(" · ")}`;
}

function marginSummary({ p }: MarginCall): string {
  return p.map(({ s, ps, pa, mp, mm }) => `${s} ${ps} ${pa} at mark ${mp} needs ${mm}`).join(" · ");
}

function algoSummary({ o }: AlgoUpdate): string {
  return `${o.s} ${o.S} ${o.q} ${o.o} trigger ${o.tp} ${o.X}${o.rm === undefined ? "" : `: ${o.rm}`}`;
}

/** `12:03:11.251`, in UTC, so that it reads the same beside the exchange's own times. */
function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
