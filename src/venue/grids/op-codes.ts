/** The operation codes of STRATEGY_UPDATE that the venue tells, by what they say, and what leads to which. Pure. */
import type { ExpiryReason } from "../../protocol/enumerations.ts";

/** Binance's codes; what each means stands in protocol/events/strategy-update.ts. */
export const OP_CODE = {
  changed: 8001,
  stopped: 8002,
  byHand: 8003,
  stopReached: 8004,
  liquidated: 8005,
  tooManyOrders: 8006,
  newOrders: 8007,
  noMargin: 8008,
  outOfBounds: 8009,
  marketClosed: 8010,
  unfilled: 8011,
  tooLarge: 8012,
  positionGone: 8015,
} as const;

/** Has the grid ended because its owner did something? */
export function isByOwner(opCode: number): boolean {
  return opCode === OP_CODE.stopped || opCode === OP_CODE.byHand;
}

/** What a grid ends with when an order of it is refused with this code. */
export function opCodeOfRefusal(code: number): number {
  return OF_REFUSAL[code] ?? OP_CODE.marketClosed;
}

const OF_REFUSAL: Readonly<Record<number, number>> = {
  // MAX_NUM_ORDERS
  [-2025]: OP_CODE.tooManyOrders,
  // Margin
  [-2019]: OP_CODE.noMargin,
  // PRICE_FILTER, PERCENT_PRICE, marketTakeBound
  [-4002]: OP_CODE.outOfBounds,
  [-4013]: OP_CODE.outOfBounds,
  [-4016]: OP_CODE.outOfBounds,
  [-4024]: OP_CODE.outOfBounds,
  [-4131]: OP_CODE.outOfBounds,
  // The largest position at this leverage
  [-2027]: OP_CODE.tooLarge,
};

/** What a grid ends with when an order of it ended: by liquidation, by delisting; everything else is by hand. */
export function opCodeOfEnd(reason: ExpiryReason): number {
  return reason === "5" ? OP_CODE.liquidated : reason === "7" ? OP_CODE.marketClosed : OP_CODE.byHand;
}
