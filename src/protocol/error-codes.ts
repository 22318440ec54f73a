/**
 * Error codes of USDⓈ-M Futures with their exact texts: what the venue answers and what a client may meet. Protocol
 * sheet 13. Pure.
 *
 * Texts are those of Binance's error page unless the row says otherwise; `%s` stands for a value. A client matches on
 * the code, never on the text: texts vary between servers and years.
 */
import { assert } from "../kernel/errors.ts";

/** The body of a refused call: over REST the whole body, over the WS API the `error` of the response. */
export interface ErrorBody {
  /** Binance's number, e.g. `-1125`. */
  readonly code: number;
  /** The text that goes with it, its `%s` filled in. */
  readonly msg: string;
}

/** Code → its texts, the one without a more precise sibling first. */
export const ERROR_TEXTS = {
  [-1000]: ["An unknown error occured while processing the request.", "Invalid JSON request."],
  [-1001]: ["Internal error; unable to process your request. Please try again."],
  [-1002]: ["You are not authorized to execute this request."],
  [-1003]: [
    "Too many requests; current limit is %s requests per minute. " +
      "Please use the websocket for live updates to avoid polling the API.",
    "Way too many requests; IP banned until %s. Please use the websocket for live updates to avoid bans.",
  ],
  [-1006]: ["An unexpected response was received from the message bus. Execution status unknown."],
  [-1007]: ["Timeout waiting for response from backend server. Send status unknown; execution status unknown."],
  [-1008]: [
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.",
    "Server is currently overloaded with other requests. Please try again in a few minutes.",
  ],
  [-1013]: ["INVALID_MESSAGE."],
  [-1014]: ["Unsupported order combination."],
  [-1015]: ["Too many new orders.", "Too many new orders; current limit is %s orders per %s."],
  [-1016]: ["This service is no longer available.", "Service is under maintenance."],
  [-1020]: ["This operation is not supported."],
  [-1021]: [
    "Timestamp for this request is outside of the recvWindow.",
    "Timestamp for this request was 1000ms ahead of the server's time.",
  ],
  [-1022]: ["Signature for this request is not valid."],
  [-1023]: ["Start time is greater than end time."],
  [-1099]: ["Not found, unauthenticated, or unauthorized."],
  [-1100]: [
    "Illegal characters found in a parameter.",
    "Illegal characters found in parameter '%s'; legal range is '%s'.",
  ],
  [-1101]: [
    "Too many parameters sent for this endpoint.",
    "Too many parameters; expected '%s' and received '%s'.",
    "Duplicate values for a parameter detected.",
  ],
  [-1102]: [
    "A mandatory parameter was not sent, was empty/null, or malformed.",
    "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
    "Param '%s' or '%s' must be sent, but both were empty/null!",
  ],
  [-1103]: ["An unknown parameter was sent."],
  [-1104]: [
    "Not all sent parameters were read.",
    "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'.",
  ],
  [-1105]: ["A parameter was empty.", "Parameter '%s' was empty."],
  [-1106]: ["A parameter was sent when not required.", "Parameter '%s' sent when not required."],
  [-1109]: ["Invalid account."],
  [-1111]: ["Precision is over the maximum defined for this asset."],
  [-1114]: ["TimeInForce parameter sent when not required."],
  [-1115]: ["Invalid timeInForce."],
  [-1116]: ["Invalid orderType."],
  [-1117]: ["Invalid side."],
  [-1118]: ["New client order ID was empty."],
  [-1119]: ["Original client order ID was empty."],
  [-1120]: ["Invalid interval."],
  [-1121]: ["Invalid symbol."],
  [-1122]: ["Invalid symbol status."],
  [-1125]: ["This listenKey does not exist."],
  [-1127]: ["Lookup interval is too big.", "More than %s hours between startTime and endTime."],
  [-1128]: ["Combination of optional parameters invalid."],
  [-1130]: ["Invalid data sent for a parameter.", "Data sent for parameter '%s' is not valid."],
  [-1136]: ["Invalid newOrderRespType."],
  [-2010]: ["NEW_ORDER_REJECTED"],
  [-2011]: ["Unknown order sent."],
  [-2012]: ["Batch cancel failure."],
  [-2013]: ["Order does not exist."],
  [-2014]: ["API-key format invalid."],
  [-2015]: ["Invalid API-key, IP, or permissions for action."],
  [-2017]: ["API Keys are locked on this account."],
  [-2018]: ["Balance is insufficient."],
  [-2019]: ["Margin is insufficient."],
  [-2020]: ["Unable to fill."],
  [-2021]: ["Order would immediately trigger."],
  [-2022]: ["ReduceOnly Order is rejected."],
  [-2023]: ["User in liquidation mode now."],
  [-2024]: ["Position is not sufficient."],
  [-2025]: ["Reach max open order limit."],
  [-2026]: ["This OrderType is not supported when reduceOnly."],
  [-2027]: ["Exceeded the maximum allowable position at current leverage."],
  [-2028]: ["Leverage is smaller than permitted: insufficient margin balance."],
  [-4001]: ["Price less than 0."],
  [-4002]: ["Price greater than max price."],
  [-4003]: ["Quantity less than zero."],
  [-4004]: ["Quantity less than min quantity."],
  [-4005]: ["Quantity greater than max quantity."],
  [-4006]: ["Stop price less than zero."],
  [-4007]: ["Stop price greater than max price."],
  [-4013]: ["Price less than min price."],
  [-4014]: ["Price not increased by tick size."],
  [-4015]: ["Client order id is not valid.", "Client order id length should not be more than 36 chars"],
  [-4016]: ["Price is higher than mark price multiplier cap."],
  [-4023]: ["Qty not increased by step size."],
  [-4024]: ["Price is lower than mark price multiplier floor."],
  [-4028]: ["Invalid leverage", "Leverage `%s` is not valid", "Leverage `%s` already exist with `%s`"],
  [-4045]: ["Reach max stop order limit."],
  [-4046]: ["No need to change margin type."],
  [-4047]: ["Margin type cannot be changed if there exists open orders."],
  [-4048]: ["Margin type cannot be changed if there exists position."],
  [-4049]: ["Add margin only support for isolated position."],
  [-4050]: ["Cross balance insufficient."],
  [-4051]: ["Isolated balance insufficient."],
  [-4054]: ["Cannot add position margin: position is 0."],
  [-4055]: ["Amount must be positive."],
  // Seen in answers to `session.logon` with HMAC keys; not on the error page. That the type of key varies: assumed.
  [-4056]: ["%s API key is not supported."],
  [-4059]: ["No need to change position side."],
  [-4060]: ["Invalid position side."],
  [-4061]: ["Order's position side does not match user's setting."],
  [-4062]: ["Invalid or improper reduceOnly value."],
  [-4067]: ["Position side cannot be changed if there exists open orders."],
  [-4068]: ["Position side cannot be changed if there exists position."],
  [-4082]: ["Invalid number of batch place orders.", "Invalid number of batch place orders: %s"],
  [-4083]: ["Fail to place batch orders."],
  [-4087]: ["User can only place reduce only order"],
  [-4088]: ["User can not place order currently"],
  [-4109]: ["Inactive account"],
  [-4116]: ["clientOrderId is duplicated"],
  [-4117]: ["stop order is triggering"],
  [-4118]: ["ReduceOnly Order Failed. Please check your existing position and open orders"],
  [-4120]: ["Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."],
  [-4131]: ["The counterparty's best price does not meet the PERCENT_PRICE filter limit"],
  [-4135]: ["Invalid activation price"],
  // Seen for MARKET orders; not on the error page.
  [-4136]: ["Target strategy invalid for orderType %s,closePosition %s"],
  [-4137]: ["Quantity must be zero with closePosition equals true"],
  [-4138]: ["Reduce only must be true with closePosition equals true"],
  [-4140]: ["Invalid symbol status for opening position"],
  [-4141]: ["Symbol is closed"],
  [-4142]: ["REJECT: take profit or stop order will be triggered immediately"],
  [-4161]: ["Leverage reduction is not supported in Isolated Margin Mode with open positions"],
  [-4164]: ["Order's notional must be no smaller than %s (unless you choose reduce only)"],
  [-4165]: ["Invalid time interval", "Maximum time interval is %s days"],
  [-4167]: ["Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode."],
  [-4168]: ["Unable to adjust to isolated-margin mode under the Multi-Assets mode."],
  [-4169]: ["Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures."],
  [-4170]: ["Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures."],
  [-4171]: ["Adjusted asset mode is currently set and does not need to be adjusted repeatedly."],
  [-4172]: [
    "Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset in " +
      "USDⓈ-M Futures account.",
  ],
  [-4183]: ["Price is higher than stop price multiplier cap."],
  [-4184]: ["Price is lower than stop price multiplier floor."],
  [-4192]: ["Trade forbidden due to Cooling-off Period."],
  [-4400]: ["Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, please try again later."],
  // Only from 2026-05-13 until the migration of June 2026 (change log).
  [-4531]: [
    "Position mode change requires syncing UM and CM. " +
      "Please close any open positions or orders in CM and try again.",
  ],
  // Seen with HTTP 404 on the test network and over the WS API; not on the error page.
  [-5000]: ["Method %s is invalid", "Path %s, Method %s is invalid"],
  [-5021]: ["Due to the order could not be filled immediately, the FOK order has been rejected."],
  [-5022]: ["Due to the order could not be executed as maker, the Post Only order will be rejected."],
  [-5024]: ["Symbol is not in trading status. Order amendment is not permitted."],
  [-5025]: ["Only limit order is supported."],
  [-5026]: ["Exceed maximum modify order limit."],
  [-5027]: ["No need to modify the order."],
  [-5028]: ["Timestamp for this request is outside of the ME recvWindow"],
  [-5029]: ["Order's notional must be no smaller than %s"],
  [-5037]: ["Invalid price match"],
  [-5038]: ["Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT"],
  [-5039]: ["Invalid self trade prevention mode"],
  [-5040]: [
    "The goodTillDate timestamp must be greater than the current time plus 600 seconds and " +
      "smaller than 253402300799000",
  ],
  [-5041]: ["No depth matches this BBO order"],
  [-5043]: ["A pending modification already exists for this order."],
  // September 2026, from the official connector.
  [-5047]: ["The original order is not a reduce-only order"],
} as const satisfies Readonly<Record<number, readonly [string, ...string[]]>>;

/** A code this table knows. Others exist: a client passes them on as they come. */
export type ErrorCode = keyof typeof ERROR_TEXTS;

/**
 * The body that goes with a code: its first text with as many `%s` as there are values, filled in order. Where a code
 * has several texts without values, {@link errorVariant} picks another one.
 * @throws {InvariantViolation} when no text of the code takes that many values
 */
export function errorBody(code: ErrorCode, ...values: readonly (string | number)[]): ErrorBody {
  const template = textsOf(code).find((candidate) => places(candidate) === values.length);
  assert(template !== undefined, `error ${code} has a text with ${values.length} values`);
  return { code, msg: fill(template, values) };
}

/**
 * The body with the text at `index` of its row in {@link ERROR_TEXTS}: `errorVariant(-1021, 1)` is the timestamp
 * that lies ahead.
 * @throws {InvariantViolation} when the code has no such text, or the text takes another number of values
 */
export function errorVariant(code: ErrorCode, index: number, ...values: readonly (string | number)[]): ErrorBody {
  const template = textsOf(code)[index];
  assert(template !== undefined, `error ${code} has a text ${index}`);
  assert(places(template) === values.length, `text ${index} of error ${code} takes ${values.length} values`);
  return { code, msg: fill(template, values) };
}

/** Malformed, unknown, or not for this from here. */
const REFUSED_KEY_CODES: ReadonlySet<number> = new Set([-2014, -2015]);
/** Unauthorised, or not served in this country. 403 is the firewall's, and passes. */
const REFUSED_KEY_STATUS: ReadonlySet<number> = new Set([401, 451]);

/** Is the API key refused, by code or by HTTP status? Asking again cannot help. */
export function isKeyRefused({ venueCode, status }: { readonly venueCode: number; readonly status: number }): boolean {
  return REFUSED_KEY_CODES.has(venueCode) || REFUSED_KEY_STATUS.has(status);
}

function textsOf(code: ErrorCode): readonly string[] {
  return ERROR_TEXTS[code];
}

function places(template: string): number {
  return template.split("%s").length - 1;
}

function fill(template: string, values: readonly (string | number)[]): string {
  const parts = template.split("%s");
  return parts.map((part, i) => (i === 0 ? part : `${values[i - 1]}${part}`)).join("");
}
