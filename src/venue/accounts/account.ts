/** One account's records: how they begin, and the small moves every rule needs. Pure. */
import type { Fixed } from "../../kernel/decimal.ts";
import { assert } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { PositionSide, Side } from "../../protocol/enumerations.ts";
import type { Account, Balance, Holding, Market, OpenSide, Order, SymbolSetup } from "../exchange/records.ts";
import { Retained } from "../exchange/retained.ts";
import { DEFAULT_LEVERAGE } from "../market/symbols.ts";
import { FLAT } from "./position-math.ts";

/** The exchange's own account. Ids that begin with `~` are reserved. */
export const HOUSE_ID = "~house";

/** Ended orders kept for each account and symbol; older ones are forgotten before their 90 days are over. */
export const ENDED_ORDERS_MAX = 5_000;

/** Fills kept for each account and symbol. */
const TRADES_MAX = 10_000;

/** Moves of isolated margin kept for each account and symbol. */
const MARGIN_TRANSFERS_MAX = 1_000;

/** Fundings and other bookings kept for each account. */
const INCOME_MAX = 10_000;

/** An account with nothing in it. */
export function newAccount(id: string, markets: Iterable<Market>): Account {
  const holdings = new Map<string, Holding>();
  const account: Account = {
    id,
    isHouse: id === HOUSE_ID,
    isHedge: false,
    isMultiAssets: false,
    burnsFees: false,
    balances: new Map(),
    income: new Retained(INCOME_MAX),
    holdings,
  };
  for (const market of markets) {
    const leverage = Math.min(DEFAULT_LEVERAGE, market.rules.brackets[0]?.initialLeverage ?? 1);
    holdings.set(market.rules.symbol, newHolding(account, market, "BOTH", [], { leverage, isIsolated: false }));
  }
  return account;
}

function newHolding(
  account: Account,
  market: Market,
  positionSide: PositionSide,
  siblings: Holding[],
  setup: SymbolSetup,
): Holding {
  const holding: Holding = {
    ...(siblings[0] ?? newHistory()),
    market,
    account,
    positionSide,
    siblings,
    setup,
    get leverage() {
      return setup.leverage;
    },
    position: FLAT,
    isolatedWallet: 0n,
    calledAt: undefined,
    bids: { notional: 0n, exposedNotional: 0n, exposedQty: 0n },
    asks: { notional: 0n, exposedNotional: 0n, exposedQty: 0n },
    reduceOnly: new Set(),
  };
  siblings.push(holding);
  return holding;
}

/** What the position sides of a symbol have in common: orders and fills. */
function newHistory(): Pick<Holding, "open" | "byClientId" | "orders" | "ended" | "trades" | "marginTransfers"> {
  return {
    open: new Map(),
    byClientId: new Map(),
    orders: new Map(),
    ended: new Retained(ENDED_ORDERS_MAX),
    trades: new Retained(TRADES_MAX),
    marginTransfers: new Retained(MARGIN_TRANSFERS_MAX),
  };
}

/** What the account has on a listed symbol: the `BOTH` holding, or that of a side the account has in its mode. */
export function holdingOf(account: Account, market: Market, side: string = "BOTH"): Holding {
  const both = account.holdings.get(market.rules.symbol);
  assert(both !== undefined, "an account has a holding for each listed symbol");
  return both.siblings.find(({ positionSide }) => positionSide === side) ?? both;
}

/** The holdings of a symbol that can hold something in the account's mode: `BOTH`, or `LONG` and `SHORT`. */
export function sidesInMode(both: Holding): readonly Holding[] {
  if (!both.account.isHedge) return [both];
  if (both.siblings.length === 1) {
    for (const side of ["LONG", "SHORT"] as const) {
      newHolding(both.account, both.market, side, both.siblings, both.setup);
    }
  }
  return both.siblings.slice(1);
}

/** Every holding of the account that can hold something in its mode, in the order of the listing. */
export function* holdingsInMode(account: Account): Generator<Holding> {
  for (const both of account.holdings.values()) yield* sidesInMode(both);
}

/** Has it neither a position nor open orders? */
export function isIdle(holding: Holding): boolean {
  return holding.position.amount === 0n && holding.open.size === 0;
}

/** Puts a position into its place after a fill: markets know who is not flat. */
export function keepTrack(holding: Holding): void {
  if (holding.account.isHouse) return;
  if (holding.position.amount === 0n) holding.market.positions.delete(holding);
  else holding.market.positions.add(holding);
}

/** What isolated positions of the account hold of an asset. */
export function isolatedWallets(account: Account, asset: string): Fixed {
  let sum = 0n;
  for (const both of account.holdings.values()) {
    if (!both.setup.isIsolated || both.market.rules.marginAsset !== asset) continue;
    for (const { isolatedWallet } of both.siblings) sum += isolatedWallet;
  }
  return sum;
}

/** The wallet of an asset less what isolated positions hold of it. */
export function crossWalletOf(account: Account, asset: string): Fixed {
  return walletOf(account, asset) - isolatedWallets(account, asset);
}

/** The wallet of an asset; 0 for one the account never had. */
export function walletOf(account: Account, asset: string): Fixed {
  return account.balances.get(asset)?.wallet ?? 0n;
}

/** Adds to a wallet (takes from it when negative) and returns it. */
export function credit(account: Account, asset: string, amount: Fixed, now: TransactMs): Balance {
  let balance = account.balances.get(asset);
  if (balance === undefined) {
    balance = { wallet: 0n, updateTime: now, calledAt: undefined };
    account.balances.set(asset, balance);
  }
  balance.wallet += amount;
  balance.updateTime = now;
  return balance;
}

/** The sums of open orders of one side. */
function openSide(holding: Holding, side: Side): OpenSide {
  return side === "BUY" ? holding.bids : holding.asks;
}

/** Counts `quantity` of an order into (or, negative, out of) the sums of its side. Market orders have no price. */
export function countOpen(order: Order, quantity: Fixed, notional: Fixed): void {
  if (order.account.isHouse) return;
  const side = openSide(order.holding, order.side);
  side.notional += notional;
  if (order.reduceOnly || order.type === "MARKET") return;
  side.exposedNotional += notional;
  side.exposedQty += quantity;
}
