/**
 * The words that tables of wire messages are written in. One row is a wire name and a codec; a record is read, checked,
 * written and typed from the same rows. Pure.
 *
 * Reading happens in place: the parsed object is checked and becomes the result, so that nothing is copied and fields
 * that no row names stay where they are (L10). Only what has another form in our API is replaced: ids become strings.
 */
import { isDecimal } from "../kernel/decimal.ts";
import { WireFormatError } from "../kernel/errors.ts";
import type { Decimal, EventMs, Id64, ListenKey, TransactMs } from "../kernel/scalars.ts";
import { compileList, compileRecord, isOptional } from "./checker.ts";
import { checkNesting } from "./nesting.ts";

/** Something the exchange said that no table knows. It is passed on as it came; this tells that it was there. */
export interface Novelty {
  /** Which kind of thing is new. */
  readonly what: "event" | "field" | "value";
  /** Where, without indices, so that equal novelties have equal names: `ORDER_TRADE_UPDATE.o.X`. */
  readonly where: string;
  /** The new event name, field name or value. */
  readonly found: string;
}

/** Is told each novelty as it is read, possibly many times the same. */
export type NoveltySink = (novelty: Novelty) => void;

/** Where in the message a codec stands: `$.a.P[0].pa` for people, `ACCOUNT_UPDATE.a.P.pa` for counting. */
export class Place {
  /** As a JSONPath, with indices. */
  readonly path: string;
  /** From the event's name, without indices. */
  readonly name: string;
  /** Who is told what is new here; nobody when absent. */
  readonly tell: NoveltySink | undefined;

  constructor(path: string, name: string, tell: NoveltySink | undefined) {
    this.path = path;
    this.name = name;
    this.tell = tell;
  }

  /** The field `key` of this place. */
  field(key: string): Place {
    return new Place(`${this.path}.${key}`, `${this.name}.${key}`, this.tell);
  }

  /** The entry `index` of this place. */
  entry(index: number): Place {
    return new Place(`${this.path}[${index}]`, this.name, this.tell);
  }
}

/** How one kind of value stands on the wire, and what it is in our API. */
export interface Codec<T> {
  /** What the type is called in errors, as a noun phrase. */
  readonly expected: string;
  /**
   * Source of a JavaScript expression over `v` that is true only when `v` is right as it stands; used to compile the
   * fast path. A codec that replaces values names the replacement in {@link Codec.assign} as well.
   */
  readonly fast: (bind: (value: unknown) => string) => string;
  /**
   * Which JSON token a right value is, for readers that go by the text itself. `digits`: an integer whose text is the
   * value. `decimal`: a string that is one. Absent: records and lists, and what is read from parsed JSON only.
   */
  readonly token?: "string" | "decimal" | "integer" | "digits" | "flag";
  /** Words that are right as they stand; any other one is to be looked at closely. Absent: no list of words says. */
  readonly words?: readonly string[];
  /** Source of the expression over `v` that a fast reader stores in the place of `v`. */
  readonly assign?: (bind: (value: unknown) => string) => string;
  /** Checks one value and returns it in our form. @throws {WireFormatError} naming the place. */
  read(value: unknown, place: Place): T;
  /** The JSON text of the value. */
  write(value: T): string;
}

/** A codec whose field may be absent. */
export interface OptionalCodec<T> extends Codec<T> {
  readonly optional: true;
}

/** What a codec reads. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** The rows of a record: wire name → codec. */
export type Rows = {
  /** One field. */
  readonly [key: string]: Codec<never> | Codec<unknown>;
};

type RequiredKeys<R> = { [K in keyof R]: R[K] extends { optional: true } ? never : K }[keyof R];

/** The object type that rows describe; doc comments at the rows show at its fields. */
export type Shape<R> = { [K in keyof R as K extends RequiredKeys<R> ? K : never]: Infer<R[K]> } & {
  [K in keyof R as K extends RequiredKeys<R> ? never : K]?: Infer<R[K]>;
};

function scalar<T>(
  expected: string,
  token: Codec<T>["token"] & string,
  fast: string,
  isRight: (value: unknown) => boolean,
): Codec<T> {
  return {
    expected,
    token,
    fast: () => fast,
    read(value, place) {
      if (!isRight(value)) throw new WireFormatError(place.path, expected, value);
      return value as T;
    },
    write: (value) => JSON.stringify(value),
  };
}

/** Any text. */
export const text: Codec<string> = {
  ...scalar<string>("a string", "string", `typeof v === "string"`, (v) => typeof v === "string"),
  write: quote,
};

const NEEDS_ESCAPE = /["\\\p{Cc}\p{Cs}]/u;

/** The JSON text of a string. The usual one needs no escapes, and finding that out is cheaper than escaping. */
function quote(value: string): string {
  return NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** `true` or `false`. */
export const flag: Codec<boolean> = scalar(
  "true or false",
  "flag",
  `typeof v === "boolean"`,
  (v) => typeof v === "boolean",
);

/** A whole number below 2^53: counts, levels, op codes. Never an id. */
export const integer: Codec<number> = scalar("an integer", "integer", "Number.isSafeInteger(v)", Number.isSafeInteger);

const FAST_TIME = "Number.isSafeInteger(v) && v >= 0";

/** A time of the matching engine. */
export const transactMs: Codec<TransactMs> = scalar("a time in milliseconds", "integer", FAST_TIME, isTime);

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The time a message was generated. Older servers print a string (*seen* in `listenKeyExpired`): both are read. */
export const eventMs: Codec<EventMs> = {
  expected: "a time in milliseconds",
  token: "integer",
  fast: () => FAST_TIME,
  read(value, place) {
    const ms = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (!isTime(ms)) throw new WireFormatError(place.path, "a time in milliseconds", value);
    return ms as EventMs;
  },
  write: String,
};

/** A decimal in a string. Its spelling is kept: padded or trimmed as it came. */
export const decimal: Codec<Decimal> = {
  expected: "a decimal string",
  token: "decimal",
  fast: (bind) => `v === "0" || (typeof v === "string" && ${bind(isDecimal)}(v))`,
  read(value, place) {
    if (typeof value !== "string" || !isDecimal(value)) {
      throw new WireFormatError(place.path, "a decimal string", value);
    }
    return value;
  },
  write: (value) => `"${value}"`,
};

/** A listenKey in a string. Shown to nobody, in errors neither. */
export const listenKey: Codec<ListenKey> = {
  expected: "a listenKey",
  token: "string",
  fast: () => `typeof v === "string"`,
  read(value, place) {
    if (typeof value !== "string") throw new WireFormatError(place.path, "a listenKey", value);
    return value as ListenKey;
  },
  write: (value) => JSON.stringify(value),
};

const ID_DIGITS_MAX = 20;

/** The digits of a whole number as JSON allows it, at most as many as 64 bits need. */
function isIdText(text: string): boolean {
  const end = text.length;
  const from = text.charCodeAt(0) === 45 ? 1 : 0;
  if (end === from || end - from > ID_DIGITS_MAX || text.charCodeAt(from) === 48) return text === "0";
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** A 64-bit id: a bare integer on the wire, a string of its digits in our API. */
export const id64: Codec<Id64> = {
  expected: "an integer id",
  token: "digits",
  // A string here is an integer beyond 2^53 that parseJson quoted, or an id that was read already.
  fast: (bind) => `Number.isSafeInteger(v) || (typeof v === "string" && ${bind(isIdText)}(v))`,
  assign: (bind) => `typeof v === "number" ? ${bind(digits)}(v) : v`,
  read(value, place) {
    if (Number.isSafeInteger(value)) return String(value) as Id64;
    if (typeof value !== "string" || !isIdText(value)) throw new WireFormatError(place.path, "an integer id", value);
    return value as Id64;
  },
  write: String,
};

const HALF = 100_000_000;

/** The digits of a safe integer. Most ids are new and beyond 32 bits, which engines print slowly: it goes by halves. */
function digits(value: number): string {
  if (value === 0) return "0";
  if (value < HALF * 10) return `${value}`;
  const high = Math.floor(value / HALF);
  return `${high}${`${value - high * HALF + HALF}`.slice(1)}`;
}

/** A 64-bit id that stands in a string on the wire too (`ai`, `M`); `""` where there is none yet. */
export const idText: Codec<Id64 | ""> = {
  expected: "an integer id in a string",
  token: "string",
  fast: (bind) => `v === "" || (typeof v === "string" && ${bind(isIdText)}(v))`,
  read(value, place) {
    if (value === "" || (typeof value === "string" && isIdText(value))) return value as Id64 | "";
    throw new WireFormatError(place.path, "an integer id in a string", value);
  },
  write: (value) => `"${value}"`,
};

/** An enumeration that Binance may extend: the known values are typed, any other string passes and is told. */
export type Open<V extends string> = V | (string & { readonly open?: never });

/** The codec of an enumeration. */
export interface OpenCodec<V extends string> extends Codec<Open<V>> {
  /** The values that are known, as documented. */
  readonly values: readonly V[];
  /** Is it one of them? */
  knows(value: unknown): value is V;
}

/** One of the listed strings, or a new one. */
export function oneOf<const V extends string>(...values: readonly V[]): OpenCodec<V> {
  const known: ReadonlySet<unknown> = new Set(values);
  return {
    values,
    words: values,
    knows: (value): value is V => known.has(value),
    expected: `a string such as ${values[0]}`,
    token: "string",
    fast: () => values.map((value) => `v === ${JSON.stringify(value)}`).join(" || "),
    read(value, place) {
      if (typeof value !== "string") throw new WireFormatError(place.path, `a string such as ${values[0]}`, value);
      if (!known.has(value)) place.tell?.({ what: "value", where: place.name, found: value });
      return value;
    },
    write: quote,
  };
}

/** Exactly this string. */
export function literal<const V extends string>(value: V): Codec<V> {
  const quoted = JSON.stringify(value);
  return { ...scalar<V>(quoted, "string", `v === ${quoted}`, (found) => found === value), words: [value] };
}

/** The field may be absent. `null` is not absence. */
export function optional<T>(codec: Codec<T>): OptionalCodec<T> {
  return { ...codec, optional: true };
}

/** The codec of an array. */
export interface ListCodec<T> extends Codec<T[]> {
  /** What its entries are. */
  readonly item: Codec<T>;
}

/** An array, in the order of the wire; may be empty. */
export function list<T>(item: Codec<T>): ListCodec<T> {
  return {
    item,
    expected: "an array",
    fast: (bind) => `${bind(compileList(item))}(v)`,
    read(value, place) {
      if (!Array.isArray(value)) throw new WireFormatError(place.path, "an array", value);
      for (let i = 0; i < value.length; i++) value[i] = item.read(value[i], place.entry(i));
      return value as T[];
    },
    write: (values) => `[${values.map((value) => item.write(value)).join(",")}]`,
  };
}

/** An object table. */
export interface RecordCodec<R extends Rows> extends Codec<Shape<R>> {
  /** The rows, in wire order: the order in which {@link Codec.write} prints them. */
  readonly rows: R;
}

/** An object with these fields, printed in this order; fields no row names are kept, told, and printed last. */
export function record<const R extends Rows>(rows: R): RecordCodec<R> {
  const entries = Object.entries(rows) as [string, Codec<unknown>][];
  return {
    rows,
    expected: "an object",
    fast: (bind) => `${bind(compileRecord(entries))}(v)`,
    read: (value, place) => readRecord(entries, rows, value, place) as Shape<R>,
    write: (value) => writeRecord(entries, rows, value as Readonly<Record<string, unknown>>),
  };
}

function readRecord(entries: [string, Codec<unknown>][], rows: Rows, value: unknown, place: Place): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireFormatError(place.path, "an object", value);
  }
  const found = value as Record<string, unknown>;
  for (const [key, codec] of entries) {
    const present = Object.hasOwn(found, key);
    if (!present && isOptional(codec)) continue;
    if (!present) throw new WireFormatError(`${place.path}.${key}`, codec.expected, undefined);
    found[key] = codec.read(found[key], place.field(key));
  }
  for (const key of Object.keys(found)) {
    if (Object.hasOwn(rows, key)) continue;
    checkNesting(found[key], `${place.path}.${key}`);
    place.tell?.({ what: "field", where: place.name, found: key });
  }
  return found;
}

function writeRecord(
  entries: [string, Codec<unknown>][],
  rows: Rows,
  value: Readonly<Record<string, unknown>>,
): string {
  let out = "";
  let unwritten = Object.keys(value).length;
  for (const [key, codec] of entries) {
    const field = value[key];
    if (field === undefined) continue;
    out += `${out === "" ? "" : ","}"${key}":${codec.write(field)}`;
    unwritten--;
  }
  if (unwritten === 0) return `{${out}}`;
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(rows, key) || value[key] === undefined) continue;
    out += `${out === "" ? "" : ","}${JSON.stringify(key)}:${JSON.stringify(value[key])}`;
  }
  return `{${out}}`;
}
