/**
 * Forms of values that only replies have: bare decimals, `null`, an object where another call gives a list of it, an
 * order or the refusal of one. Pure.
 *
 * L4: an amount that stands as a bare number would lose digits in a `number` (`0.10` becomes 0.1), so the table of such
 * a reply reads the texts of all its numbers, and says so: {@link NumberTextCodec}.
 */
import { isDecimal } from "../../kernel/decimal.ts";
import { WireFormatError } from "../../kernel/errors.ts";
import type { Decimal } from "../../kernel/scalars.ts";
import { type Codec, type Infer, integer, list, type Place, record, text } from "../codec.ts";

/** Replies are read slowly: they are rare beside events, and the compiled checker says so by always answering false. */
const slowly = () => "false";

/** A table whose reply must be parsed with `parseJsonNumbersAsText`: its amounts are bare numbers. */
export interface NumberTextCodec<T> extends Codec<T> {
  readonly numbers: "text";
}

/** Marks a table of {@link bareDecimal} and {@link bareInteger}. */
export function numbersAsText<T>(codec: Codec<T>): NumberTextCodec<T> {
  return { ...codec, numbers: "text" };
}

/** JSON allows no zero before another digit. What has an exponent is no {@link Decimal}. */
const BARE_DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

/**
 * A decimal that stands on the wire as a bare JSON number (`leverageBracket`); text in our API, as all amounts. Reads
 * the text of the number and keeps its spelling; a `number` is refused, for nobody knows what it was.
 */
export const bareDecimal: Codec<Decimal> = {
  expected: "the text of a number",
  fast: slowly,
  read(value, place) {
    if (typeof value === "string" && BARE_DECIMAL.test(value) && isDecimal(value)) return value;
    throw new WireFormatError(place.path, "the text of a number", value);
  },
  write: (value) => value,
};

/** A whole number below 2^53 in a reply with bare decimals: reads the text of the number, too. */
export const bareInteger: Codec<number> = {
  expected: "the text of an integer",
  fast: slowly,
  read(value, place) {
    const isText = typeof value === "string" && /^-?(?:0|[1-9][0-9]*)$/.test(value);
    if (isText && Number.isSafeInteger(Number(value))) return Number(value);
    throw new WireFormatError(place.path, "the text of an integer", value);
  },
  write: String,
};

/** Whatever is there, for a caller to whom no answer matters but that there is one. */
export const anything: Codec<unknown> = {
  expected: "anything",
  fast: slowly,
  read: (value) => value,
  write: (value) => JSON.stringify(value),
};

/** The value, or `null`. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    expected: `${codec.expected} or null`,
    fast: slowly,
    read: (value, place) => (value === null ? null : codec.read(value, place)),
    write: (value) => (value === null ? "null" : codec.write(value)),
  };
}

/** One object when a symbol was asked for, a list of them when none was. */
export function objectOrList<T extends object>(item: Codec<T>): Codec<T | T[]> {
  const items = list(item);
  return {
    expected: "an object or an array",
    fast: slowly,
    read: (value, place) => (Array.isArray(value) ? items.read(value, place) : item.read(value, place)),
    write: (value) => (Array.isArray(value) ? items.write(value) : item.write(value)),
  };
}

/** A code and a text, as refusals and plain confirmations have them. */
export const CodeAndText = record({
  /** Negative for refusals, 200 for confirmations. */
  code: integer,
  /** What happened, for people. */
  msg: text,
});

/** A code and a text. */
export type CodeAndText = Infer<typeof CodeAndText>;

/** One element of a batch reply: what was asked for, or why it was refused. */
export function orRefusal<T extends object>(item: Codec<T>): Codec<T | CodeAndText> {
  return {
    expected: "an object",
    fast: slowly,
    read: (value: unknown, place: Place) => (isCodeAndText(value) ? CodeAndText : item).read(value, place),
    write: (value) => (isCodeAndText(value) ? CodeAndText.write(value) : item.write(value as T)),
  };
}

function isCodeAndText(value: unknown): value is CodeAndText {
  return typeof value === "object" && value !== null && "code" in value && "msg" in value;
}

/** A tuple of two decimals, price and quantity, as one level of a book. */
export const priceLevel: Codec<[price: Decimal, quantity: Decimal]> = {
  expected: "a pair of decimal strings",
  fast: slowly,
  read(value, place) {
    const isPair =
      Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === "string" && isDecimal(v));
    if (!isPair) throw new WireFormatError(place.path, "a pair of decimal strings", value);
    return value as [Decimal, Decimal];
  },
  write: ([price, quantity]) => `["${price}","${quantity}"]`,
};
