/**
 * The door `listenkey/protocol`: every message of the user data stream as a table, with its type, its check and its
 * encoder. Pure: no timers, no sockets, no Node.
 */
export {
  type ErrorFacts,
  ListenkeyError,
  type Origin,
  WireFormatError,
} from "../kernel/errors.ts";
export type { Decimal, EventMs, Id64, ListenKey, TransactMs } from "../kernel/scalars.ts";
export type {
  Codec,
  Infer,
  ListCodec,
  Novelty,
  NoveltySink,
  Open,
  OpenCodec,
  OptionalCodec,
  Place,
  RecordCodec,
  Rows,
  Shape,
} from "./codec.ts";
export {
  type Endpoint,
  type GivenParameters,
  type OrderCounts,
  type Security,
  weightOf,
} from "./endpoints/endpoint.ts";
export {
  ENDPOINTS,
  type EndpointName,
  endpointNamed,
  findEndpoint,
  findWsMethod,
  type ParametersOf,
  type ReplyTo,
} from "./endpoints.ts";
export type {
  AlgoStatus,
  AutoCloseType,
  BookOrderType,
  ConditionalType,
  ContractStatus,
  ExecutionType,
  ExpiryReason,
  IncomeType,
  MarginType,
  OrderStatus,
  PositionSide,
  PriceMatch,
  SelfTradePrevention,
  Side,
  StrategyStatus,
  TimeInForce,
  UpdateReason,
  WorkingType,
} from "./enumerations.ts";
export { ERROR_TEXTS, type ErrorBody, type ErrorCode } from "./error-codes.ts";
export { AccountConfigUpdate } from "./events/account-config-update.ts";
export { AccountChange, AccountUpdate, BalanceUpdate, PositionUpdate } from "./events/account-update.ts";
export { AlgoOrderUpdate, AlgoUpdate } from "./events/algo-update.ts";
export { ConditionalOrderTriggerReject } from "./events/conditional-order-trigger-reject.ts";
export { GridUpdate } from "./events/grid-update.ts";
export { ListenKeyExpired } from "./events/listen-key-expired.ts";
export { CalledPosition, MarginCall } from "./events/margin-call.ts";
export { EXPIRY_REASONS, OrderTradeUpdate, OrderUpdate } from "./events/order-trade-update.ts";
export { STRATEGY_OP_CODES, StrategyUpdate } from "./events/strategy-update.ts";
export { TradeLite } from "./events/trade-lite.ts";
export {
  decodeFrame,
  type ErrorFrame,
  type EventFrame,
  FRAME_CHARS_MAX,
  type Frame,
  type ReplyFrame,
  type ReplyId,
} from "./frame.ts";
export { JSON_CHARS_MAX, parseJson, parseJsonNumbersAsText } from "./json.ts";
export {
  decodeEvent,
  EVENT_NAMES,
  type EventName,
  encodeEvent,
  isKnownEvent,
  type KnownEvent,
  readEvent,
  type UnknownEvent,
  type UserDataEvent,
  type UserDataEvents,
} from "./user-data-event.ts";
