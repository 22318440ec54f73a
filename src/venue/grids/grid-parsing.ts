/**
 * Reading what is asked of a grid: words, digits, prices, quantity. Pure. What is wrong is thrown as a
 * {@link UsageError} that names the field: grids have no public API whose codes could be answered.
 */
import { div, type Fixed, fixed, isDecimal, max, min, mul, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { WorkingType } from "../../protocol/enumerations.ts";
import type { Market } from "../exchange/records.ts";
import { midPrice, workingPrice } from "../market/market.ts";
import { parsePrice } from "../orders/order-parsing.ts";
import { gridPrices, nearestLevel } from "./grid-levels.ts";
import type { GridChange, GridDirection, GridEnding, GridRequest, GridTerms, GridType } from "./grid-views.ts";

/** The fewest and the most grids between the limits (*assumed*: the page has offered 2 to 149 and 2 to 169). */
const GRID_COUNT = { min: 2, max: 169 } as const;

/** Reads a request. @throws {UsageError} that names the field */
export function parseGrid(market: Market, request: GridRequest): GridTerms {
  const direction = oneOf("direction", request.direction ?? "NEUTRAL", DIRECTIONS);
  const gridType = oneOf("gridType", request.gridType ?? "ARITH", TYPES);
  const prices = parsePrices(market, gridType, request);
  const perGridQty = parsePerGridQty(market, prices, request);
  const none = { stopUpperLimit: 0n, stopLowerLimit: 0n, stopTriggerType: "CONTRACT_PRICE", cos: true, cps: false };
  const ending = parseEnding(market, prices, none as GridEnding, request);
  return { direction, gridType, prices, perGridQty, ending };
}

const DIRECTIONS: readonly GridDirection[] = ["NEUTRAL", "LONG", "SHORT"];
const TYPES: readonly GridType[] = ["ARITH", "GEO"];
const TRIGGERS: readonly WorkingType[] = ["CONTRACT_PRICE", "MARK_PRICE"];

function oneOf<V extends string>(field: string, found: string, allowed: readonly V[]): V {
  const value = allowed.find((one) => one === found);
  if (value === undefined) throw new UsageError(`body.${field}`, allowed.join(" or "), found);
  return value;
}

function parsePrices(market: Market, gridType: GridType, request: GridRequest): Fixed[] {
  const { gridCount } = request;
  const lower = priceOf(market, "gridLowerLimit", request.gridLowerLimit);
  const upper = priceOf(market, "gridUpperLimit", request.gridUpperLimit);
  if (upper <= lower) {
    const expected = `a price above the gridLowerLimit of ${trimmed(lower)}`;
    throw new UsageError("body.gridUpperLimit", expected, request.gridUpperLimit);
  }
  const { min: fewest, max: most } = GRID_COUNT;
  if (!Number.isSafeInteger(gridCount) || gridCount < fewest || gridCount > most) {
    throw new UsageError("body.gridCount", `a whole number from ${fewest} to ${most}`, gridCount);
  }
  const prices = gridPrices(gridType, lower, upper, gridCount, market.rules);
  if (new Set(prices).size === prices.length) return prices;
  const { tick } = market.rules;
  const remedy = `Ask for fewer grids, or for limits farther apart: the tick of the symbol is ${trimmed(tick)}.`;
  throw new UsageError("body.gridCount", "grids of at least one tick each", gridCount, remedy);
}

function priceOf(market: Market, field: string, text: string): Fixed {
  const price = parsePrice(text, "LIMIT", "NONE", market.rules);
  if (typeof price !== "object") return price;
  const expected = `a price that PRICE_FILTER of ${market.rules.symbol} lets through`;
  throw new UsageError(`body.${field}`, expected, text, price.msg);
}

function parsePerGridQty(market: Market, prices: readonly Fixed[], request: GridRequest): Fixed {
  const { perGridQty, gridInitialValue } = request;
  if ((perGridQty === undefined) === (gridInitialValue === undefined)) {
    const found = perGridQty === undefined ? "neither" : "both";
    throw new UsageError("body", "perGridQty or gridInitialValue", found, 'Send {"perGridQty":"0.010"}.');
  }
  const { lot, minNotional } = market.rules;
  const quantity =
    perGridQty === undefined
      ? quantityWorth(market, prices, amountOf("gridInitialValue", gridInitialValue ?? ""))
      : amountOf("perGridQty", perGridQty);
  const least = leastQuantity(market, prices);
  const isOffStep = lot.step !== 0n && (quantity - lot.min) % lot.step !== 0n;
  if (quantity >= least && !isOffStep && (lot.max === 0n || quantity <= lot.max)) return quantity;
  const range = lot.max === 0n ? `at least ${trimmed(least)}` : `${trimmed(least)} to ${trimmed(lot.max)}`;
  const why = `LOT_SIZE of the symbol, and MIN_NOTIONAL of ${trimmed(minNotional)} at the lowest price.`;
  if (perGridQty === undefined) {
    throw new UsageError("body.gridInitialValue", `what makes orders of ${range}`, gridInitialValue, why);
  }
  throw new UsageError("body.perGridQty", `${range} in steps of ${trimmed(lot.step)}`, perGridQty, why);
}

function amountOf(field: string, text: string): Fixed {
  if (!isDecimal(text) || !/^[^.]*(?:\.\d{1,8})?$/.test(text) || fixed(text) <= 0n) {
    throw new UsageError(`body.${field}`, "a positive decimal of at most eight places in a string", text);
  }
  return fixed(text);
}

/** The largest quantity with which the first orders are worth no more than `value`. */
function quantityWorth(market: Market, prices: readonly Fixed[], value: Fixed): Fixed {
  const { lot } = market.rules;
  const empty = nearestLevel(prices, midPrice(market));
  const sum = prices.reduce((total, price, index) => (index === empty ? total : total + price), 0n);
  const quantity = div(value, sum, "down");
  return lot.step === 0n || quantity < lot.min ? quantity : quantity - ((quantity - lot.min) % lot.step);
}

/** What LOT_SIZE and MIN_NOTIONAL leave at the lowest price. */
function leastQuantity(market: Market, [lowest = 0n]: readonly Fixed[]): Fixed {
  const { lot, minNotional } = market.rules;
  let least = div(minNotional, lowest, "up");
  if (mul(least, lowest) < minNotional) least += 1n;
  if (lot.step === 0n || least <= lot.min) return max(least, lot.min);
  const steps = (least - lot.min + lot.step - 1n) / lot.step;
  return lot.min + steps * lot.step;
}

/** What a change leaves of a grid's ending. @throws {UsageError} when nothing is to be changed, or a value is wrong */
export function parseChange(
  market: Market,
  prices: readonly Fixed[],
  before: Readonly<GridEnding>,
  change: GridChange,
): GridEnding {
  const { stopUpperLimit, stopLowerLimit, stopTriggerType, cos, cps } = change;
  if ([stopUpperLimit, stopLowerLimit, stopTriggerType, cos, cps].every((value) => value === undefined)) {
    const expected = "stopUpperLimit, stopLowerLimit, stopTriggerType, cos or cps";
    throw new UsageError("body", expected, "none of them", 'Send {"stopLowerLimit":"80000"}; "0" takes a stop away.');
  }
  return parseEnding(market, prices, before, change);
}

function parseEnding(market: Market, prices: readonly Fixed[], before: GridEnding, wish: GridChange): GridEnding {
  const stopTriggerType =
    wish.stopTriggerType === undefined
      ? before.stopTriggerType
      : oneOf("stopTriggerType", wish.stopTriggerType, TRIGGERS);
  const now = workingPrice(market, stopTriggerType);
  const highest = max(prices.at(-1) ?? 0n, now);
  const lowest = min(prices[0] ?? 0n, now);
  const stopUpperLimit = stopOf(market, "stopUpperLimit", wish.stopUpperLimit, before.stopUpperLimit);
  const stopLowerLimit = stopOf(market, "stopLowerLimit", wish.stopLowerLimit, before.stopLowerLimit);
  if (stopUpperLimit !== 0n && stopUpperLimit <= highest) {
    const expected = `a price above the grid and the market, so above ${trimmed(highest)}`;
    throw new UsageError("body.stopUpperLimit", expected, wish.stopUpperLimit ?? trimmed(stopUpperLimit));
  }
  if (stopLowerLimit !== 0n && stopLowerLimit >= lowest) {
    const expected = `a price below the grid and the market, so below ${trimmed(lowest)}`;
    throw new UsageError("body.stopLowerLimit", expected, wish.stopLowerLimit ?? trimmed(stopLowerLimit));
  }
  const { cos = before.cos, cps = before.cps } = wish;
  return { stopUpperLimit, stopLowerLimit, stopTriggerType, cos, cps };
}

function stopOf(market: Market, field: string, text: string | undefined, before: Fixed): Fixed {
  if (text === undefined) return before;
  return text === "0" ? 0n : priceOf(market, field, text);
}
