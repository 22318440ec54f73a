/**
 * JSON that keeps every integer. Binance prints 64-bit ids as bare numbers, which `JSON.parse` rounds; here integers
 * beyond 2^53 arrive as strings of their digits, and everything else exactly as `JSON.parse` would have it. Pure.
 *
 * How: such an integer has at least sixteen digits, so a window of sixteen characters slides over the text and is
 * compared from its far end; a character that is no digit moves it past that character. Where a window is full, the
 * integer is quoted before parsing. Text without one, which is most of it, costs next to nothing extra.
 */
import { WireFormatError } from "../kernel/errors.ts";

/** Characters of one text we are willing to parse. The largest answer, a full `exchangeInfo`, has 3 million. */
export const JSON_CHARS_MAX = 32_000_000;

/** 2^53 − 1: the last integer that a `number` holds together with all its neighbours. */
const SAFE_DIGITS = "9007199254740991";
const WINDOW = SAFE_DIGITS.length;

/**
 * Parses JSON. Integers beyond ±(2^53 − 1) come back as strings, digit for digit.
 * @param where the place that an error names
 * @throws {WireFormatError} when it is not JSON, or longer than {@link JSON_CHARS_MAX}
 */
export function parseJson(text: string, where = "$"): unknown {
  if (text.length > JSON_CHARS_MAX) throw tooLong(text, where);
  return parse(quoteLongIntegers(text), text, where);
}

/**
 * Parses JSON with every number left as the text it was (`0.10` → `"0.10"`), as signatures over JSON parameters need.
 * @throws {WireFormatError} as {@link parseJson}
 */
export function parseJsonNumbersAsText(text: string, where = "$"): unknown {
  if (text.length > JSON_CHARS_MAX) throw tooLong(text, where);
  // Quoting can hide a malformed number (`01`, `1.`) from the parser, so the text is judged as it came first.
  parse(text, text, where);
  return parse(
    quoteTokens(text, () => true),
    text,
    where,
  );
}

function parse(quoted: string, original: string, where: string): unknown {
  try {
    return JSON.parse(quoted);
  } catch {
    throw new WireFormatError(where, "JSON", original);
  }
}

function tooLong(text: string, where: string): WireFormatError {
  return new WireFormatError(where, `at most ${JSON_CHARS_MAX} characters`, `${text.length} characters`);
}

function quoteLongIntegers(text: string): string {
  let out = "";
  let copied = 0;
  const end = text.length;
  let last = WINDOW - 1;
  while (last < end) {
    const from = last - WINDOW + 1;
    let i = last;
    while (i >= from && isDigit(text.charCodeAt(i))) i--;
    if (i >= from) {
      last = i + WINDOW;
      continue;
    }
    // The character before the window is no digit: a window begins behind one, or at the beginning.
    let to = last + 1;
    while (to < end && isDigit(text.charCodeAt(to))) to++;
    last = to + WINDOW;
    if (!isUnsafe(text, from, to) || !endsInteger(text, to)) continue;
    const start = text.charCodeAt(from - 1) === MINUS ? from - 1 : from;
    if (!followsName(text, start)) return quoteTokens(text, isUnsafeInteger);
    out += `${text.slice(copied, start)}"${text.slice(start, to)}"`;
    copied = to;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

const MINUS = 45;
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/**
 * Does `x":` stand before it, `x` a letter or digit? Then the quote ends a string (a quote that opens one cannot follow
 * a letter in valid JSON, an escaped one follows a backslash), and what comes next stands outside of all strings.
 */
function followsName(text: string, from: number): boolean {
  if (text.charCodeAt(from - 1) !== COLON || text.charCodeAt(from - 2) !== QUOTE) return false;
  const before = text.charCodeAt(from - 3);
  return (before >= 97 && before <= 122) || (before >= 65 && before <= 90) || isDigit(before);
}

/**
 * Quotes, outside of strings, each number token that `wanted` names. Exact on any text; reads every character. A number
 * in the place of a name stays as it is: only JSON that was right before may be right afterwards.
 */
function quoteTokens(text: string, wanted: (token: string) => boolean): string {
  let out = "";
  let copied = 0;
  const end = text.length;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      for (i++; i < end && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
    } else if (code === MINUS || isDigit(code)) {
      const from = i;
      while (i + 1 < end && isNumberPart(text.charCodeAt(i + 1))) i++;
      const token = text.slice(from, i + 1);
      if (!wanted(token) || isName(text, i + 1)) continue;
      out += `${text.slice(copied, from)}"${token}"`;
      copied = i + 1;
    }
  }
  return copied === 0 ? text : out + text.slice(copied);
}

/** A whole number, as JSON allows it, beyond what a `number` holds. Fractions and exponents are left to the parser. */
function isUnsafeInteger(token: string): boolean {
  const from = token.charCodeAt(0) === MINUS ? 1 : 0;
  for (let i = from; i < token.length; i++) if (!isDigit(token.charCodeAt(i))) return false;
  return isUnsafe(token, from, token.length);
}

/** Are the digits in `[from, to)` beyond 2^53 − 1? A leading zero is not JSON and is left for the parser to refuse. */
function isUnsafe(text: string, from: number, to: number): boolean {
  if (to - from < WINDOW || text.charCodeAt(from) === 48) return false;
  return to - from > WINDOW || text.slice(from, to) > SAFE_DIGITS;
}

/** Is it a comma, a closing bracket, white space or the end? Not `.` or `e`: they make it a fraction or an exponent. */
function endsInteger(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 44 || code === 125 || code === 93 || isSpace(code) || at === text.length;
}

function isName(text: string, after: number): boolean {
  let at = after;
  while (isSpace(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === COLON;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 46 || code === MINUS || code === 43 || code === 101 || code === 69;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
