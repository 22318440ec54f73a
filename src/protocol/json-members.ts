/**
 * A JSON object taken apart by its top level, with every member's text as it was sent. For small frames whose replies
 * repeat a value digit for digit (a request's `id`) or name the place of a fault. Pure; never throws, at any depth.
 */

/** One member of an object. */
export interface JsonMember {
  /** The text of its value, without white space around it. */
  readonly text: string;
  /** Characters of the frame up to and with the last of the value. */
  readonly end: number;
}

/** What a text is, at its top level. */
export type JsonTop =
  | {
      readonly outcome: "object";
      /** By name, in order; of a name that comes twice, the last. */
      readonly members: ReadonlyMap<string, JsonMember>;
      /** Characters of the text up to and with the closing brace. */
      readonly end: number;
    }
  /** Any other JSON value; `end` as above. */
  | { readonly outcome: "other"; readonly end: number }
  /**
   * Not JSON. `at` counts the characters before the one that cannot stand there; all of them: the text ends too soon.
   */
  | { readonly outcome: "fault"; readonly at: number };

/** A bracket, comma or colon; a string; a number; a word; or the end of the text. */
const TOKEN = new RegExp(
  [
    /[{}[\],:]/,
    /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[ !#-[\]-\uffff]*)*"/,
    /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/,
    /true|false|null|$/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);
const SPACE = /[ \t\n\r]*/y;

/** What may stand next: tokens by their first character, `v` for numbers and words, `$` for the end of the text. */
const VALUE = '{["v';
const FIRST_VALUE = '{["v]';
const NAME = '"';
const FIRST_NAME = '"}';
const AFTER_NAME = ":";
const AFTER_VALUE = { "{": ",}", "[": ",]", "": "$" } as const;

/** Takes one JSON text apart. */
export function readTopLevel(text: string): JsonTop {
  const members = new Map<string, JsonMember>();
  const open: ("{" | "[")[] = [];
  let allowed = VALUE;
  let top = "";
  let name = "";
  let valueFrom = 0;
  let at = 0;
  let end = 0;
  for (;;) {
    const start = endOfMatch(SPACE, text, at);
    TOKEN.lastIndex = start;
    const token = TOKEN.exec(text)?.[0];
    const kind = kindOf(token);
    if (token === undefined || !allowed.includes(kind)) return { outcome: "fault", at: start };
    if (kind === "$") return top === "{" ? { outcome: "object", members, end } : { outcome: "other", end };
    at = start + token.length;
    if (allowed === VALUE && open.length === 1) valueFrom = start;
    if (open.length === 0) top = kind;

    if (kind === "{" || kind === "[") {
      open.push(kind);
      allowed = kind === "{" ? FIRST_NAME : FIRST_VALUE;
    } else if (kind === ":") {
      allowed = VALUE;
    } else if (kind === ",") {
      allowed = open.at(-1) === "{" ? NAME : VALUE;
    } else if (kind === '"' && (allowed === NAME || allowed === FIRST_NAME)) {
      if (open.length === 1) name = JSON.parse(token);
      allowed = AFTER_NAME;
    } else {
      if (kind === "}" || kind === "]") open.pop();
      allowed = AFTER_VALUE[open.at(-1) ?? ""];
      if (open.length === 0) end = at;
      if (open.length === 1 && top === "{") members.set(name, { text: text.slice(valueFrom, at), end: at });
    }
  }
}

function endOfMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}

function kindOf(token: string | undefined): string {
  if (token === undefined) return "";
  if (token === "") return "$";
  return /^[-\dtfn]/.test(token) ? "v" : token.charAt(0);
}
