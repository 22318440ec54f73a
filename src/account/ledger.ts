/** What is known and what was told, as a comparison with REST needs it. Pure. */
import type { TransactMs } from "../kernel/scalars.ts";
import type { AccountConfigUpdate } from "../protocol/events/account-config-update.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { isConditionalEnded, isEnded, orderKey, type Position, positionKey } from "./facts.ts";
import type { Mirror } from "./mirror.ts";
import type { Ledger } from "./missed.ts";
import { settingKey, stepOf, type Told } from "./told-steps.ts";
import type { UntoldFacts } from "./untold-facts.ts";

/**
 * The account as it was told up to this moment.
 * @param held events that have come and were not told yet
 * @param untold what the mirror knows more of than was told
 */
export function ledgerOf(
  { view }: Mirror,
  told: Told,
  held: readonly UserDataEvent[] = [],
  untold?: UntoldFacts,
): Ledger {
  return {
    get openOrders() {
      return openAsTold(view.openOrders, view.finishedOrders, untold?.orders, ({ status }) => isEnded(status));
    },
    get openConditionals() {
      return openAsTold(view.conditionalOrders, view.finishedConditionalOrders, untold?.conditionals, ({ status }) =>
        isConditionalEnded(status),
      );
    },
    get conditionalSymbols() {
      return [...view.finishedConditionalOrders.values()].map(({ symbol }) => symbol);
    },
    get positions() {
      return positionsAsTold(view.positions, untold?.positions);
    },
    order(symbol, orderId) {
      const key = orderKey(symbol, orderId);
      return untold?.orders.has(key) ? untold.orders.get(key) : view.order(symbol, orderId);
    },
    conditional: (algoId) =>
      untold?.conditionals.has(algoId) ? untold.conditionals.get(algoId) : view.conditionalOrder(algoId),
    isUntoldConditional: (algoId) => isUntold(untold?.conditionals, algoId),
    balance: (asset) => (untold?.balances.has(asset) ? untold.balances.get(asset) : view.balance(asset)),
    position(symbol, side) {
      const key = positionKey(symbol, side);
      return untold?.positions.has(key) ? untold.positions.get(key) : view.position(symbol, side);
    },
    leverageOf: (symbol) => view.leverage.get(symbol),
    marginTypeOf: (symbol) => view.marginType.get(symbol),
    multiAssetsMode: view.multiAssetsMode,
    told,
    upcoming: rowsOf(held),
    upcomingSteps: new Set(held.map(stepOf).filter((step) => step !== undefined)),
    upcomingOrders: newestOf(held),
  };
}

function isUntold(untold: ReadonlyMap<string, unknown> | undefined, key: string): boolean {
  return untold?.has(key) === true && untold.get(key) === undefined;
}

/** What is open by what was told: its end may be known already, and is to be told. So is what nothing was told of. */
function openAsTold<T>(
  open: ReadonlyMap<string, T>,
  ended: ReadonlyMap<string, T>,
  untold: ReadonlyMap<string, T | undefined> | undefined,
  hasEnded: (thing: T) => boolean,
): Iterable<T> {
  if (untold === undefined || untold.size === 0) return open.values();
  const told = new Map(open);
  for (const [key, before] of untold) {
    const thing = before ?? ended.get(key);
    if (before !== undefined && hasEnded(before)) told.delete(key);
    else if (thing !== undefined) told.set(key, thing);
  }
  return told.values();
}

function positionsAsTold(
  known: ReadonlyMap<string, Position>,
  untold: ReadonlyMap<string, Position | undefined> | undefined,
): Iterable<Position> {
  if (untold === undefined || untold.size === 0) return known.values();
  const told = [...known].map(([key, position]) => (untold.has(key) ? untold.get(key) : position));
  return told.filter((position) => position !== undefined);
}

function newestOf(events: readonly UserDataEvent[]): ReadonlyMap<string, TransactMs> {
  const newest = new Map<string, TransactMs>();
  for (const event of events) {
    if (event.e !== "ORDER_TRADE_UPDATE") continue;
    const { T, o } = event as Extract<UserDataEvent, { e: "ORDER_TRADE_UPDATE" }>;
    const key = orderKey(o.s, o.i);
    if (T > (newest.get(key) ?? 0)) newest.set(key, T);
  }
  return newest;
}

/** Assets, positions by {@link positionKey}, and settings by {@link settingKey}, of which these events tell. */
function rowsOf(events: readonly UserDataEvent[]): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const event of events) {
    if (event.e === "ACCOUNT_CONFIG_UPDATE") {
      const { ac, ai } = event as AccountConfigUpdate;
      if (ac !== undefined) rows.add(settingKey("leverage", ac.s));
      if (ai !== undefined) rows.add(settingKey("multi-assets-mode"));
    }
    if (event.e !== "ACCOUNT_UPDATE") continue;
    const { a } = event as Extract<UserDataEvent, { e: "ACCOUNT_UPDATE" }>;
    for (const { a: asset } of a.B) rows.add(asset);
    for (const { s, ps } of a.P) rows.add(positionKey(s, ps)).add(settingKey("margin-type", s));
  }
  return rows;
}
