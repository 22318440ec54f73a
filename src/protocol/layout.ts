/**
 * Readers of one layout. Pure.
 *
 * The exchange writes the events of one type in a few layouts: the same names in the same order, without white space. A
 * reader made for one goes through the text once: what stands between the values it compares, the values it takes as
 * they are. No text is parsed twice, and no id is ever a number. Whatever is otherwise (another layout, an escape, a
 * value that no table knows) it leaves to the parser: what it does read is what the parser and the table would give.
 */
import type { Codec } from "./codec.ts";
import { type Bindings, bindings, makeOr } from "./made-code.ts";

/** Reads a text of its layout; `undefined`: it is none, or is to be looked at closely. */
export type LayoutReader = (text: string) => unknown;

type AnyCodec = Codec<unknown> & {
  readonly rows?: Readonly<Record<string, AnyCodec>>;
  readonly item?: AnyCodec;
};

/**
 * Makes the reader of a message's layout.
 * @param sample the message, read by `codec`
 * @returns `undefined` when it holds what only the parser reads, or where code may not be made from text
 */
export function layoutReader(codec: Codec<unknown>, sample: unknown): LayoutReader | undefined {
  const source = new LayoutSource();
  if (!source.add(codec, sample)) return undefined;
  return source.make();
}

/** Puts together the source of a reader: values one after another, and the text between them. */
class LayoutSource {
  readonly #bindings: Bindings = bindings();
  readonly #functions: string[] = [];
  #steps: string[] = [];
  /** What has to stand where the reader is, and was not compared yet. */
  #between = "";
  /** The expression of the value that was added last. */
  #value = "";
  #count = 0;

  /** Adds a value of this codec, as the sample has it. Returns whether it could. */
  add(codec: AnyCodec, sample: unknown): boolean {
    if (codec.rows !== undefined) return this.#addRecord(codec.rows, sample as Readonly<Record<string, unknown>>);
    if (codec.item !== undefined) return this.#addList(codec.item, sample as readonly unknown[]);
    if (codec.token === undefined) return false;
    this.#addToken(codec, codec.token);
    return true;
  }

  /** The reader. What it has read up to is in `at`, which its parts share. */
  make(): LayoutReader | undefined {
    this.#compare();
    const { names, values } = this.#bindings;
    const source = `let at = 0;
      ${TOKENS}
      ${this.#functions.join("\n")}
      return function (s) {
        let p = 0, v;
        ${this.#steps.join("\n")}
        return p === s.length ? ${this.#value} : undefined;
      };`;
    return makeOr<LayoutReader | undefined>(undefined, names, values, source);
  }

  #addRecord(rows: Readonly<Record<string, AnyCodec>>, sample: Readonly<Record<string, unknown>>): boolean {
    const fields: string[] = [];
    for (const key of Object.keys(sample)) {
      const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
      this.#between += `${fields.length === 0 ? "{" : ","}${JSON.stringify(key)}:`;
      if (row === undefined || !this.add(row, sample[key])) return false;
      fields.push(`${JSON.stringify(key)}: ${this.#value}`);
    }
    this.#between += fields.length === 0 ? "{}" : "}";
    this.#value = `{ ${fields.join(", ")} }`;
    return true;
  }

  /** All entries have the layout of the first one. */
  #addList(item: AnyCodec, [first]: readonly unknown[]): boolean {
    if (first === undefined) {
      this.#between += "[]";
      this.#value = "[]";
      return true;
    }
    this.#between += "[";
    this.#compare();
    const steps = this.#steps;
    this.#steps = [];
    if (!this.add(item, first)) return false;
    this.#compare();
    const read = `read${this.#functions.length}`;
    this.#functions.push(`function ${read}(s) {
      let p = at, v;
      ${this.#steps.join("\n")}
      at = p;
      return ${this.#value};
    }`);
    this.#steps = steps;
    const list = this.#name();
    this.#steps.push(`const ${list} = [];
      for (at = p; ; at++) {
        v = ${read}(s);
        if (v === undefined) return undefined;
        ${list}.push(v);
        if (s.charCodeAt(at) !== ${COMMA}) break;
      }
      p = at;`);
    this.#between = "]";
    this.#value = list;
    return true;
  }

  #addToken(codec: AnyCodec, token: AnyCodec["token"] & string): void {
    const isQuoted = token === "string" || token === "decimal";
    if (isQuoted) this.#between += '"';
    this.#compare();
    this.#steps.push(`v = ${token}(s, p); if (v === undefined) return undefined; p = at;`);
    if (isQuoted) this.#between = '"';
    // Decimals, digits and flags are right as soon as they are tokens.
    if (token === "string" || token === "integer")
      this.#steps.push(`if (!(${codec.fast(this.#bindings.bind)})) return undefined;`);
    const name = this.#name();
    this.#steps.push(`const ${name} = v;`);
    this.#value = name;
  }

  #compare(): void {
    const { length } = this.#between;
    if (length === 0) return;
    const differs = [...this.#between].map((char, i) => `s.charCodeAt(p + ${i}) !== ${char.charCodeAt(0)}`);
    this.#steps.push(`if (${differs.join(" || ")}) return undefined; p += ${length};`);
    this.#between = "";
  }

  #name(): string {
    return `v${this.#count++}`;
  }
}

const COMMA = 44;

/**
 * One function for each token: takes it from `p` on, leaves the place after it in `at`. A string ends before its
 * closing quote; of short ones the last are remembered, since most are words that come over and over: they are neither
 * cut nor kept again. An integer of more than 15 digits and −0 are left to the parser.
 */
const TOKENS = `
  const words = new Array(256).fill("");
  function string(s, p) {
    let hash = 0;
    for (let end = p; ; end++) {
      const c = s.charCodeAt(end);
      if (c === 34) { at = end; return end - p > 12 ? s.slice(p, end) : word(s, p, end, hash & 255); }
      if (!(c >= 32) || c === 92) return undefined;
      hash = (hash * 31 + c) | 0;
    }
  }
  function word(s, p, end, place) {
    const known = words[place];
    let i = end - p;
    if (known.length === i) {
      do i--; while (i >= 0 && known.charCodeAt(i) === s.charCodeAt(p + i));
      if (i < 0) return known;
    }
    return words[place] = s.slice(p, end);
  }
  function decimal(s, p) {
    let end = s.charCodeAt(p) === 45 ? p + 1 : p;
    let c = s.charCodeAt(end);
    if (!(c >= 48 && c <= 57)) return undefined;
    while (c >= 48 && c <= 57) c = s.charCodeAt(++end);
    if (c === 46) {
      const point = end;
      do c = s.charCodeAt(++end); while (c >= 48 && c <= 57);
      if (end === point + 1) return undefined;
    }
    if (c !== 34) return undefined;
    at = end;
    return s.slice(p, end);
  }
  function digitsEnd(s, p, most) {
    let end = p;
    let c = s.charCodeAt(end);
    if (c === 48) return end + 1;
    while (c >= 48 && c <= 57) c = s.charCodeAt(++end);
    return end > p && end - p <= most ? end : -1;
  }
  function digits(s, p) {
    const isNegative = s.charCodeAt(p) === 45;
    const end = digitsEnd(s, isNegative ? p + 1 : p, 20);
    if (end === -1 || (isNegative && s.charCodeAt(p + 1) === 48)) return undefined;
    at = end;
    return s.slice(p, end);
  }
  function integer(s, p) {
    const isNegative = s.charCodeAt(p) === 45;
    if (isNegative) p++;
    const end = digitsEnd(s, p, 15);
    if (end === -1 || (isNegative && s.charCodeAt(p) === 48)) return undefined;
    let value = 0;
    for (let i = p; i < end; i++) value = value * 10 + (s.charCodeAt(i) - 48);
    at = end;
    return isNegative ? -value : value;
  }
  function flag(s, p) {
    if (s.startsWith("true", p)) { at = p + 4; return true; }
    if (s.startsWith("false", p)) { at = p + 5; return false; }
    return undefined;
  }`;
