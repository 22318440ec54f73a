/** The exchange core: commands per second, and how long single ones take, with its own feed and events written. */

import { pick, seededRandom } from "../src/kernel/random.ts";
import type { Id64, TransactMs } from "../src/kernel/scalars.ts";
import { encodeEvent } from "../src/protocol/user-data-event.ts";
import { Exchange } from "../src/venue/exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../src/venue/market/symbols.ts";
import type { Entry } from "./harness.ts";

const OPENED_AT = 1_782_864_000_000;
const WARM_UP = 20_000;
const COMMANDS = 100_000;
const ACCOUNTS = ["a", "b", "c", "d"];

interface Run {
  /** By processor time: what else the machine does is left out. */
  readonly perSecond: number;
  /** Microseconds that single commands took, ascending. By the clock, for it is too fine for anything else. */
  readonly sortedUs: readonly number[];
}

let lastRun: Run | undefined;

/** Limit orders around the middle, market orders, cancels; events encoded as for a listener. */
function run(): Run {
  if (lastRun !== undefined) return lastRun;
  const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: OPENED_AT as TransactMs });
  for (const id of ACCOUNTS) exchange.createAccount({ id, balances: { USDT: "100000000" } }, OPENED_AT as TransactMs);
  const random = seededRandom(5);
  const open = new Map<string, Id64[]>(ACCOUNTS.map((id) => [id, []]));
  const tookUs: number[] = [];
  let since = process.cpuUsage();
  for (let i = -WARM_UP; i < COMMANDS; i++) {
    const now = (OPENED_AT + WARM_UP + i) as TransactMs;
    const account = ACCOUNTS[pick(random, ACCOUNTS.length)] ?? "a";
    const ids = open.get(account) ?? [];
    if (i === 0) since = process.cpuUsage();
    const begunAt = performance.now();
    if (ids.length > 20) exchange.cancelOrder(account, { symbol: "BTCUSDT", orderId: ids.shift() }, now);
    else place(exchange, account, ids, { kind: pick(random, 4), away: pick(random, 200) - 100, now });
    for (const { event } of exchange.takeEvents()) encodeEvent(event);
    if (i >= 0) tookUs.push((performance.now() - begunAt) * 1000);
  }
  const { user, system } = process.cpuUsage(since);
  lastRun = { perSecond: (COMMANDS / (user + system)) * 1e6, sortedUs: tookUs.sort((a, b) => a - b) };
  return lastRun;
}

function place(
  exchange: Exchange,
  account: string,
  ids: Id64[],
  { kind, away, now }: { readonly kind: number; readonly away: number; readonly now: TransactMs },
): void {
  const side = away < 0 ? "BUY" : "SELL";
  const limit = { type: "LIMIT", timeInForce: "GTC", price: (86_000 + away).toFixed(1) };
  const order = { symbol: "BTCUSDT", side, quantity: "0.010", ...(kind === 0 ? { type: "MARKET" } : limit) };
  const placed = exchange.placeOrder(account, order, now);
  if (placed.outcome === "placed" && kind !== 0) ids.push(placed.order.orderId);
}

function percentile(share: number): number {
  const { sortedUs } = run();
  return sortedUs[Math.floor(sortedUs.length * share)] ?? Number.NaN;
}

/** The entries of this file. */
export const VENUE_ENTRIES: readonly Entry[] = [
  { name: "venue commands", run: () => ({ value: run().perSecond, unit: "commands/CPU s" }) },
  { name: "venue command, p50", run: () => ({ value: percentile(0.5), unit: "µs by the clock" }) },
  { name: "venue command, p99", run: () => ({ value: percentile(0.99), unit: "µs by the clock" }) },
];
