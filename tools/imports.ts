/** Who imports whom: every way in which one module can name another, read from the syntax tree. */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import ts from "typescript-6";
import { lineOf, parse, type SourceTree, walk } from "./source-tree.ts";

/**
 * How a module is named: `load` is loaded with its importer, `lazy` when an `import()` is reached, `type` never
 * (erased by the compiler).
 */
export type ImportKind = "load" | "lazy" | "type";

/** What is named: a file of ours, a module of Node, an npm package, or an `import()` of a path made at run time. */
export type ImportTarget =
  | { readonly is: "file"; readonly path: string }
  | { readonly is: "builtin"; readonly name: string }
  | { readonly is: "package"; readonly name: string }
  | { readonly is: "computed" };

/** One module naming another. */
export interface Import {
  readonly from: string;
  readonly line: number;
  readonly kind: ImportKind;
  readonly target: ImportTarget;
}

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/**
 * All imports of all files, in their order.
 * @param ownNames what our own package name and its subpaths stand for: `listenkey/venue` → `src/venue/index.ts`
 */
export function importsOf(tree: SourceTree, ownNames: ReadonlyMap<string, string>): Import[] {
  const found: Import[] = [];
  for (const [from, text] of tree) {
    walk(parse(from, text), (node) => {
      const named = namedModule(node);
      if (named === undefined) return;
      const target = resolve(from, named.specifier, tree, ownNames);
      found.push({ from, line: lineOf(node), kind: named.kind, target });
    });
  }
  return found;
}

/** The module a node names, if it is a node that names one; the specifier is absent when it is not a literal. */
function namedModule(node: ts.Node): { kind: ImportKind; specifier: string | undefined } | undefined {
  if (ts.isImportDeclaration(node)) {
    return { kind: node.importClause?.isTypeOnly ? "type" : "load", specifier: literal(node.moduleSpecifier) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { kind: node.isTypeOnly ? "type" : "load", specifier: literal(node.moduleSpecifier) };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { kind: node.isTypeOnly ? "type" : "load", specifier: literal(node.moduleReference.expression) };
  }
  if (ts.isImportTypeNode(node)) {
    return {
      kind: "type",
      specifier: ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined,
    };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { kind: "lazy", specifier: literal(node.arguments[0]) };
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "require") {
    return { kind: "load", specifier: literal(node.arguments[0]) };
  }
  return undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function resolve(
  from: string,
  specifier: string | undefined,
  tree: SourceTree,
  ownNames: ReadonlyMap<string, string>,
): ImportTarget {
  if (specifier === undefined) return { is: "computed" };
  const own = ownNames.get(specifier);
  if (own !== undefined) return { is: "file", path: own };
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(from), specifier);
    const source = path.replace(/\.js$/, ".ts");
    return { is: "file", path: !tree.has(path) && tree.has(source) ? source : path };
  }
  const name = specifier.replace(/^node:/, "");
  if (specifier !== name || BUILTINS.has(name)) return { is: "builtin", name: `node:${name}` };
  const parts = name.split("/");
  return { is: "package", name: parts.slice(0, name.startsWith("@") ? 2 : 1).join("/") };
}

/** Each cycle of imports once, as the files around it. Lazy imports and types count; so does a file of itself. */
export function importCycles(imports: readonly Import[]): string[][] {
  const neighbours = fileNeighbours(imports);
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  function visit(file: string): void {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push(path.slice(start));
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of neighbours.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  }
  for (const file of neighbours.keys()) visit(file);
  return cycles;
}

/**
 * The packages that are loaded when `entry` is, each with the chain of files that loads it, `entry` first. Lazy imports
 * and types load nothing.
 */
export function loadedPackages(imports: readonly Import[], entry: string): ReadonlyMap<string, readonly string[]> {
  const loads = imports.filter(({ kind }) => kind === "load");
  const neighbours = fileNeighbours(loads);
  const chains = new Map([[entry, [entry]]]);
  for (const [file, chain] of chains) {
    for (const next of neighbours.get(file) ?? []) if (!chains.has(next)) chains.set(next, [...chain, next]);
  }
  const packages = new Map<string, readonly string[]>();
  for (const { from, target } of loads) {
    const chain = chains.get(from);
    if (target.is === "package" && chain !== undefined && !packages.has(target.name)) packages.set(target.name, chain);
  }
  return packages;
}

function fileNeighbours(imports: readonly Import[]): Map<string, Set<string>> {
  const neighbours = new Map<string, Set<string>>();
  for (const { from, target } of imports) {
    if (target.is !== "file") continue;
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, new Set([target.path]));
    else known.add(target.path);
  }
  return neighbours;
}
