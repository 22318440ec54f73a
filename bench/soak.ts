/**
 * `npm run soak`: a million orders through the core of the venue, and what stays of them in memory. Several accounts
 * place, amend, cancel and trade; once their retained histories are full, nothing may grow but by what is open: the
 * heap after a forced collection is compared at the ends of two windows of equal length.
 *
 *     npm run soak -- --orders 60000 --accounts 2 --symbols 1     a smaller one, as the tests run it
 *     npm run soak -- --keep-answers                              keeps what it should not, and is seen to fail
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TransactMs } from "../src/kernel/scalars.ts";
import { Exchange } from "../src/venue/exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../src/venue/market/symbols.ts";
import { SoakTrading } from "./soak-trading.ts";

/** What an order may leave behind on average, in bytes. The least that a map keeps of an entry is more than this. */
const BYTES_PER_ORDER_MAX = 40;
/** In this share of the orders the histories fill; the rest are two windows. */
const FILLING = 0.5;

const OPENED_AT = 1_782_864_000_000;
const NUMBER = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    orders: { ...NUMBER, default: "1000000" },
    accounts: { ...NUMBER, default: "4" },
    symbols: { ...NUMBER, default: "4" },
    "keep-answers": { type: "boolean", default: false },
  },
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const orders = Number(values.orders);
const symbols = DEFAULT_SYMBOLS.slice(0, Number(values.symbols));
const exchange = new Exchange({ symbols, seed: 1, now: OPENED_AT as TransactMs });
const accounts = Array.from({ length: Number(values.accounts) }, (_, i) => `soak-${i + 1}`);
const trading = new SoakTrading(exchange, accounts, OPENED_AT, values["keep-answers"]);

const began = performance.now();
const first = heapAfter(orders * FILLING);
const second = heapAfter(orders * ((1 + FILLING) / 2));
const third = heapAfter(orders);
const windowOrders = (orders * (1 - FILLING)) / 2;
// A leak grows in both windows; what V8 learns and keeps for itself, in one of them at most.
const grown = Math.min(second - first, third - second);
const perOrder = grown / windowOrders;
const isHeld = perOrder <= BYTES_PER_ORDER_MAX;
const perSecond = Math.round((trading.orderCount / (performance.now() - began)) * 1000);
process.stdout.write(
  `${trading.orderCount.toLocaleString("en")} orders, ${perSecond.toLocaleString("en")} a second; ` +
    `${perOrder.toFixed(1)} bytes an order in windows of ${windowOrders.toLocaleString("en")}, ` +
    `${isHeld ? "at most" : "BROKEN PROMISE of at most"} ${BYTES_PER_ORDER_MAX}\n`,
);
process.exitCode = isHeld ? 0 : 1;

/** The heap in bytes when so many orders have been placed. */
function heapAfter(count: number): number {
  trading.run(count);
  collect();
  collect();
  const bytes = process.memoryUsage().heapUsed;
  const megabytes = (bytes / 2 ** 20).toFixed(1);
  process.stdout.write(
    `${count.toLocaleString("en").padStart(10)} orders: ${megabytes} MB, ${trading.openCount} orders open\n`,
  );
  return bytes;
}
