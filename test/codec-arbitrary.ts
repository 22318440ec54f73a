/** Arbitrary values of any table, made from the table itself: whatever is added to a table is tested without a word. */
import fc from "fast-check";
import * as codecs from "../src/protocol/codec.ts";

type AnyCodec = codecs.Codec<unknown> & {
  readonly rows?: Readonly<Record<string, AnyCodec>>;
  readonly item?: AnyCodec;
  readonly values?: readonly string[];
  readonly optional?: true;
};

/** A decimal as a wire may spell it, padded and unpadded. */
const decimals = fc
  .tuple(fc.boolean(), fc.bigInt(0n, 10n ** 20n), fc.option(fc.stringMatching(/^\d{1,12}$/), { nil: undefined }))
  .map(([isNegative, whole, fraction]) => {
    return `${isNegative ? "-" : ""}${whole}${fraction === undefined ? "" : `.${fraction}`}`;
  });

const ids = fc.oneof(
  fc.nat().map(String),
  fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n).map(String),
  fc.bigInt(2n ** 53n - 20n, 2n ** 53n + 20n).map(String),
);

const times = fc.nat(Number.MAX_SAFE_INTEGER);

/** Any text: beyond ASCII, with what JSON escapes, and with halves of surrogate pairs. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom('"', "\\", "\n", "\u2028", "\ud800", "\udc00", "a", "é", '":1'), { maxLength: 6 })
    .map((parts) => {
      return parts.join("");
    }),
);

/** By how a codec reads: what is made optional keeps that, while it is another object. */
const SCALARS = new Map<unknown, fc.Arbitrary<unknown>>([
  [codecs.text.read, texts],
  [codecs.flag.read, fc.boolean()],
  [codecs.integer.read, fc.maxSafeInteger().map((value) => value + 0)],
  [codecs.transactMs.read, times],
  [codecs.eventMs.read, times],
  [codecs.decimal.read, decimals],
  [codecs.listenKey.read, texts],
  [codecs.id64.read, ids],
  [codecs.idText.read, fc.oneof(fc.constant(""), ids)],
]);

/** Values as they stand in our API, with optional fields there or not. */
export function valuesOf(codec: codecs.Codec<never> | codecs.Codec<unknown>): fc.Arbitrary<unknown> {
  const { rows, item, values, expected, read } = codec as AnyCodec;
  if (rows !== undefined) {
    const required = Object.keys(rows).filter((key) => rows[key]?.optional !== true);
    const fields = Object.entries(rows).map(([key, row]) => [key, valuesOf(row)]);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required as never[], noNullPrototype: true });
  }
  if (item !== undefined) return fc.array(valuesOf(item), { maxLength: 4 });
  if (values !== undefined) return fc.oneof({ arbitrary: fc.constantFrom(...values), weight: 4 }, texts);
  const scalar = SCALARS.get(read);
  if (scalar !== undefined) return scalar;
  // What is left are literals: their name is their JSON text.
  return fc.constant(JSON.parse(expected));
}

/** The rows of a table and of the tables in it, as paths: `o.X`, `a.P[].pa`. */
export function rowPaths(codec: codecs.Codec<never> | codecs.Codec<unknown>, at = ""): string[] {
  const { rows, item } = codec as AnyCodec;
  if (item !== undefined) return rowPaths(item, `${at}[]`);
  if (rows === undefined) return [];
  return Object.entries(rows).flatMap(([key, row]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return [path, ...rowPaths(row, path)];
  });
}

/** The same paths of a parsed message. */
export function fieldPaths(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => fieldPaths(entry, `${at}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return [path, ...fieldPaths(field, path)];
  });
}
