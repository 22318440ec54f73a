/**
 * Readers of one layout. Pure.
 *
 * The exchange writes the events of one type in a few layouts: the same names in the same order, without white space. A
 * reader made for one goes through the frame once: what stands between the values it compares, the values it takes as
 * they are. No text is parsed twice, and no id is ever a number. Whatever is otherwise (another layout, an escape, a
 * letter beyond ASCII, a value that no table knows) it leaves to the parser: what it does read is what the parser and
 * the table would give.
 *
 * It looks at bytes, since looking at a letter of a text costs an engine several times as much: a text may be kept in
 * many ways, a block of bytes in one. What it keeps it cuts from the text, where all that was ASCII stands at the same
 * places.
 */
import type { Codec } from "./codec.ts";
import { type Bindings, bindings, makeOr } from "./made-code.ts";

/**
 * Reads a text of its layout; `undefined`: it is none, or is to be looked at closely.
 * @param bytes the text in UTF-8; what stands behind it does not matter
 */
export type LayoutReader = (text: string, bytes: Uint8Array) => unknown;

type AnyCodec = Codec<unknown> & {
  readonly rows?: Readonly<Record<string, AnyCodec>>;
  readonly item?: AnyCodec;
};

/** Characters of a text for which {@link bytesOf} has a block: those of most frames. */
const BLOCK_CHARS = 16_384;

const block = new Uint8Array(BLOCK_CHARS);

/**
 * Bytes for a reader of a text that came without; the next call writes over them. A letter beyond ASCII is a 0 there,
 * which no reader takes.
 */
export function bytesOf(text: string): Uint8Array {
  const { length } = text;
  const bytes = length > BLOCK_CHARS ? new Uint8Array(length) : block;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < ASCII_END ? code : 0;
  }
  return bytes;
}

const ASCII_END = 128;

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
      return function (s, b) {
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
    this.#functions.push(`function ${read}(s, b) {
      let p = at, v;
      ${this.#steps.join("\n")}
      at = p;
      return ${this.#value};
    }`);
    this.#steps = steps;
    const list = this.#name();
    this.#steps.push(`const ${list} = [];
      for (at = p; ; at++) {
        v = ${read}(s, b);
        if (v === undefined) return undefined;
        ${list}.push(v);
        if (b[at] !== ${COMMA}) break;
      }
      p = at;`);
    this.#between = "]";
    this.#value = list;
    return true;
  }

  #addToken(codec: AnyCodec, token: AnyCodec["token"] & string): void {
    const words = codec.words?.every(isPlain) ? codec.words : undefined;
    const [word] = words ?? [];
    if (word !== undefined && words?.length === 1) {
      this.#value = JSON.stringify(word);
      this.#between += this.#value;
      return;
    }
    const isQuoted = token === "string" || token === "decimal";
    if (isQuoted) this.#between += '"';
    this.#compare();
    const take = words === undefined ? `${token}(s, b, p)` : `${this.#choice(words)}(b, p)`;
    this.#steps.push(`v = ${take}; if (v === undefined) return undefined; p = at;`);
    if (isQuoted) this.#between = '"';
    // Decimals, digits, flags and words are right as soon as they are tokens.
    if (words === undefined && (token === "string" || token === "integer"))
      this.#steps.push(`if (!(${codec.fast(this.#bindings.bind)})) return undefined;`);
    const name = this.#name();
    this.#steps.push(`const ${name} = v;`);
    this.#value = name;
  }

  /** The name of a function that takes one of these words: the very one, so that nothing is cut. */
  #choice(words: readonly string[]): string {
    const cases = words.map((word) => {
      const [first, ...others] = codesOf(`${word}"`);
      const same = others.map((code, i) => `b[p + ${i + 1}] === ${code}`);
      const isIt = [`c === ${first}`, ...same].join(" && ");
      return `if (${isIt}) { at = p + ${word.length}; return ${JSON.stringify(word)}; }`;
    });
    const choice = `choose${this.#functions.length}`;
    this.#functions.push(`function ${choice}(b, p) { const c = b[p]; ${cases.join("\n")} }`);
    return choice;
  }

  #compare(): void {
    const { length } = this.#between;
    if (length === 0) return;
    const differs = codesOf(this.#between).map((code, i) => `b[p + ${i}] !== ${code}`);
    this.#steps.push(`if (${differs.join(" || ")}) return undefined; p += ${length};`);
    this.#between = "";
  }

  #name(): string {
    return `v${this.#count++}`;
  }
}

const COMMA = 44;

function codesOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

/** Does it stand in JSON as it is? */
function isPlain(word: string): boolean {
  return /^[ !#-[\]-~]*$/.test(word);
}

/**
 * One function for each token: takes it from `p` on, leaves the place after it in `at`. A string ends before its
 * closing quote; of short ones the last are remembered, since most are words that come over and over: they are neither
 * cut nor kept again. An integer of more than 15 digits and −0 are left to the parser.
 */
const TOKENS = `
  const words = new Array(256).fill("");
  function string(s, b, p) {
    let hash = 0;
    for (let end = p; ; end++) {
      const c = b[end];
      if (c === 34) { at = end; return end - p > 12 ? s.slice(p, end) : word(s, b, p, end, hash & 255); }
      if (!(c >= 32 && c < 128) || c === 92) return undefined;
      hash = (hash * 31 + c) | 0;
    }
  }
  function word(s, b, p, end, place) {
    const known = words[place];
    let i = end - p;
    if (known.length === i) {
      do i--; while (i >= 0 && known.charCodeAt(i) === b[p + i]);
      if (i < 0) return known;
    }
    return words[place] = s.slice(p, end);
  }
  function decimal(s, b, p) {
    let end = b[p] === 45 ? p + 1 : p;
    let c = b[end];
    if (c === 48 && b[p + 1] === 34) { at = p + 1; return "0"; }
    if (!(c >= 48 && c <= 57)) return undefined;
    while (c >= 48 && c <= 57) c = b[++end];
    if (c === 46) {
      const point = end;
      do c = b[++end]; while (c >= 48 && c <= 57);
      if (end === point + 1) return undefined;
    }
    if (c !== 34) return undefined;
    at = end;
    return s.slice(p, end);
  }
  function digits(s, b, p) {
    const from = b[p] === 45 ? p + 1 : p;
    let end = from;
    let c = b[end];
    if (c === 48) end++;
    else while (c >= 48 && c <= 57) c = b[++end];
    if (end === from || end - from > 20 || (c === 48 && from > p)) return undefined;
    at = end;
    return s.slice(p, end);
  }
  function integer(s, b, p) {
    const from = b[p] === 45 ? p + 1 : p;
    let end = from;
    let c = b[end];
    let value = 0;
    if (c === 48) end++;
    else while (c >= 48 && c <= 57) { value = value * 10 + (c - 48); c = b[++end]; }
    if (end === from || end - from > 15 || (c === 48 && from > p)) return undefined;
    at = end;
    return from > p ? -value : value;
  }
  function flag(s, b, p) {
    if (b[p] === 116 && b[p + 1] === 114 && b[p + 2] === 117 && b[p + 3] === 101) { at = p + 4; return true; }
    if (b[p] === 102 && s.startsWith("false", p)) { at = p + 5; return false; }
    return undefined;
  }`;
