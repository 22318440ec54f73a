/** One account's records: how they begin, and the small moves every rule needs. Pure. */
import type { Fixed } from "../kernel/decimal.ts";
import { assert } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { FLAT } from "./position-math.ts";
import type { Account, Balance, Holding, Market, OpenSide, Order } from "./records.ts";
import { Retained } from "./retained.ts";
import { DEFAULT_LEVERAGE } from "./symbols.ts";
import type { Side } from "./views.ts";

/** The exchange's own account. Ids that begin with `~` are reserved. */
export const HOUSE_ID = "~house";

/** Ended orders kept for each account and symbol; older ones are forgotten before their 90 days are over. */
export const ENDED_ORDERS_MAX = 5_000;

/** Fills kept for each account and symbol. */
const TRADES_MAX = 10_000;

/** An account with nothing in it. */
export function newAccount(id: string, markets: Iterable<Market>): Account {
  const holdings = new Map<string, Holding>();
  for (const market of markets) holdings.set(market.rules.symbol, newHolding(market));
  return { id, isHouse: id === HOUSE_ID, balances: new Map(), holdings };
}

function newHolding(market: Market): Holding {
  return {
    market,
    position: FLAT,
    leverage: Math.min(DEFAULT_LEVERAGE, market.rules.brackets[0]?.initialLeverage ?? 1),
    bids: { notional: 0n, exposedNotional: 0n, exposedQty: 0n },
    asks: { notional: 0n, exposedNotional: 0n, exposedQty: 0n },
    open: new Map(),
    reduceOnly: new Set(),
    byClientId: new Map(),
    orders: new Map(),
    ended: new Retained(ENDED_ORDERS_MAX),
    trades: new Retained(TRADES_MAX),
  };
}

/** What the account has on a listed symbol. */
export function holdingOf(account: Account, market: Market): Holding {
  const holding = account.holdings.get(market.rules.symbol);
  assert(holding !== undefined, "an account has a holding for each listed symbol");
  return holding;
}

/** The wallet of an asset; 0 for one the account never had. */
export function walletOf(account: Account, asset: string): Fixed {
  return account.balances.get(asset)?.wallet ?? 0n;
}

/** Adds to a wallet (takes from it when negative) and returns it. */
export function credit(account: Account, asset: string, amount: Fixed, now: TransactMs): Balance {
  let balance = account.balances.get(asset);
  if (balance === undefined) {
    balance = { wallet: 0n, updateTime: now };
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
