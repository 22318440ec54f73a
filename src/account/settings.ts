/** What events and answers teach about leverage, margin type and modes. Protocol sheet 7.6, 11.2. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { AccountConfigUpdate } from "../protocol/events/account-config-update.ts";
import type { AccountUpdate } from "../protocol/events/account-update.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AccountState } from "./account-state.ts";
import type { AccountView } from "./account-view.ts";
import type { FactMap } from "./fact-map.ts";
import type { Fact, Setting } from "./facts.ts";
import type { Telling } from "./telling.ts";

/** REST gives no date to settings (`accountConfig.updateTime` is reserved, 0). */
const UNDATED = 0 as TransactMs;

/**
 * What repair tells of a setting has no date, since REST has none for it. It is told only when it is certain, so that
 * it is believed against any date that is known.
 */
const UNDATED_NEWS: Telling = { source: "repair", by: "answer", insists: true };

/** Takes in the leverage of one symbol, or Multi-Assets mode. */
export function applyAccountConfigUpdate(
  state: AccountState,
  { T, ac, ai }: Partial<Pick<AccountConfigUpdate, "T">> & Pick<AccountConfigUpdate, "ac" | "ai">,
  telling: Telling,
): void {
  const at = T ?? UNDATED;
  const told = T === undefined ? UNDATED_NEWS : telling;
  if (ac !== undefined) learnLeverage(state, ac.s, ac.l, at, told);
  if (ai !== undefined) learnMode(state, "multi-assets-mode", state.multiAssetsMode, ai.j, at, told);
}

/** An event that tells how something was set. */
export type SettingEvent = Pick<AccountConfigUpdate, "e" | "ac" | "ai"> | Pick<AccountUpdate, "e" | "a">;

/** Is what the event sets set to this already, and by what repair told? */
export function isSetByRepair(
  { leverage, marginType, multiAssetsMode }: Pick<AccountView, "leverage" | "marginType" | "multiAssetsMode">,
  event: SettingEvent,
): boolean {
  const isSo = <T>(known: Setting<T> | undefined, value: T | undefined) =>
    known?.source === "repair" && known.value === value;
  if (event.e === "ACCOUNT_UPDATE") {
    return event.a.P.every(({ s, mt }) => isSo(marginType.get(s), MARGIN_TYPES.get(mt)));
  }
  return event.ac === undefined ? isSo(multiAssetsMode, event.ai?.j) : isSo(leverage.get(event.ac.s), event.ac.l);
}

/** Takes in the margin type of a symbol that repair tells without a date. */
export function applyUndatedMarginType(state: AccountState, symbol: string, spelling: string): void {
  learnMarginType(state, symbol, spelling, UNDATED, UNDATED_NEWS);
}

/**
 * Takes in `GET accountConfig`: position mode and Multi-Assets mode.
 * @param undatedBefore each of them is believed against what is known and older than this; 0: against nothing
 */
export function mergeAccountConfig(
  state: AccountState,
  reply: AccountConfig,
  telling: Telling,
  undatedBefore: TransactMs,
): void {
  mergePositionMode(state, reply, telling, undatedBefore);
  const { multiAssetsMode } = state;
  const told = insisting(telling, multiAssetsMode.get(""), undatedBefore);
  learnMode(state, "multi-assets-mode", multiAssetsMode, reply.multiAssetsMargin, UNDATED, told);
}

/** Takes in position mode alone, as {@link mergeAccountConfig} does. */
export function mergePositionMode(
  state: AccountState,
  { dualSidePosition }: AccountConfig,
  telling: Telling,
  undatedBefore: TransactMs,
): void {
  const { hedgeMode } = state;
  const told = insisting(telling, hedgeMode.get(""), undatedBefore);
  learnMode(state, "hedge-mode", hedgeMode, dualSidePosition, UNDATED, told);
}

/**
 * Takes in `GET symbolConfig`: leverage and margin type of each symbol listed.
 * @param undatedBefore as of {@link mergeAccountConfig}
 */
export function mergeSymbolConfig(
  state: AccountState,
  rows: readonly SymbolConfig[],
  telling: Telling,
  undatedBefore: TransactMs,
): void {
  const of = (known: Fact | undefined) => insisting(telling, known, undatedBefore);
  for (const { symbol, leverage, marginType } of rows) {
    learnLeverage(state, symbol, leverage, UNDATED, of(state.leverages.get(symbol)));
    learnMarginType(state, symbol, marginType, UNDATED, of(state.marginTypes.get(symbol)));
  }
}

function insisting(telling: Telling, known: Fact | undefined, undatedBefore: TransactMs): Telling {
  return known !== undefined && known.at < undatedBefore ? { ...telling, insists: true } : telling;
}

/** Takes in the margin type of a symbol, in any of the spellings of the wire; one nobody knows is passed over. */
export function learnMarginType(
  state: AccountState,
  symbol: string,
  spelling: string,
  at: TransactMs,
  telling: Telling,
): void {
  const value = MARGIN_TYPES.get(spelling);
  if (value === undefined) return;
  const known = state.marginTypes.get(symbol);
  const told = { symbol, value, at, source: telling.source };
  state.learn("margin-type", state.marginTypes, symbol, known, told, isSameSetting, telling);
}

const MARGIN_TYPES: ReadonlyMap<string, "cross" | "isolated"> = new Map([
  ["cross", "cross"],
  ["isolated", "isolated"],
  ["CROSSED", "cross"],
  ["ISOLATED", "isolated"],
]);

/** Takes in whether the account was in hedge mode at that time. */
export function learnHedgeMode(state: AccountState, isHedge: boolean, at: TransactMs, telling: Telling): void {
  learnMode(state, "hedge-mode", state.hedgeMode, isHedge, at, telling);
}

function learnLeverage(state: AccountState, symbol: string, value: number, at: TransactMs, telling: Telling): void {
  const known = state.leverages.get(symbol);
  const told = { symbol, value, at, source: telling.source };
  state.learn("leverage", state.leverages, symbol, known, told, isSameSetting, telling);
}

function learnMode(
  state: AccountState,
  kind: "hedge-mode" | "multi-assets-mode",
  facts: FactMap<Setting<boolean>>,
  value: boolean,
  at: TransactMs,
  telling: Telling,
): void {
  state.learn(kind, facts, "", facts.get(""), { value, at, source: telling.source }, isSameSetting, telling);
}

function isSameSetting<T>(a: Setting<T>, b: Setting<T>): boolean {
  return a.value === b.value;
}
