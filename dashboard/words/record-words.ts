/** A record in a line, for people. Pure. */
import type { AccountRecord } from "../../src/account/record.ts";
import { type EventName, isKnownEvent, type UserDataEvent } from "../../src/protocol/user-data-event.ts";
import type { Words } from "./en.ts";
import { clockTime, duration, plainly, shortened, signed } from "./numbers.ts";

/** What a record is about; the filter goes by it. */
export type RecordKind = "fill" | "order" | "account" | "stream" | "other";

/** A record in words. */
export interface RecordLine {
  /** A word for its kind. */
  readonly tag: string;
  /** Empty when it is about no single symbol. */
  readonly symbol: string;
  /** `undefined` when it has none. */
  readonly side: "BUY" | "SELL" | undefined;
  readonly text: string;
}

type Letters = Readonly<Record<string, unknown>>;

/** The kind of a record. */
export function kindOf(record: AccountRecord): RecordKind {
  if (record.kind !== "event") return "stream";
  const { e } = record.event;
  if (e === "ORDER_TRADE_UPDATE") return isFill(record) ? "fill" : "order";
  if (e === "ALGO_UPDATE" || e === "CONDITIONAL_ORDER_TRIGGER_REJECT") return "order";
  if (e === "ACCOUNT_UPDATE" || e === "ACCOUNT_CONFIG_UPDATE" || e === "MARGIN_CALL") return "account";
  return e === "listenKeyExpired" ? "stream" : "other";
}

/** Is it an order's event that brought a fill? */
function isFill(record: AccountRecord): boolean {
  if (record.kind !== "event") return false;
  const { x } = lettersIn(record, "o");
  return record.event.e === "ORDER_TRADE_UPDATE" && (x === "TRADE" || x === "CALCULATED");
}

/** A record in a line. */
export function lineOf(record: AccountRecord, words: Words): RecordLine {
  const bare = { symbol: "", side: undefined };
  if (record.kind === "gap") return { ...bare, tag: words.kinds.gap, text: words.cause(record.why) };
  if (record.kind === "repair") {
    const { recovered, holes, completeUpTo, tookMs } = record;
    const found = Object.entries(recovered).map(([name, count]) => `${count} ${nameOf(name, words)}`);
    const lacking = holes.length === 0 ? [] : [words.timeline.holes(holes.length)];
    const complete = words.timeline.complete(clockTime(completeUpTo)).replace(/[.。]$/, "");
    const told = [complete, ...found, ...lacking, duration(tookMs, words)];
    return { ...bare, tag: words.kinds.repair, text: told.join(" · ") };
  }
  if (record.kind === "status") return { ...bare, tag: words.kinds.status, text: words.statuses[record.status] };
  const { e } = record.event;
  const tag = isFill(record) ? words.kinds.fill : nameOf(e, words);
  const read = isKnownEvent(record.event as UserDataEvent) ? READERS[e as EventName] : undefined;
  return { ...bare, tag, ...(read === undefined ? { text: restOf(record.event as Letters) } : read(record, words)) };
}

/** What a search looks through: the words of the line, and the ids. */
export function searchableText(record: AccountRecord, words: Words): string {
  const { tag, symbol, side, text } = lineOf(record, words);
  const ids = record.kind === "event" ? JSON.stringify(record.event) : "";
  return `${record.seq} ${tag} ${symbol} ${side ?? ""} ${text} ${ids}`.toLowerCase();
}

type EventReader = (record: AccountRecord, words: Words) => Partial<RecordLine> & { readonly text: string };

const READERS: Readonly<Record<EventName, EventReader>> = {
  ORDER_TRADE_UPDATE: orderLine,
  ALGO_UPDATE: conditionalLine,
  TRADE_LITE(record) {
    const { s, S, l, L } = lettersOf(record);
    return { symbol: textOf(s), side: sideOf(S), text: `${amountOf(l)} @ ${amountOf(L)}` };
  },
  ACCOUNT_UPDATE: accountLine,
  ACCOUNT_CONFIG_UPDATE(record) {
    const { ac, ai } = lettersOf(record) as { ac?: Letters; ai?: Letters };
    if (ac !== undefined) return { symbol: textOf(ac.s), text: `${textOf(ac.l)}×` };
    return { text: `multi-assets ${textOf(ai?.j)}` };
  },
  STRATEGY_UPDATE(record) {
    const { si, st, ss, s } = lettersIn(record, "su");
    return { symbol: textOf(s), text: `${textOf(st)} ${textOf(si)} · ${textOf(ss)}` };
  },
  GRID_UPDATE(record, words) {
    const { si, ss, s, r } = lettersIn(record, "gu");
    const gain = `${words.positions.pnl} ${signed(shortened(textOf(r), 2))}`;
    return { symbol: textOf(s), text: `${textOf(si)} · ${textOf(ss)} · ${gain}` };
  },
  CONDITIONAL_ORDER_TRIGGER_REJECT(record) {
    const { s, i, r } = lettersIn(record, "or");
    return { symbol: textOf(s), text: `${textOf(i)} · ${textOf(r)}` };
  },
  listenKeyExpired(record) {
    return { text: `listenKey ${textOf(lettersOf(record).listenKey)}`.trim() };
  },
  MARGIN_CALL(record, words) {
    const { p = [] } = lettersOf(record) as { p?: readonly Letters[] };
    const parts = p.map(({ s, mp, mm }) => {
      const needs = words.record.needs(amountOf(shortened(textOf(mp), 4)), shortened(textOf(mm), 2));
      return p.length === 1 ? needs : `${textOf(s)} ${needs}`;
    });
    return { symbol: p.length === 1 ? textOf(p[0]?.s) : "", text: parts.join(" · ") };
  },
};

function orderLine(record: AccountRecord, words: Words): ReturnType<EventReader> {
  const { s, S, x, X, o, q, p, l, L, rp, z } = lettersIn(record, "o");
  const about = { symbol: textOf(s), side: sideOf(S) };
  if (isFill(record)) {
    const gain = /[1-9]/.test(textOf(rp)) ? ` · ${words.positions.pnl} ${signed(shortened(textOf(rp), 2))}` : "";
    const share = amountOf(l) === amountOf(q) ? "" : ` · ${amountOf(z)}/${amountOf(q)}`;
    return { ...about, text: `${amountOf(l)} @ ${amountOf(L)}${share}${gain}` };
  }
  const price = /[1-9]/.test(textOf(p)) ? ` @ ${amountOf(p)}` : "";
  const how = x === X ? textOf(X) : `${textOf(x)} ${textOf(X)}`;
  return { ...about, text: `${textOf(o)} ${amountOf(q)}${price} · ${how}` };
}

function conditionalLine(record: AccountRecord): ReturnType<EventReader> {
  const { s, S, o, q, tp, X } = lettersIn(record, "o");
  const quantity = /[1-9]/.test(textOf(q)) ? ` ${amountOf(q)}` : "";
  return { symbol: textOf(s), side: sideOf(S), text: `${textOf(o)}${quantity} ⇢ ${amountOf(tp)} · ${textOf(X)}` };
}

function accountLine(record: AccountRecord): ReturnType<EventReader> {
  const {
    m,
    B = [],
    P = [],
  } = lettersIn(record, "a") as { m?: unknown; B?: readonly Letters[]; P?: readonly Letters[] };
  const balances = B.map(({ a, wb }) => `${textOf(a)} ${shortened(textOf(wb), 2)}`);
  // The symbol of a single one stands in a column of its own.
  const positions = P.map(({ s, pa }) => (P.length === 1 ? amountOf(pa) : `${textOf(s)} ${amountOf(pa)}`));
  const text = [textOf(m), ...positions, ...balances].filter((part) => part !== "").join(" · ");
  return { symbol: P.length === 1 ? textOf(P[0]?.s) : "", text };
}

function lettersOf(record: AccountRecord): Letters {
  return record.kind === "event" ? (record.event as unknown as Letters) : {};
}

function lettersIn(record: AccountRecord, member: string): Letters {
  return (lettersOf(record)[member] ?? {}) as Letters;
}

function nameOf(event: string, words: Words): string {
  return words.eventNames[event] ?? event;
}

function sideOf(value: unknown): "BUY" | "SELL" | undefined {
  return value === "BUY" || value === "SELL" ? value : undefined;
}

function amountOf(value: unknown): string {
  return plainly(textOf(value) === "" ? "0" : textOf(value));
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function restOf({ e: _e, E: _E, T: _T, ...rest }: Letters): string {
  return JSON.stringify(rest).slice(0, 200);
}
