/** What the pages of the reference are made of: names that can be linked, types as text, and doc comments. */
import { posix } from "node:path";
import ts from "typescript-6";

/** One door, and its page. */
export interface Door {
  /** What users import. */
  readonly door: string;
  readonly path: string;
  /** The text it was built from. */
  readonly text: string;
  readonly source: ts.SourceFile | undefined;
}

/** One name that a door exports: a class, a function, a constant, a type; or a table and the type of its name. */
export interface Name {
  readonly name: string;
  readonly symbol: ts.Symbol;
  /** Can it only be used as a type? Then nobody makes one. */
  readonly isTypeOnly: boolean;
}

const TEXT_FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** Shorter object types are shown where they stand, whatever they are called. */
const NAMED_CHARS_MIN = 60;

/** Everything that is exported, and where it is explained. */
export class Names {
  readonly checker: ts.TypeChecker;
  readonly #pages = new Map<string, ReadonlyMap<string, Name>>();
  /** The text of an exported object type → its name. */
  readonly #shapes = new Map<string, string>();
  #sorted: readonly (readonly [shape: string, name: string])[] | undefined;

  constructor(checker: ts.TypeChecker, doors: readonly Door[]) {
    this.checker = checker;
    for (const { path, source } of doors) this.#pages.set(path, this.#exportsOf(source));
    for (const names of this.#pages.values()) for (const name of names.values()) this.#note(name);
  }

  /** What a page explains, by name. */
  on(path: string): readonly Name[] {
    return [...(this.#pages.get(path)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A page explains these as well, which no door exports. */
  explain(path: string, more: readonly Name[]): void {
    const names = this.#pages.get(path) ?? [];
    this.#pages.set(path, new Map([...names, ...more.map((one) => [one.name, one] as const)]));
  }

  /** Is it explained anywhere? */
  has(name: string): boolean {
    return [...this.#pages.values()].some((names) => names.has(name));
  }

  /** Where a name is explained, as a link's target; `undefined` when it is not. */
  target(name: string, from: string): string | undefined {
    const own = this.#pages.get(from);
    if (own?.has(name) === true) return anchorOf(name, own);
    for (const [path, names] of this.#pages) {
      if (names.has(name)) return `${posix.relative(posix.dirname(from), path)}${anchorOf(name, names)}`;
    }
    return undefined;
  }

  /** A type in words: exported object types by their names. */
  textOf(type: ts.Type): string {
    const text = withoutImports(this.checker.typeToString(type, undefined, TEXT_FLAGS));
    let named = text;
    // The longest first: a shape may stand in another one.
    for (const [shape, name] of this.#byLength()) named = named.replaceAll(shape, name);
    return named;
  }

  #byLength(): readonly (readonly [shape: string, name: string])[] {
    this.#sorted ??= [...this.#shapes].sort(([a], [b]) => b.length - a.length);
    return this.#sorted;
  }

  #exportsOf(source: ts.SourceFile | undefined): ReadonlyMap<string, Name> {
    const file = source === undefined ? undefined : this.checker.getSymbolAtLocation(source);
    if (file === undefined) throw new Error("a door has no declarations: npm run build");
    return new Map(
      this.checker.getExportsOfModule(file).map((symbol) => {
        const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
        const isTypeOnly = symbol.declarations?.some((one) => ts.isExportSpecifier(one) && isTypeExport(one)) === true;
        const target = isAlias ? this.checker.getAliasedSymbol(symbol) : symbol;
        return [symbol.name, { name: symbol.name, symbol: target, isTypeOnly }];
      }),
    );
  }

  /** Types made of tables have no name where they are used: they are known by their text. */
  #note({ name, symbol }: Name): void {
    if ((symbol.flags & ts.SymbolFlags.TypeAlias) === 0) return;
    const { checker } = this;
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const text = withoutImports(checker.typeToString(type, undefined, TEXT_FLAGS));
    if (isShapeText(text) && text.length >= NAMED_CHARS_MIN) this.#shapes.set(text, name);
  }
}

function isTypeExport(specifier: ts.ExportSpecifier): boolean {
  return specifier.isTypeOnly || specifier.parent.parent.isTypeOnly;
}

/** Is it a shape without a name? Those of tables are called by what they are made with. */
export function isShapeText(text: string): boolean {
  return /^(?:readonly )?(?:\{|Shape<)/.test(text);
}

/** As GitHub makes it of a heading: in small letters. Of `Timing` and `TIMING` the constant stands later. */
function anchorOf(name: string, page: ReadonlyMap<string, Name>): string {
  const anchor = `#${name.toLowerCase()}`;
  const isTaken = [...page.keys()].some((other) => other !== name && `#${other.toLowerCase()}` === anchor);
  return isTaken && name === name.toUpperCase() ? `${anchor}-1` : anchor;
}

/** `import("../codec.ts").Codec` → `Codec` */
export function withoutImports(text: string): string {
  return text.replace(/(?:typeof )?import\("[^"]+"\)\./g, "");
}

/** Code in which every name that is explained is a link. Fit for a cell of a table. */
export function linked(code: string, names: Names, from: string): string {
  const pieces = oneLine(code).split(/([A-Za-z_$][\w$]*)/);
  let text = "";
  let plain = "";
  const flush = () => {
    if (plain.trim() !== "") text += `\`${plain.trim()}\` `;
    plain = "";
  };
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1]?.at(-1);
    const target = index % 2 === 1 && before !== '"' && before !== "." ? names.target(piece, from) : undefined;
    if (target === undefined) plain += piece;
    else {
      flush();
      text += `[\`${piece}\`](${target}) `;
    }
  }
  flush();
  return text.trim().replaceAll("|", "\\|");
}

/** Line breaks and indentation are for declarations, not for sentences. */
export function oneLine(text: string): string {
  return text
    .replace(/\/\*\*?[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** What a doc comment says. */
export interface Doc {
  /** As it stands, links made. Empty when there is none. */
  readonly text: string;
  readonly params: readonly { readonly name: string; readonly text: string }[];
  readonly throws: readonly { readonly what: string; readonly text: string }[];
  readonly returns: string;
  readonly defaultValue: string;
  readonly examples: readonly string[];
}

/** The doc comment of one of the declarations: the first that has one. */
export function docOf(declarations: readonly ts.Declaration[], names: Names, from: string): Doc {
  const jsDocs = declarations.flatMap((one) => ts.getJSDocCommentsAndTags(one)).filter((one) => ts.isJSDoc(one));
  // The nearest stands last; what stands before it is the header of a file.
  const jsDoc = jsDocs.at(-1);
  const words = (comment: ts.JSDoc["comment"]) => proseOf(ts.getTextOfJSDocComment(comment) ?? "", names, from);
  const tags: readonly ts.JSDocTag[] = jsDoc?.tags ?? [];
  const textsOf = (name: string) => tags.filter(({ tagName }) => tagName.text === name).map(({ comment }) => comment);
  return {
    text: words(jsDoc?.comment),
    params: tags
      .filter((tag) => ts.isJSDocParameterTag(tag))
      .map((tag) => ({ name: tag.name.getText(), text: words(tag.comment) })),
    throws: tags
      .filter((tag) => ts.isJSDocThrowsTag(tag))
      .map((tag) => ({ what: tag.typeExpression?.type.getText() ?? "", text: words(tag.comment) })),
    returns: textsOf("returns").map(words).join(" "),
    defaultValue: textsOf("default").map(words).join(" "),
    examples: textsOf("example").map((comment) => codeOf(ts.getTextOfJSDocComment(comment) ?? "")),
  };
}

/** `{@link AccountStream.account}` → a link, where there is something to lead to. */
export function proseOf(text: string, names: Names, from: string): string {
  return text.replace(/\{@link ([\w$]+)([^}]*)\}/g, (_, name: string, rest: string) => {
    const shown = `\`${name}${rest.trim()}\``;
    const target = names.target(name, from);
    return target === undefined ? shown : `[${shown}](${target})`;
  });
}

/** An example's code: with or without a fence in its comment. */
function codeOf(text: string): string {
  return /```\w*\n([\s\S]*?)\n?```/.exec(text)?.[1] ?? text.trim();
}

/** For a cell of a table: one line, bars escaped. */
export function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}
