/** What is known and what was told, as a comparison with REST needs it. Pure. */
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { isConditionalEnded, isEnded, orderKey, positionKey } from "./facts.ts";
import type { UntoldFacts } from "./matter.ts";
import type { Mirror } from "./mirror.ts";
import type { Ledger } from "./missed.ts";
import type { Told } from "./told-steps.ts";

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
      return stillOpen(view.openOrders, untold?.orders, ({ status }) => isEnded(status));
    },
    get openConditionals() {
      return stillOpen(view.conditionalOrders, untold?.conditionals, ({ status }) => isConditionalEnded(status));
    },
    get conditionalSymbols() {
      return [...view.finishedConditionalOrders.values()].map(({ symbol }) => symbol);
    },
    get positions() {
      return view.positions.values();
    },
    order(symbol, orderId) {
      const key = orderKey(symbol, orderId);
      return untold?.orders.has(key) ? untold.orders.get(key) : view.order(symbol, orderId);
    },
    conditional: (algoId) =>
      untold?.conditionals.has(algoId) ? untold.conditionals.get(algoId) : view.conditionalOrder(algoId),
    balance: (asset) => view.balance(asset),
    position: (symbol, side) => view.position(symbol, side),
    leverageOf: (symbol) => view.leverage.get(symbol),
    marginTypeOf: (symbol) => view.marginType.get(symbol),
    multiAssetsMode: view.multiAssetsMode,
    told,
    upcoming: rowsOf(held),
  };
}

/** What is open as far as was told: of what ended without a word the end is still to be asked for. */
function* stillOpen<V>(
  open: ReadonlyMap<string, V>,
  untold: ReadonlyMap<string, V | undefined> | undefined,
  hasEnded: (value: V) => boolean,
): Generator<V> {
  yield* open.values();
  for (const [key, value] of untold ?? []) {
    if (value !== undefined && !hasEnded(value) && !open.has(key)) yield value;
  }
}

/** Assets, and positions by {@link positionKey}, of which these events tell. */
function rowsOf(events: readonly UserDataEvent[]): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const event of events) {
    if (event.e !== "ACCOUNT_UPDATE") continue;
    const { a } = event as Extract<UserDataEvent, { e: "ACCOUNT_UPDATE" }>;
    for (const { a: asset } of a.B) rows.add(asset);
    for (const { s, ps } of a.P) rows.add(positionKey(s, ps));
  }
  return rows;
}
