/** One record of the stream as one line for people. Pure. */
import type { AccountRecord, RepairRecord } from "../account/record.ts";
import type { RepairedEvent } from "../account/repaired-events.ts";
import { ENGLISH } from "../hub/english-reasons.ts";
import { causeIn, holeIn } from "../hub/reasons.ts";
import type { AccountConfigUpdate } from "../protocol/events/account-config-update.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AlgoUpdate } from "../protocol/events/algo-update.ts";
import type { MarginCall } from "../protocol/events/margin-call.ts";
import { EXPIRY_REASONS, type OrderTradeUpdate } from "../protocol/events/order-trade-update.ts";
import type { TradeLite } from "../protocol/events/trade-lite.ts";
import { isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";

/** `12:03:11.251 #17 ORDER  BTCUSDT BUY MARKET 0.010 FILLED …`: our time, `seq`, what, and what matters of it. */
export function eventLine(record: AccountRecord): string {
  return `${clockTime(record.at)} #${record.seq} ${summary(record)}`;
}

function summary(record: AccountRecord): string {
  switch (record.kind) {
    case "event":
      return record.origin === "stream" ? eventSummary(record.event) : repairedSummary(record.event);
    case "gap": {
      const since = record.from === undefined ? "the beginning" : momentOf(record.from, record);
      return `GAP      events after ${since} may be missing: ${causeIn(ENGLISH, record.why)}`;
    }
    case "status":
      return STATUS[record.status];
    case "repair":
      return repairSummary(record);
  }
}

const STATUS = {
  live: "LIVE     events arrive",
  synced: "SYNCED   the mirror shows the account",
  stopped: "STOPPED  no more events",
} as const;

function repairSummary(record: RepairRecord): string {
  const { completeUpTo, recovered, holes, requests, weightUsed } = record;
  const found = Object.entries(recovered).map(([name, count]) => `${count} ${name}`);
  const told = found.length === 0 ? "nothing was missed" : `recovered ${found.join(", ")}`;
  const named = holes.map((hole) => holeIn(ENGLISH, hole, dayTime));
  const lacking = named.length === 0 ? "" : `; not recovered: ${named.join("; ")}`;
  const cost = `${requests} requests, weight ${weightUsed}`;
  return `REPAIR   complete up to ${momentOf(completeUpTo, record)}, ${told}${lacking} (${cost})`;
}

/** As the event itself would be shown, as far as REST knows it. */
function repairedSummary(event: RepairedEvent): string {
  switch (event.e) {
    case "ORDER_TRADE_UPDATE": {
      const { s, S, q = "?", o = "order", x, l, L, t, i } = event.o;
      const isFill = x === "TRADE" || x === "CALCULATED";
      return `MISSED   ${s} ${S} ${q} ${o} ${x}${isFill ? `: ${l} at ${L} (trade ${t})` : ` (order ${i})`}`;
    }
    case "ACCOUNT_UPDATE": {
      const { m, B, P } = event.a;
      const balances = B.map(({ a, wb, bc }) => (wb === undefined ? `${a} by ${bc}` : `${a} ${wb}`));
      const positions = P.map(({ s, ps, pa }) => `${s}${ps === "BOTH" ? "" : ` ${ps}`} ${pa}`);
      return `MISSED   ${m ?? "now"}: ${[...balances, ...positions].join(" · ")}`;
    }
    case "ALGO_UPDATE":
      return `MISSED   ${event.o.s} conditional order ${event.o.aid} ${event.o.X}`;
    case "ACCOUNT_CONFIG_UPDATE":
      return `MISSED   ${configSummary(event)}`;
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

function configSummary({ ac, ai }: Pick<AccountConfigUpdate, "ac" | "ai">): string {
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

/** A time of the exchange in a line that begins with ours: with its day when that is another one. */
function momentOf(ms: number, { at }: AccountRecord): string {
  const [day, ours] = [ms, at].map((time) => new Date(time).toISOString().slice(0, 10));
  return day === ours ? clockTime(ms) : `${day} ${clockTime(ms)}`;
}

/** `2026-11-23 12:03:11 UTC`. */
function dayTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
