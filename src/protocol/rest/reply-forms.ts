/**
 * Forms of values that only replies have: bare decimals, `null`, an object where another call gives a list of it, an
 * order or the refusal of one. Pure.
 */
import { isDecimal } from "../../kernel/decimal.ts";
import { WireFormatError } from "../../kernel/errors.ts";
import type { Decimal } from "../../kernel/scalars.ts";
import { type Codec, type Infer, integer, list, type Place, record, text } from "../codec.ts";

/** Replies are read slowly: they are rare beside events, and the compiled checker says so by always answering false. */
const slowly = () => "false";

/** A decimal that stands on the wire as a bare JSON number (`leverageBracket`); text in our API, as all amounts. */
export const bareDecimal: Codec<Decimal> = {
  expected: "a number",
  fast: slowly,
  read(value, place) {
    const digits = typeof value === "number" ? String(value) : value;
    if (typeof digits !== "string" || !isDecimal(digits)) throw new WireFormatError(place.path, "a number", value);
    return digits;
  },
  write: (value) => value,
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
