/** Every documented event with its table, for tests that hold for all of them. */
import type { Codec } from "../src/protocol/codec.ts";
import * as events from "../src/protocol/index.ts";

/** Event name → table. */
export const EVENT_TABLES: ReadonlyMap<events.EventName, Codec<unknown>> = new Map(
  Object.entries({
    listenKeyExpired: events.ListenKeyExpired,
    ACCOUNT_UPDATE: events.AccountUpdate,
    MARGIN_CALL: events.MarginCall,
    ORDER_TRADE_UPDATE: events.OrderTradeUpdate,
    TRADE_LITE: events.TradeLite,
    ACCOUNT_CONFIG_UPDATE: events.AccountConfigUpdate,
    STRATEGY_UPDATE: events.StrategyUpdate,
    GRID_UPDATE: events.GridUpdate,
    CONDITIONAL_ORDER_TRIGGER_REJECT: events.ConditionalOrderTriggerReject,
    ALGO_UPDATE: events.AlgoUpdate,
  } satisfies Record<events.EventName, unknown>) as unknown as [events.EventName, Codec<unknown>][],
);
