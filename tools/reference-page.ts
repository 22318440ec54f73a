/** One page of the reference: what a door exports, name by name. */
import ts from "typescript-6";
import {
  cell,
  type Doc,
  type Door,
  docOf,
  isShapeText,
  linked,
  type Name,
  type Names,
  oneLine,
  proseOf,
  withoutImports,
} from "./reference-text.ts";

/** A shape with more is a list of things that are told elsewhere: of all calls, for instance. */
const SHAPE_FIELDS_MAX = 40;

/** Longer signatures keep their lines. */
const LINE_CHARS_MAX = 120;

/** Longer lists of members are told by their names alone. */
const VALUE_CHARS_MAX = 160;

/** Sections, in their order, and what stands in them. */
const SECTIONS: readonly (readonly [title: string, flag: ts.SymbolFlags])[] = [
  ["Classes", ts.SymbolFlags.Class],
  ["Functions", ts.SymbolFlags.Function],
  ["Types", ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias],
  ["Constants", ts.SymbolFlags.Variable],
];

/** What is needed to write about a name. */
interface Page {
  readonly names: Names;
  readonly path: string;
}

/** The page of a door. */
export function doorPage(names: Names, { door, path, text }: Door): string {
  const page = { names, path };
  const sections = SECTIONS.map(([title, flag], index) => {
    const earlier = SECTIONS.slice(0, index).reduce((sum, [, one]) => sum | one, 0);
    const those = names.on(path).filter(({ symbol: { flags } }) => (flags & flag) !== 0 && (flags & earlier) === 0);
    return { title, those };
  }).filter(({ those }) => those.length > 0);
  const unnamed = [...shapesBehind(page, names.on(path))];
  names.explain(path, unnamed);
  const contents = sections.flatMap(({ title, those }) => [
    `**${title}:** ${those.map(({ name }) => `[${name}](${names.target(name, path)})`).join(" · ")}`,
    "",
  ]);
  const told = sections.flatMap(({ title, those }) => [`## ${title}`, "", ...those.flatMap((one) => about(page, one))]);
  const more = unnamed.flatMap((one) => about(page, one));
  return [
    `# \`${door}\``,
    "",
    ...headerOf(text, page),
    "",
    "Made from the declarations by `npm run reference`. Where to begin: [getting-started.md](../getting-started.md).",
    "",
    ...contents,
    ...told,
    ...(more.length === 0 ? [] : ["## Shapes without a name of their own", "", ...UNNAMED, "", ...more]),
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()
    .concat("\n");
}

const UNNAMED = ["They stand in the types above, and are not exported by name."];

/** What the file says of itself. */
function headerOf(source: string, { names, path }: Page): string[] {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? "";
  const [text = "", example] = comment.replace(/^\s*\* ?/gm, "").split("@example\n");
  const code = example === undefined ? [] : ["", "```js", example.trim(), "```"];
  return [proseOf(text.trim(), names, path), ...code];
}

/** Everything about one name. */
function about(page: Page, { name, symbol, isTypeOnly }: Name): string[] {
  const declarations = symbol.declarations ?? [];
  const doc = docOf(declarations, page.names, page.path);
  const [first] = declarations;
  const body = declarations.some((one) => ts.isClassDeclaration(one))
    ? classLines(
        page,
        declarations.find((one) => ts.isClassDeclaration(one)),
        isTypeOnly,
      )
    : first !== undefined && ts.isFunctionDeclaration(first)
      ? functionLines(page, declarations)
      : [...typeLines(page, name, symbol), ...valueLines(page, name, symbol)];
  return [`### ${name}`, "", doc.text, "", ...examples(doc), ...body, ""];
}

function examples({ examples: codes }: Doc): string[] {
  return codes.flatMap((code) => ["```ts", code, "```", ""]);
}

function classLines(page: Page, declaration: ts.ClassDeclaration | undefined, isTypeOnly: boolean): string[] {
  if (declaration === undefined) return [];
  const heritage = (declaration.heritageClauses ?? []).map((clause) => linked(clause.getText(), page.names, page.path));
  const members = declaration.members.filter((member) => !isPrivate(member));
  const fields = members.filter((member) => ts.isPropertyDeclaration(member) || ts.isGetAccessor(member));
  const rows = fields.map((field) => {
    const value = ts.isPropertyDeclaration(field) ? field.initializer : undefined;
    const type = withoutImports((field.type ?? value)?.getText() ?? "");
    return row(page, field.name.getText(), type, docOf([field], page.names, page.path));
  });
  const constructors = isTypeOnly ? [] : members.filter((member) => ts.isConstructorDeclaration(member));
  const calls = [...constructors, ...members.filter((member) => ts.isMethodDeclaration(member))];
  const className = declaration.name?.text ?? "";
  return [
    ...heritage.map((text) => `${text}\n`),
    ...(rows.length === 0 ? [] : [...HEAD, ...rows, ""]),
    ...calls.flatMap((call) => callLines(page, call, signatureOf(call, className))),
  ];
}

function signatureOf(call: ts.ConstructorDeclaration | ts.MethodDeclaration, className: string): string {
  const text = withoutImports(call.getText()).replace(/;$/, "");
  return ts.isConstructorDeclaration(call) ? text.replace(/^constructor/, `new ${className}`) : text;
}

function isPrivate(member: ts.ClassElement): boolean {
  const flags = ts.getCombinedModifierFlags(member);
  if ((flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0) return true;
  return member.name !== undefined && ts.isPrivateIdentifier(member.name);
}

function functionLines(page: Page, declarations: readonly ts.Declaration[]): string[] {
  return declarations
    .filter((one) => ts.isFunctionDeclaration(one))
    .flatMap((one) => {
      const signature = withoutImports(one.getText())
        .replace(/^export (?:declare )?function /, "")
        .replace(/;$/, "");
      return callLines(page, one, signature, false);
    });
}

/** A call: its signature, what it does, what it takes and throws. */
function callLines(page: Page, call: ts.Declaration, signature: string, hasText = true): string[] {
  const doc = docOf([call], page.names, page.path);
  return [
    "```ts",
    laidOut(signature),
    "```",
    "",
    ...(hasText && doc.text !== "" ? [doc.text, ""] : []),
    ...doc.params.map(({ name, text }) => `- \`${name}\`: ${oneLine(text)}`),
    ...(doc.returns === "" ? [] : [`- returns ${oneLine(doc.returns)}`]),
    ...doc.throws.map(({ what, text }) => `- throws ${linked(what, page.names, page.path)} ${oneLine(text)}`),
    "",
    ...(hasText ? examples(doc) : []),
  ];
}

const HEAD = ["| | type | |", "| --- | --- | --- |"];

function row({ names, path }: Page, name: string, type: string, { text, defaultValue }: Doc): string {
  const says = defaultValue === "" ? text : `${text} Absent: ${defaultValue}.`;
  return `| \`${name}\` | ${linked(type, names, path)} | ${cell(says)} |`;
}

/** An interface, or a type: a table of its fields when it has some, else its declaration. */
function typeLines(page: Page, name: string, symbol: ts.Symbol): string[] {
  const { names, path } = page;
  const declaration = symbol.declarations?.find(
    (one) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one),
  );
  if (declaration === undefined) return [];
  const type = names.checker.getDeclaredTypeOfSymbol(symbol);
  const parameters = (declaration.typeParameters ?? []).map((one) => withoutImports(one.getText()));
  const head = parameters.length === 0 ? [] : [`\`${name}<${parameters.join(", ")}>\``, ""];
  const fields = isTable(type) ? names.checker.getPropertiesOfType(type).filter(isOurs) : [];
  if (fields.length === 0) return ["```ts", declared(page, name, declaration, type), "```"];
  const rows = fields.flatMap((field) => fieldRows(page, field, declaration, ""));
  const index = names.checker.getIndexInfosOfType(type).map(({ keyType, type: value }) => {
    return `| \`[${names.textOf(keyType)}]\` | ${linked(names.textOf(value), names, path)} | |`;
  });
  return [...head, ...HEAD, ...rows, ...index];
}

/** As it is written; a list of words is told word by word, however it is made. */
function declared({ names }: Page, name: string, declaration: ts.Declaration, type: ts.Type): string {
  const written = withoutImports(declaration.getText()).replace(/^export /, "");
  const parts = type.isUnion() ? type.types : [type];
  if (!written.includes("typeof ") || !parts.every((part) => part.isLiteral())) return written;
  const words = parts.map((part) => names.checker.typeToString(part));
  const short = `type ${name} = ${words.join(" | ")};`;
  return short.length <= LINE_CHARS_MAX ? short : `type ${name} =\n  | ${words.join("\n  | ")};`;
}

/** Methods of maps, texts and the like are explained elsewhere. */
function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.length === 0 || declarations.some((one) => isInDist(one));
}

function isInDist(node: ts.Node): boolean {
  return /(?:^|\/)dist\//.test(node.getSourceFile().fileName);
}

/** Is it an object whose fields say all of it? */
function isTable(type: ts.Type): boolean {
  if ((type.flags & ts.TypeFlags.Intersection) !== 0) {
    return (type as ts.IntersectionType).types.every((one) => isTable(one));
  }
  if ((type.flags & ts.TypeFlags.Object) === 0) return false;
  return type.getCallSignatures().length === 0;
}

/** A field, and below it those of a shape that has no name. */
function fieldRows(page: Page, field: ts.Symbol, at: ts.Node, before: string): string[] {
  const { names } = page;
  const { checker } = names;
  const [declaration] = field.declarations ?? [];
  const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
  const name = `${before}${field.name}${isOptional ? "?" : ""}`;
  const doc = docOf(field.declarations ?? [], names, page.path);
  if (declaration !== undefined && ts.isMethodSignature(declaration)) {
    const signature = withoutImports(declaration.getText()).replace(/;$/, "");
    return [row(page, name, signature.slice(signature.indexOf("(")), doc)];
  }
  const type = checker.getTypeOfSymbolAtLocation(field, at);
  const inner = isOptional ? checker.getNonNullableType(type) : type;
  const text = names.textOf(inner);
  const element = checker.isArrayType(inner) ? checker.getTypeArguments(inner as ts.TypeReference)[0] : undefined;
  const shape = element ?? inner;
  const isShape = isShapeText(text) && isTable(shape) && checker.getPropertiesOfType(shape).length > 1;
  if (!isShape) return [row(page, name, writtenType(declaration, text), doc)];
  const prefix = `${before}${field.name}${element === undefined ? "" : "[]"}.`;
  return [
    row(page, name, element === undefined ? "object" : "array", doc),
    ...checker.getPropertiesOfType(shape).flatMap((one) => fieldRows(page, one, at, prefix)),
  ];
}

/** As somebody wrote it, where it says the same: names are kept. Tables write codecs, which are not the type. */
function writtenType(declaration: ts.Declaration | undefined, text: string): string {
  if (declaration === undefined || !ts.isPropertySignature(declaration) || declaration.type === undefined) return text;
  const written = withoutImports(declaration.type.getText());
  return /Codec<|\["|\b[A-Z]\b/.test(written) ? text : written;
}

/** A constant: its type, or its members by name. */
function valueLines({ names, path }: Page, name: string, symbol: ts.Symbol): string[] {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return [];
  const type = names.checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const text = names.textOf(type);
  if (/^\w*Codec</.test(text)) {
    const codec = text.slice(0, text.indexOf("<"));
    return ["", `The table of it: \`const ${name}:\` ${linked(codec, names, path)}.`];
  }
  const written = declaration.type === undefined ? text : withoutImports(declaration.type.getText());
  if (oneLine(written).length <= VALUE_CHARS_MAX) return ["```ts", `const ${name}: ${oneLine(written)}`, "```"];
  const members = names.checker.getPropertiesOfType(type).map((one) => `\`${one.name}\``);
  return [members.join(" · ")];
}

/** Types of ours that exported ones are made of, and that no door exports: those that are named there directly. */
function* shapesBehind({ names }: Page, exported: readonly Name[]): Generator<Name> {
  const seen = new Set<ts.Symbol>();
  for (const { symbol } of exported) {
    for (const found of [...shapesNamed(symbol, names), ...shapesOfFields(symbol, names)]) {
      if (seen.has(found) || names.has(found.name) || fieldCount(names, found) > SHAPE_FIELDS_MAX) continue;
      seen.add(found);
      yield { name: found.name, symbol: found, isTypeOnly: true };
    }
  }
}

function shapesNamed({ declarations = [] }: ts.Symbol, names: Names): ts.Symbol[] {
  return declarations.filter((one) => !ts.isVariableDeclaration(one)).flatMap((one) => namedIn(one, names));
}

/** Those that a field's type leads to without naming them, as `Settings["limits"]` does. */
function shapesOfFields(symbol: ts.Symbol, { checker }: Names): ts.Symbol[] {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) return [];
  const fields = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  return fields.flatMap((field) => {
    const type = checker.getTypeOfSymbolAtLocation(field, declaration);
    const parts = type.isUnion() ? type.types : [type];
    const inner = parts.flatMap((part) => [part, ...(part.aliasTypeArguments ?? []), ...elementsOf(part, checker)]);
    const found = inner.map((part) => part.aliasSymbol ?? part.getSymbol());
    return found.flatMap((one) => (one !== undefined && isShapeOfOurs(one) ? [one] : []));
  });
}

function elementsOf(type: ts.Type, checker: ts.TypeChecker): readonly ts.Type[] {
  return checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
}

function fieldCount({ checker }: Names, symbol: ts.Symbol): number {
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).length;
}

function namedIn(node: ts.Node, names: Names): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isHeritageClause(one) || ts.isConstructorDeclaration(one) || ts.isIndexedAccessTypeNode(one)) return;
    if (ts.isClassElement(one) && isPrivate(one)) return;
    if (ts.isTypeReferenceNode(one)) {
      const at = names.checker.getSymbolAtLocation(
        ts.isQualifiedName(one.typeName) ? one.typeName.right : one.typeName,
      );
      const symbol =
        at !== undefined && (at.flags & ts.SymbolFlags.Alias) !== 0 ? names.checker.getAliasedSymbol(at) : at;
      if (symbol !== undefined && isShapeOfOurs(symbol)) found.push(symbol);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

function isShapeOfOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (one) =>
      (ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)) &&
      one.typeParameters === undefined &&
      isInDist(one),
  );
}

/** On one line where it fits, without its comments. */
function laidOut(signature: string): string {
  const short = oneLine(signature).replace(/; \}/g, " }");
  return short.length <= LINE_CHARS_MAX ? short : signature.replace(/\s*\/\*\*[\s\S]*?\*\//g, "");
}
