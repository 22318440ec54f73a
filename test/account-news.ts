/** Events and REST answers about an account, said shortly: what a test does not name is of no matter to it. */
import type { Decimal, EventMs, Id64, TransactMs } from "../src/kernel/scalars.ts";
import type { AccountUpdate, PositionUpdate } from "../src/protocol/events/account-update.ts";
import type { AlgoOrderUpdate, AlgoUpdate } from "../src/protocol/events/algo-update.ts";
import type { OrderTradeUpdate, OrderUpdate } from "../src/protocol/events/order-trade-update.ts";
import type { StrategyUpdate } from "../src/protocol/events/strategy-update.ts";
import type { Balance } from "../src/protocol/rest/account.ts";
import type { AlgoOrder } from "../src/protocol/rest/algo-orders.ts";
import type { Order } from "../src/protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../src/protocol/rest/position-risk.ts";

const ZERO = "0" as Decimal;

/** A moment of the exchange. */
export function ms(at: number): TransactMs {
  return at as TransactMs;
}

/** An amount. */
export function amount(text: string): Decimal {
  return text as Decimal;
}

/** An id. */
export function id(text: string): Id64 {
  return text as Id64;
}

/** An `ACCOUNT_UPDATE` of one wallet, all of it cross unless said otherwise. */
export function walletEvent(at: number, asset: string, wallet: string, cross = wallet): AccountUpdate {
  const B = [{ a: asset, wb: amount(wallet), cw: amount(cross), bc: ZERO }];
  return { e: "ACCOUNT_UPDATE", T: ms(at), E: at as EventMs, a: { m: "ORDER", B, P: [] } };
}

/** A `STRATEGY_UPDATE`: how it stands with a grid. */
export function strategyEvent(at: number, strategyId: string, status: string, symbol: string): StrategyUpdate {
  const ss = status as StrategyUpdate["su"]["ss"];
  const su = { si: id(strategyId), st: "GRID" as const, ss, s: symbol, ut: ms(at), c: 8007 };
  return { e: "STRATEGY_UPDATE", T: ms(at), E: at as EventMs, su };
}

/** An `ACCOUNT_UPDATE` of one change of the USDT wallet, and what stands in it then; a deposit when not named. */
export function bookingEvent(
  at: number,
  change: string,
  wallet: string,
  m: AccountUpdate["a"]["m"] = "DEPOSIT",
): AccountUpdate {
  const B = [{ a: "USDT", wb: amount(wallet), cw: amount(wallet), bc: amount(change) }];
  return { e: "ACCOUNT_UPDATE", T: ms(at), E: at as EventMs, a: { m, B, P: [] } };
}

/** An `ACCOUNT_UPDATE` of one position of BTCUSDT, entered at 100. */
export function positionEvent(at: number, pa: string, more: Partial<PositionUpdate> = {}): AccountUpdate {
  const P = [positionRow(pa, more)];
  return { e: "ACCOUNT_UPDATE", T: ms(at), E: at as EventMs, a: { m: "ORDER", B: [], P } };
}

/** One row of it. */
export function positionRow(pa: string, more: Partial<PositionUpdate> = {}): PositionUpdate {
  return {
    s: "BTCUSDT",
    pa: amount(pa),
    ep: amount(pa === "0" ? "0" : "100"),
    cr: amount("7"),
    up: ZERO,
    mt: "cross",
    iw: ZERO,
    ps: "BOTH",
    ma: "USDT",
    bep: amount(pa === "0" ? "0" : "100.1"),
    ...more,
  };
}

/** An `ORDER_TRADE_UPDATE` of order 5 on BTCUSDT: 10 at 100. A fill when it has a trade id. */
export function orderEvent(at: number, status: OrderUpdate["X"], more: Partial<OrderUpdate> = {}): OrderTradeUpdate {
  const execution = more.t !== undefined ? "TRADE" : status === "NEW" ? "NEW" : (status as "CANCELED");
  const o: OrderUpdate = {
    s: "BTCUSDT",
    c: "mine",
    S: "BUY",
    o: "LIMIT",
    f: "GTC",
    q: amount("10"),
    p: amount("100"),
    ap: ZERO,
    sp: ZERO,
    x: execution,
    X: status,
    i: id("5"),
    l: ZERO,
    z: ZERO,
    L: ZERO,
    n: ZERO,
    N: "USDT",
    T: ms(at),
    t: id("0"),
    m: false,
    R: false,
    wt: "CONTRACT_PRICE",
    ot: "LIMIT",
    ps: "BOTH",
    rp: ZERO,
    si: id("0"),
    er: "0",
    ...more,
  };
  return { e: "ORDER_TRADE_UPDATE", T: ms(at), E: at as EventMs, o };
}

/** An `ALGO_UPDATE` of conditional order 3000 on BTCUSDT. */
export function algoEvent(at: number, status: AlgoOrderUpdate["X"], more: Partial<AlgoOrderUpdate> = {}): AlgoUpdate {
  const o: AlgoOrderUpdate = {
    caid: "stop",
    aid: id("3000"),
    at: "CONDITIONAL",
    o: "STOP_MARKET",
    s: "BTCUSDT",
    S: "SELL",
    ps: "BOTH",
    f: "GTC",
    q: amount("1"),
    X: status,
    ai: "",
    tp: amount("90"),
    p: ZERO,
    V: "EXPIRE_MAKER",
    wt: "CONTRACT_PRICE",
    pm: "NONE",
    cp: false,
    pP: false,
    R: false,
    tt: 0,
    gtd: 0,
    ...more,
  };
  return { e: "ALGO_UPDATE", T: ms(at), E: at as EventMs, o };
}

/** A row of `GET balance`. */
export function walletRow(at: number, asset: string, wallet: string, cross = wallet): Balance {
  return {
    accountAlias: "x",
    asset,
    balance: amount(wallet),
    crossWalletBalance: amount(cross),
    crossUnPnl: ZERO,
    availableBalance: ZERO,
    maxWithdrawAmount: ZERO,
    marginAvailable: true,
    updateTime: ms(at),
  };
}

/** A row of `GET positionRisk`: BTCUSDT, entered at 100. */
export function riskRow(at: number, positionAmt: string, more: Partial<PositionRiskV3> = {}): PositionRiskV3 {
  const isFlat = positionAmt === "0";
  return {
    symbol: "BTCUSDT",
    positionSide: "BOTH",
    positionAmt: amount(positionAmt),
    entryPrice: amount(isFlat ? "0.0" : "100.0"),
    breakEvenPrice: amount(isFlat ? "0.0" : "100.10"),
    markPrice: amount("101"),
    unRealizedProfit: ZERO,
    liquidationPrice: ZERO,
    isolatedMargin: ZERO,
    notional: ZERO,
    marginAsset: "USDT",
    isolatedWallet: ZERO,
    initialMargin: ZERO,
    maintMargin: ZERO,
    positionInitialMargin: ZERO,
    openOrderInitialMargin: ZERO,
    adl: 0,
    bidNotional: ZERO,
    askNotional: ZERO,
    updateTime: ms(at),
    ...more,
  };
}

/** An order as `GET order` and `openOrders` show it: as {@link orderEvent}, accepted at 1. */
export function orderRow(at: number, status: Order["status"], more: Partial<Order> = {}): Order {
  return {
    avgPrice: amount("0.00000"),
    clientOrderId: "mine",
    cumQuote: ZERO,
    executedQty: ZERO,
    orderId: id("5"),
    origQty: amount("10.000"),
    origType: "LIMIT",
    price: amount("100.00"),
    reduceOnly: false,
    side: "BUY",
    positionSide: "BOTH",
    status,
    stopPrice: ZERO,
    closePosition: false,
    symbol: "BTCUSDT",
    time: ms(1),
    timeInForce: "GTC",
    type: "LIMIT",
    updateTime: ms(at),
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    ...more,
  };
}

/** A conditional order as `GET algoOrder` and `openAlgoOrders` show it: as {@link algoEvent}, placed at 1. */
export function algoRow(at: number, status: AlgoOrder["algoStatus"], more: Partial<AlgoOrder> = {}): AlgoOrder {
  return {
    algoId: id("3000"),
    clientAlgoId: "stop",
    algoType: "CONDITIONAL",
    orderType: "STOP_MARKET",
    symbol: "BTCUSDT",
    side: "SELL",
    positionSide: "BOTH",
    timeInForce: "GTC",
    quantity: amount("1.000"),
    algoStatus: status,
    actualOrderId: "",
    actualPrice: amount("0.00000"),
    triggerPrice: amount("90.00"),
    price: ZERO,
    icebergQuantity: null,
    selfTradePreventionMode: "EXPIRE_MAKER",
    workingType: "CONTRACT_PRICE",
    priceMatch: "NONE",
    closePosition: false,
    priceProtect: false,
    reduceOnly: false,
    createTime: ms(1),
    updateTime: ms(at),
    triggerTime: 0,
    goodTillDate: 0,
    ...more,
  };
}
