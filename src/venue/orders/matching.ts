/**
 * Matching: an incoming order against the book, price then time, at the resting order's price. Pure.
 *
 * Rules kept here
 * - Self-trade prevention: the taker's mode decides, except for FOK and GTX, where it does not act (documented).
 *   EXPIRE_MAKER ends the resting order (reason 1) and goes on; EXPIRE_TAKER ends the incoming one (reason 1, for IOC
 *   reason 3); EXPIRE_BOTH ends both; NONE lets an account trade with itself. Ended ones are EXPIRED_IN_MATCH, and
 *   what was filled before stays filled.
 * - A reduce-only order trades no more than its position (reduce-only.ts).
 */
import { type Fixed, min } from "../../kernel/decimal.ts";
import type { Side } from "../../protocol/enumerations.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Holding, Market, Order } from "../exchange/records.ts";
import { opposite, reaches } from "./order-book.ts";
import { announce, end, isOpen } from "./order-life.ts";
import { houseHolding, houseOrder } from "./own-orders.ts";
import { displaceReduceOnly, reducible, tradable } from "./reduce-only.ts";
import { trade } from "./settlement.ts";

/** Matches an accepted order against the book, no further than `worst`. It may be filled, open, or ended afterwards. */
export function match(floor: Floor, taker: Order, worst: Fixed): void {
  const { book } = taker.market;
  while (isOpen(taker)) {
    const wanted = tradable(taker);
    const maker = book.best(opposite(taker.side));
    if (wanted === 0n || maker === undefined || !reaches(taker.side, worst, maker.price)) return;
    if (maker.account === taker.account && preventsSelfTrade(taker)) {
      preventSelfTrade(floor, taker, maker);
      continue;
    }
    fillOne(floor, taker, maker, wanted);
  }
}

function fillOne(floor: Floor, taker: Order, maker: Order, wanted: Fixed): void {
  const offered = tradable(maker);
  if (offered === 0n) {
    end(floor, maker, "EXPIRED", "4");
    return;
  }
  trade(floor, taker, maker, min(wanted, offered));
  displaceReduceOnly(floor, taker.holding);
  if (maker.holding !== taker.holding) displaceReduceOnly(floor, maker.holding);
}

function preventsSelfTrade(taker: Order): boolean {
  return taker.selfTradePrevention !== "NONE" && taker.timeInForce !== "FOK" && taker.timeInForce !== "GTX";
}

function preventSelfTrade(floor: Floor, taker: Order, maker: Order): void {
  const mode = taker.selfTradePrevention;
  if (mode !== "EXPIRE_TAKER") {
    // The taker's NEW goes first: in the account's own story its order existed before another expired because of it.
    announce(floor, taker);
    end(floor, maker, "EXPIRED_IN_MATCH", "1");
  }
  if (mode !== "EXPIRE_MAKER") end(floor, taker, "EXPIRED_IN_MATCH", taker.timeInForce === "IOC" ? "3" : "1");
}

/** Would an order of this quantity fill at once and whole, no further than `worst`? Exact: positions move along. */
export function fillsWhole(holding: Holding, side: Side, quantity: Fixed, worst: Fixed): boolean {
  const sign = side === "BUY" ? 1n : -1n;
  const amounts = new Map<Holding, Fixed>();
  let left = quantity;
  for (const level of holding.market.book.levels(opposite(side))) {
    if (!reaches(side, worst, level.price)) break;
    for (let maker = level.first; maker !== undefined; maker = maker.behind) {
      const amount = amounts.get(maker.holding) ?? maker.holding.position.amount;
      const open = maker.quantity - maker.filled;
      const taken = min(left, maker.reduceOnly ? reducible(maker.side, open, amount) : open);
      amounts.set(maker.holding, amount - sign * taken);
      amounts.set(holding, (amounts.get(holding) ?? holding.position.amount) + sign * taken);
      left -= taken;
      if (left === 0n) return true;
    }
  }
  return false;
}

/** Trades the house against all orders on `side` that stand at `price` or better, at their own prices. */
export function sweep(floor: Floor, market: Market, side: Side, price: Fixed): void {
  const holding = houseHolding(floor, market);
  const takerSide = opposite(side);
  for (;;) {
    const maker = market.book.best(side);
    if (maker === undefined || !reaches(takerSide, price, maker.price)) return;
    const offered = tradable(maker);
    const taker = houseOrder(floor, holding, { side: takerSide, price, quantity: offered, timeInForce: "IOC" });
    fillOne(floor, taker, maker, offered);
  }
}
