/**
 * What an account holds, as one JSON text, and back. Pure.
 *
 *     {"account":"demo","asOfSeq":12,"asOf":…,"balances":[…],"positions":[…],"openOrders":[…], …}
 *
 * Every fact stands there as the mirror knows it, in readable names, with its date (`at`, by the exchange's clock) and
 * who said so (`source`). Ids are strings, decimals are spelled as they came, what was not told is absent.
 */
import type { AccountView } from "../account/account-view.ts";
import { orderKey, positionKey } from "../account/facts.ts";
import { type HeldFacts, mirrorHolding } from "../account/holding.ts";
import type { Mirror } from "../account/mirror.ts";
import { copyUntold, type UntoldFacts } from "../account/untold-facts.ts";
import { WireFormatError } from "../kernel/errors.ts";
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import { Place } from "../protocol/codec.ts";
import { parseJson } from "../protocol/json.ts";
import {
  BALANCE,
  CONDITIONAL_ORDER,
  LEVERAGE,
  MARGIN_TYPE,
  MODE,
  ORDER,
  POSITION,
  readFact,
  STRATEGY,
} from "./fact-tables.ts";
import { isKnown, type Known, knownFrom } from "./known.ts";
import type { Standing } from "./standing.ts";

/** What an account held when all records up to one had been told. */
export interface AccountSnapshot {
  /** How records call the account. */
  readonly account: string;
  /** The last record it includes; 0 before the first. */
  readonly asOfSeq: number;
  /** What it held. */
  readonly view: AccountView;
  /** How it stood, as of the same record. */
  readonly standing: Standing;
  /** What of it no record told yet, as it was told before. Only the journal's own snapshots say it. */
  readonly untold?: UntoldFacts;
  /** How much of what it held {@link view} shows; absent: as {@link knownFrom} says. `part` is shown to nobody. */
  readonly known?: Known | undefined;
}

/** How much of what the account held a snapshot shows. */
export function knownIn({ known, standing, view }: Pick<AccountSnapshot, "known" | "standing" | "view">): Known {
  return known ?? knownFrom(standing, view);
}

/** The text of a snapshot. */
export function snapshotText(snapshot: AccountSnapshot): string {
  const { account, asOfSeq, view, standing, untold } = snapshot;
  const { completeUpTo, promisedSince, lastEventAt, openGaps, lastTradeIds } = standing;
  return JSON.stringify({
    account,
    asOfSeq,
    known: knownIn(snapshot),
    asOf: view.asOf,
    completeUpTo,
    promisedSince,
    lastEventAt,
    openGaps,
    balances: [...view.balances.values()],
    positions: [...view.positions.values()],
    openOrders: [...view.openOrders.values()],
    finishedOrders: [...view.finishedOrders.values()],
    conditionalOrders: [...view.conditionalOrders.values()],
    finishedConditionalOrders: [...view.finishedConditionalOrders.values()],
    leverage: [...view.leverage.values()],
    marginType: [...view.marginType.values()],
    hedgeMode: view.hedgeMode,
    multiAssetsMode: view.multiAssetsMode,
    strategies: [...view.strategies.values()],
    finishedStrategies: [...view.finishedStrategies.values()],
    lastTradeIds: Object.fromEntries(lastTradeIds),
    ...(untold === undefined ? {} : { untold: untoldWire(untold) }),
  });
}

/** A snapshot that was read, as a mirror that can go on from there. */
export interface ReadSnapshot {
  /** How records call the account. */
  readonly account: string;
  /** The last record it includes. */
  readonly asOfSeq: number;
  /** Holds what it shows. */
  readonly mirror: Mirror;
  /** How it stood. */
  readonly standing: Standing;
  /** How much of what the account held it shows. */
  readonly known: Known;
  /** What of it no record told. */
  readonly untold: UntoldFacts;
}

/** Reads a snapshot. @throws {WireFormatError} when it is none */
export function readSnapshotText(text: string): ReadSnapshot {
  return readSnapshot(parseJson(text), "$");
}

/** Reads a snapshot that is parsed already. @param path where it stands @throws {WireFormatError} when it is none */
export function readSnapshot(wire: unknown, path: string): ReadSnapshot {
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    throw new WireFormatError(path, "what an account holds", wire);
  }
  const found = wire as Readonly<Record<string, unknown>>;
  const { account, asOfSeq, openGaps = [] } = found;
  if (typeof account !== "string") throw new WireFormatError(`${path}.account`, "a string", account);
  if (!isCount(asOfSeq)) throw new WireFormatError(`${path}.asOfSeq`, "a whole number", asOfSeq);
  if (!Array.isArray(openGaps) || !openGaps.every(isCount)) {
    throw new WireFormatError(`${path}.openGaps`, "an array of whole numbers", openGaps);
  }
  const place = new Place(path, "snapshot", undefined);
  const lastTradeIds = tradeIds(found.lastTradeIds, place.field("lastTradeIds"));
  const standing = {
    completeUpTo: timeIn(found, "completeUpTo", path),
    promisedSince: timeIn(found, "promisedSince", path),
    lastEventAt: timeIn(found, "lastEventAt", path),
    openGaps,
    lastTradeIds,
  };
  const mirror = mirrorHolding({ ...heldFacts(found, place), lastTradeIds });
  const known = found.known ?? knownFrom(standing, mirror.view);
  if (!isKnown(known)) throw new WireFormatError(`${path}.known`, "nothing, part or whole", known);
  return { account, asOfSeq, mirror, standing, known, untold: untoldFacts(found.untold, place.field("untold")) };
}

/** Pairs of a key and what was told of it last; `null`: nothing. */
function untoldWire({ orders, conditionals, balances, positions }: UntoldFacts): unknown {
  const pairs = <F>(facts: ReadonlyMap<string, F | undefined>) => [...facts].map(([key, fact]) => [key, fact ?? null]);
  return {
    orders: pairs(orders),
    conditionals: pairs(conditionals),
    balances: pairs(balances),
    positions: pairs(positions),
  };
}

function untoldFacts(wire: unknown, place: Place): UntoldFacts {
  if (wire === undefined) return copyUntold();
  const { orders, conditionals, balances = [], positions = [] } = (wire ?? {}) as Partial<Record<string, unknown>>;
  function pairs<F>(table: Parameters<typeof readFact<F>>[0], rows: unknown, here: Place) {
    if (!Array.isArray(rows)) throw new WireFormatError(here.path, "an array", rows);
    return new Map(
      rows.map((row, index): [string, F | undefined] => {
        const [key, fact] = Array.isArray(row) ? (row as readonly unknown[]) : [];
        if (typeof key !== "string") throw new WireFormatError(here.entry(index).path, "a key and a fact", row);
        return [key, fact === null ? undefined : readFact(table, fact, here.entry(index))];
      }),
    );
  }
  return {
    orders: pairs(ORDER, orders, place.field("orders")),
    conditionals: pairs(CONDITIONAL_ORDER, conditionals, place.field("conditionals")),
    balances: pairs(BALANCE, balances, place.field("balances")),
    positions: pairs(POSITION, positions, place.field("positions")),
  };
}

function timeIn(found: Readonly<Record<string, unknown>>, name: string, path: string): TransactMs | undefined {
  const time = found[name];
  if (time === undefined || isCount(time)) return time as TransactMs | undefined;
  throw new WireFormatError(`${path}.${name}`, "a time in milliseconds", time);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function heldFacts(found: Readonly<Record<string, unknown>>, place: Place): HeldFacts {
  function all<F>(name: keyof HeldFacts, table: Parameters<typeof readFact<F>>[0], keyOf: (fact: F) => string) {
    const rows = found[name];
    const here = place.field(name);
    if (!Array.isArray(rows)) throw new WireFormatError(here.path, "an array", rows);
    return new Map(
      rows.map((row, index): [string, F] => {
        const fact = readFact(table, row, here.entry(index));
        return [keyOf(fact), fact];
      }),
    );
  }
  const mode = (name: "hedgeMode" | "multiAssetsMode") =>
    found[name] === undefined ? undefined : readFact(MODE, found[name], place.field(name));
  const keyOfOrder = ({ symbol, orderId }: { symbol: string; orderId: Id64 }) => orderKey(symbol, orderId);
  return {
    balances: all("balances", BALANCE, ({ asset }) => asset),
    positions: all("positions", POSITION, ({ symbol, side }) => positionKey(symbol, side)),
    openOrders: all("openOrders", ORDER, keyOfOrder),
    finishedOrders: all("finishedOrders", ORDER, keyOfOrder),
    conditionalOrders: all("conditionalOrders", CONDITIONAL_ORDER, ({ algoId }) => algoId),
    finishedConditionalOrders: all("finishedConditionalOrders", CONDITIONAL_ORDER, ({ algoId }) => algoId),
    leverage: all("leverage", LEVERAGE, ({ symbol }) => symbol),
    marginType: all("marginType", MARGIN_TYPE, ({ symbol }) => symbol),
    hedgeMode: mode("hedgeMode"),
    multiAssetsMode: mode("multiAssetsMode"),
    strategies: all("strategies", STRATEGY, ({ strategyId }) => strategyId),
    finishedStrategies: all("finishedStrategies", STRATEGY, ({ strategyId }) => strategyId),
  };
}

function tradeIds(found: unknown, { path }: Place): ReadonlyMap<string, Id64> {
  if (found === undefined) return new Map();
  const entries = typeof found === "object" && found !== null ? Object.entries(found) : undefined;
  if (entries?.every(([, id]) => typeof id === "string" && /^-?\d{1,20}$/.test(id))) {
    return new Map(entries as [string, Id64][]);
  }
  throw new WireFormatError(path, "trade ids by symbol", found);
}
