/**
 * What a paper venue's settings may be. A setting that is not what it should be is refused before anything is opened:
 * where, what was expected, what was found, what to do. Pure.
 *
 * Names are checked too: a setting that is misspelt would otherwise be passed over in silence.
 */
import { PRODUCTION_LIMITS } from "../face/rate-limits.ts";
import { isOrigin } from "../face/strangers.ts";
import { isDecimal } from "../kernel/decimal.ts";
import { ListenkeyError, UsageError } from "../kernel/errors.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { marginCallRules } from "./margin/margin-call-settings.ts";
import { fundingRateOf } from "./market/funding-terms.ts";
import { openMarket } from "./market/market.ts";
import { makerRules } from "./market/market-maker-settings.ts";
import type { SymbolListing } from "./market/symbol-listing.ts";
import { DEFAULT_SYMBOLS } from "./market/symbols.ts";
import type { OwnParts, PaperVenueSettings } from "./paper-venue-settings.ts";

/** Looks at the value that stands at `where`. @throws {UsageError} when it is not what it should be */
export type OptionCheck = (where: string, value: unknown) => void;

/** One check for each of the options. */
export type OptionChecks<T> = { readonly [N in keyof Required<T>]: OptionCheck };

/**
 * Checks options by their table; those that are `undefined` count as absent.
 * @throws {UsageError} for the first that is wrong, or unknown
 */
export function checkOptions<T extends object>(options: T, checks: OptionChecks<T>): void {
  const known = Object.keys(checks).join(", ");
  if (!isObject(options)) throw new UsageError("options", "an object", options, `The options are: ${known}.`);
  const table = checks as Readonly<Record<string, OptionCheck>>;
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(table, name) ? table[name] : undefined;
    if (check === undefined) throw new UsageError("options", "known names", name, `The options are: ${known}.`);
    if (value !== undefined) check(name, value);
  }
}

/** A whole number within bounds, these included. */
export function wholeNumber(least: number, most: number, remedy?: string): OptionCheck {
  return (where, value) => {
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return;
    throw new UsageError(where, `a whole number from ${least} to ${most}`, value, remedy);
  };
}

/** Any text but the empty one. */
export function words(expected: string, remedy?: string): OptionCheck {
  return (where, value) => {
    if (typeof value !== "string" || value === "") throw new UsageError(where, expected, value, remedy);
  };
}

/** An object with whatever names, each with a value of one kind. */
export function mapOf(each: OptionCheck, expected: string, remedy: string): OptionCheck {
  return (where, value) => {
    if (!isObject(value)) throw new UsageError(where, expected, value, remedy);
    for (const [name, item] of Object.entries(value)) each(`${where}.${name}`, item);
  };
}

/** A list, each item of one kind. */
export function listOf(each: OptionCheck, expected: string, remedy: string): OptionCheck {
  return (where, value) => {
    if (!Array.isArray(value)) throw new UsageError(where, expected, value, remedy);
    value.forEach((item, index) => {
      each(`${where}[${index}]`, item);
    });
  };
}

/** One of some words. */
export function oneOf(...allowed: readonly string[]): OptionCheck {
  return (where, value) => {
    if (typeof value === "string" && allowed.includes(value)) return;
    throw new UsageError(
      where,
      allowed.map((word) => `"${word}"`).join(" or "),
      value,
      "Without it, it is the first of them.",
    );
  };
}

/** A decimal in a string, as far as `isAllowed`. */
function decimal(expected: string, isAllowed: (text: string) => boolean): OptionCheck {
  const remedy = "Money and rates are text, so that no digit is lost.";
  return (where, value) => {
    if (typeof value === "string" && isDecimal(value) && isAllowed(value)) return;
    throw new UsageError(where, expected, value, typeof value === "number" ? remedy : undefined);
  };
}

/** An object of known names. A name that is there has a value. */
function shape(checks: Readonly<Record<string, OptionCheck>>, example: string, needsAll = false): OptionCheck {
  const names = Object.keys(checks).join(", ");
  const remedy = `For example: ${example}`;
  return (where, value) => {
    if (!isObject(value)) throw new UsageError(where, `an object with ${names}`, value, remedy);
    for (const name of needsAll ? Object.keys(checks) : []) {
      if (value[name] === undefined) throw new UsageError(`${where}.${name}`, "a value", value[name], remedy);
    }
    for (const [name, item] of Object.entries(value)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      if (check === undefined) throw new UsageError(where, `only ${names}`, name, remedy);
      check(`${where}.${name}`, item);
    }
  };
}

function orNone(check: OptionCheck): OptionCheck {
  return (where, value) => {
    if (value !== "none") check(where, value);
  };
}

/** A check of the parts first, then of the whole by those who use it. */
function both(parts: OptionCheck, use: (value: never) => unknown): OptionCheck {
  return (where, value) => {
    parts(where, value);
    use(value as never);
  };
}

const truth: OptionCheck = (where, value) => {
  if (typeof value !== "boolean") throw new UsageError(where, "true or false", value);
};

const aNumber: OptionCheck = (where, value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new UsageError(where, "a number", value);
};

const aFunction: OptionCheck = (where, value) => {
  if (typeof value !== "function") throw new UsageError(where, "a function", value);
};

/** An origin of web pages. */
export const origin: OptionCheck = (where, value) => {
  if (typeof value === "string" && isOrigin(value)) return;
  throw new UsageError(where, "an origin such as http://localhost:3000", value, "Write it without a slash at the end.");
};

/** Eight places are what money keeps; twelve digits before them are more than anybody has. */
const isAmount = (text: string) => /^\d{1,12}(\.\d{1,8})?$/.test(text);

const amount = decimal("a decimal that is not negative", isAmount);
const feeRate = decimal("a decimal from 0 to 1, of at most eight places", (text) => /^(?:0(\.\d{1,8})?|1)$/.test(text));
const fundingRate = decimal("a decimal between -1 and 1", (text) => fundingRateOf(text) !== undefined);

/** More than any test asks for; a limit that never holds is none. */
const LIMIT_MAX = Number.MAX_SAFE_INTEGER;

const limits = shape(
  Object.fromEntries(
    Object.keys(PRODUCTION_LIMITS).map((name) => [name, wholeNumber(name === "refusalsBeforeBan" ? 0 : 1, LIMIT_MAX)]),
  ),
  "{ weightPerMinute: 6000 }",
);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What the listing of BTCUSDT is like, every other listing is: the same names with values of the same types. */
function listing(where: string, value: unknown): void {
  const [template] = DEFAULT_SYMBOLS;
  alike(where, value, template);
  const { info, brackets, firstOrderId, firstTradeId } = value as SymbolListing;
  anId(`${where}.firstOrderId`, firstOrderId);
  anId(`${where}.firstTradeId`, firstTradeId);
  places(`${where}.info.pricePrecision`, info.pricePrecision);
  places(`${where}.info.quantityPrecision`, info.quantityPrecision);
  if (brackets.length === 0) throw new UsageError(`${where}.brackets`, "at least one bracket", brackets);
  for (const [index, filter] of info.filters.entries()) {
    const like = template?.info.filters.find(({ filterType }) => filterType === filter.filterType);
    const types = template?.info.filters.map(({ filterType }) => filterType).join(", ");
    const at = `${where}.info.filters[${index}]`;
    if (like === undefined) throw new UsageError(`${at}.filterType`, `one of ${types}`, filter.filterType);
    alike(at, filter, like);
  }
  try {
    openMarket(value as SymbolListing, 0 as TransactMs);
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin !== "caller") throw error;
    throw new UsageError(`${where} (${info.symbol})`, "a listing that agrees with itself", error.message, error.remedy);
  }
}

const anId = decimal("a whole number in a string", (text) => /^\d{1,18}$|^[1-8]\d{18}$/.test(text));
const places = wholeNumber(0, 8);

/** Lists are looked at item by item; what is in a list of filters is not all of one kind. */
function alike(where: string, value: unknown, template: unknown): void {
  if (Array.isArray(template)) {
    if (!Array.isArray(value)) throw new UsageError(where, "a list", value);
    for (const [index, item] of value.entries()) {
      const like = template[0] as { filterType?: string } | string;
      alike(`${where}[${index}]`, item, typeof like === "object" && "filterType" in like ? { filterType: "" } : like);
    }
    return;
  }
  if (!isObject(template)) {
    if (typeof value !== typeof template) throw new UsageError(where, `a ${typeof template}`, value);
    return;
  }
  if (!isObject(value)) throw new UsageError(where, `an object with ${Object.keys(template).join(", ")}`, value);
  for (const [name, like] of Object.entries(template)) alike(`${where}.${name}`, value[name], like);
}

const symbols: OptionCheck = (where, value) => {
  listOf(listing, "a list of listings", "Leave it out for BTCUSDT, ETHUSDT, BNBUSDT and SOLUSDT.")(where, value);
  if ((value as readonly unknown[]).length === 0) throw new UsageError(where, "at least one listing", value);
};

/** What all settings but those of the wiring may be. */
export const SETTING_CHECKS: OptionChecks<Omit<PaperVenueSettings, OwnParts>> = {
  seed: wholeNumber(0, 2 ** 32 - 1),
  symbols,
  feeRates: shape({ maker: feeRate, taker: feeRate }, '{ maker: "0.0002", taker: "0.0005" }', true),
  marketMaker: orNone(
    both(
      shape(
        { tickMs: aNumber, levels: aNumber, volatilityBps: aNumber, levelNotional: amount, spacingBps: aNumber },
        '{ volatilityBps: 0 }, or "none"',
      ),
      makerRules,
    ),
  ),
  marginCall: both(
    shape(
      { ratio: decimal("more than 0, at most 1", (text) => /^(?:0(\.\d{1,8})?|1)$/.test(text)), repeatMs: aNumber },
      '{ ratio: "0.8", repeatMs: 600000 }',
    ),
    marginCallRules,
  ),
  insuranceFund: mapOf(amount, "an object of amounts by asset", 'For example: { USDT: "0" }'),
  funding: orNone(
    shape({ rate: fundingRate, intervalHours: wholeNumber(1, 24) }, '{ rate: "0.0001", intervalHours: 8 }, or "none"'),
  ),
  limits,
  sendsRetryAfter: truth,
  acknowledgements: oneOf("2026-06", "before-2026-06"),
  triggerRejections: oneOf("algo-update", "legacy"),
  legacyUrls: oneOf("deliver", "silent"),
  onPush: aFunction,
  onReplay: aFunction,
};

/** Checks one setting by itself, under its own name. @throws {UsageError} when it is not what it should be */
export function checkSetting<N extends keyof typeof SETTING_CHECKS>(name: N, value: PaperVenueSettings[N]): void {
  SETTING_CHECKS[name](name, value);
}
