/**
 * Orders that the exchange makes itself: those of its own account, and those with which it closes positions. Pure.
 */
import { abs, type Fixed } from "../../kernel/decimal.ts";
import type { Side, TimeInForce } from "../../protocol/enumerations.ts";
import type { Floor } from "../exchange/floor.ts";
import type { Holding, Market, Order } from "../exchange/records.ts";
import { opposite } from "./order-book.ts";
import { accept, announce, newOrder } from "./order-life.ts";

/** What an order of the exchange's own account is to be. */
export interface HouseTerms extends Pick<Order, "side" | "price" | "quantity"> {
  /** `GTX` for quotes, which never take. */
  readonly timeInForce: Extract<TimeInForce, "IOC" | "GTX">;
}

/** What the exchange's own account has on a market. */
export function houseHolding(floor: Floor, market: Market): Holding {
  return floor.house.holdings.get(market.rules.symbol) as Holding;
}

/** An order of the exchange's own account. It is in no book yet, and nothing is told of it. */
export function houseOrder(floor: Floor, holding: Holding, terms: HouseTerms): Order {
  return newOrder(floor, floor.house, holding, {
    clientOrderId: "",
    side: terms.side,
    positionSide: "BOTH",
    type: "LIMIT",
    timeInForce: terms.timeInForce,
    price: terms.price,
    quantity: terms.quantity,
    reduceOnly: false,
    selfTradePrevention: "NONE",
  });
}

/** What the exchange's own account sets against an order that is in no book. */
export function counterOrder(floor: Floor, { market, side, price }: Order, quantity: Fixed): Order {
  const terms = { side: opposite(side), price, quantity, timeInForce: "IOC" } as const;
  return houseOrder(floor, houseHolding(floor, market), terms);
}

/** How the exchange closes a position. */
export interface ClosingTerms extends Pick<Order, "price" | "timeInForce"> {
  readonly autoClose: NonNullable<Order["autoClose"]>;
  readonly clientOrderId: string;
  /** The whole position when absent. */
  readonly quantity?: Fixed;
}

/** An order with which the exchange closes a position that is not flat: accepted and announced, in no book. */
export function closingOrder(floor: Floor, holding: Holding, terms: ClosingTerms): Order {
  const { amount } = holding.position;
  const side: Side = amount > 0n ? "SELL" : "BUY";
  const order = newOrder(floor, holding.account, holding, {
    clientOrderId: terms.clientOrderId,
    side,
    positionSide: holding.positionSide,
    type: "LIMIT",
    timeInForce: terms.timeInForce,
    price: terms.price,
    quantity: terms.quantity ?? abs(amount),
    // As in the published example of a liquidation.
    reduceOnly: false,
    selfTradePrevention: "NONE",
    autoClose: terms.autoClose,
  });
  accept(order);
  announce(floor, order);
  return order;
}

/** A client order id as such orders have: the word, the time, and six digits of what will be the order's id. */
export function closingId(floor: Floor, { nextOrderId }: Market, word: string): string {
  return `${word}-${floor.now}${String(nextOrderId % 1_000_000n).padStart(6, "0")}`;
}
