/** Replies about the market that a client starts with. Protocol sheet 11.7. */
import { decimal, eventMs, type Infer, id64, integer, list, optional, record, text, transactMs } from "../codec.ts";
import { objectOrList, priceLevel } from "./reply-forms.ts";

/** `GET /fapi/v1/time`. */
export const ServerTime = record({
  /** The exchange's clock. */
  serverTime: transactMs,
});

/** `GET /fapi/v1/time`. */
export type ServerTime = Infer<typeof ServerTime>;

/** `GET /fapi/v1/depth`: levels summed, best first. */
export const Depth = record({
  /** Grows with every change of the book. */
  lastUpdateId: id64,
  /** When the message was generated. */
  E: eventMs,
  /** When the book was last changed. */
  T: transactMs,
  /** Price and quantity, highest price first. */
  bids: list(priceLevel),
  /** Price and quantity, lowest price first. */
  asks: list(priceLevel),
});

/** `GET /fapi/v1/depth`. */
export type Depth = Infer<typeof Depth>;

const BookTickerOfSymbol = record({
  /** In replies of the WS API. */
  lastUpdateId: optional(id64),
  /** Symbol. */
  symbol: text,
  /** Best price to sell at. */
  bidPrice: decimal,
  /** How much is wanted there. */
  bidQty: decimal,
  /** Best price to buy at. */
  askPrice: decimal,
  /** How much is offered there. */
  askQty: decimal,
  /** When the book was last changed. */
  time: transactMs,
});

/** The best quotes of one symbol; `"0"` on a side that is empty. */
export type BookTickerOfSymbol = Infer<typeof BookTickerOfSymbol>;

/** `GET /fapi/v1/ticker/bookTicker`. */
export const BookTicker = objectOrList(BookTickerOfSymbol);

const PriceTickerOfSymbol = record({
  /** Symbol. */
  symbol: text,
  /** Of the last trade. */
  price: decimal,
  /** When it was made. */
  time: transactMs,
});

/** The last price of one symbol. */
export type PriceTickerOfSymbol = Infer<typeof PriceTickerOfSymbol>;

/** `GET /fapi/v1/ticker/price` and `v2`. */
export const PriceTicker = objectOrList(PriceTickerOfSymbol);

const MarkPriceOfSymbol = record({
  /** Symbol. */
  symbol: text,
  /** What profit and liquidation are reckoned by. */
  markPrice: decimal,
  /** Average over other markets. */
  indexPrice: decimal,
  /** Means something in the last hour before settlement only. */
  estimatedSettlePrice: decimal,
  /** The rate of the next settlement as it stands. */
  lastFundingRate: decimal,
  /** Part of the funding rate. */
  interestRate: decimal,
  /** When funding is next settled; 0 when there is none. */
  nextFundingTime: integer,
  /** The time of these figures. */
  time: transactMs,
});

/** Mark and index price of one symbol. */
export type MarkPriceOfSymbol = Infer<typeof MarkPriceOfSymbol>;

/** `GET /fapi/v1/premiumIndex`. */
export const MarkPrice = objectOrList(MarkPriceOfSymbol);
