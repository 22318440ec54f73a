/**
 * Sees to it that what is exported is explained: every exported name of every room has a doc comment, and of those that
 * leave through a door every public member, field and table row as well.
 */
import ts from "typescript-6";
import { type Complaint, DOORS, isProgram, lineOf, readTree, type SourceTree, tell } from "./source-tree.ts";

/** The functions that make tables: each property of their argument is a row, and a field of the type made from it. */
const TABLE_MAKERS: ReadonlySet<string> = new Set(["record"]);

/** What is exported from a tree without a doc comment: file by file, then the members behind each door. */
export function doorComplaints(tree: SourceTree): Complaint[] {
  const program = programOf(tree);
  const checker = program.getTypeChecker();
  const named = [...tree.keys()].flatMap((path) => silentNames(checker, program.getSourceFile(path)));
  const seen = new Set<ts.Node>();
  const behindDoors = [...DOORS.values()].flatMap((door) =>
    exportsOf(checker, program.getSourceFile(door)).flatMap((symbol) => silentParts(checker, symbol, door, seen)),
  );
  return [...named, ...behindDoors];
}

/** A program over a tree in memory. Names from elsewhere (Node, npm packages, the language's library) stay unknown. */
function programOf(tree: SourceTree): ts.Program {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
  };
  const host: ts.CompilerHost = {
    fileExists: (path) => tree.has(path),
    readFile: (path) => tree.get(path),
    getSourceFile: (path, target) => {
      const text = tree.get(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
    },
    writeFile: () => {},
    getCurrentDirectory: () => "",
    getDefaultLibFileName: () => "lib.d.ts",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  };
  return ts.createProgram([...tree.keys()], options, host);
}

/** What a file exports, each name followed to where it is declared. */
function exportsOf(checker: ts.TypeChecker, source: ts.SourceFile | undefined): ts.Symbol[] {
  const file = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (file === undefined) return [];
  return checker
    .getExportsOfModule(file)
    .map((symbol) => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)));
}

/** The names exported from the file that declares them, and not explained at any of their declarations. */
function silentNames(checker: ts.TypeChecker, source: ts.SourceFile | undefined): Complaint[] {
  return exportsOf(checker, source).flatMap(({ name, declarations = [] }) => {
    const [first] = declarations.filter((declaration) => declaration.getSourceFile() === source);
    if (first === undefined || declarations.some(hasDocComment)) return [];
    return [{ at: placeOf(first), says: `${name} is exported without a doc comment. Say what it is or does` }];
  });
}

/** The parts of one name behind a door that are not explained. Nodes in `seen` are left out, and new ones added. */
function silentParts(checker: ts.TypeChecker, symbol: ts.Symbol, door: string, seen: Set<ts.Node>): Complaint[] {
  const parts = (symbol.declarations ?? []).flatMap((declaration) => partsOf(checker, declaration, seen));
  return parts
    .filter((part) => isSilent(checker, part))
    .map((part) => {
      const name = `${symbol.name}.${ts.getNameOfDeclaration(part)?.getText() ?? "[index]"}`;
      return { at: placeOf(part), says: `${name} leaves through ${door} without a doc comment. Say what it means` };
    });
}

/** What of a declaration a user sees besides its name: public members, fields, rows of tables; nested ones too. */
function partsOf(checker: ts.TypeChecker, declaration: ts.Node, seen: Set<ts.Node>): ts.Declaration[] {
  const parts: ts.Declaration[] = [];
  function visit(node: ts.Node): void {
    if (seen.has(node) || ts.isParameter(node) || ts.isBlock(node) || isHidden(node)) return;
    seen.add(node);
    if (isPart(node)) parts.push(node);
    if (ts.isCallExpression(node)) parts.push(...rowsOf(node));
    const constant = ts.isIdentifier(node) ? constantNamed(checker, node) : undefined;
    if (constant !== undefined) visit(constant);
    ts.forEachChild(node, visit);
  }
  visit(declaration);
  return parts;
}

/** Fields of one literal (`type: "dial"`) and of `never` say themselves what they are. */
function isPart(node: ts.Node): node is ts.Declaration {
  if (ts.isPropertySignature(node)) {
    const type = node.type;
    return type === undefined || !(ts.isLiteralTypeNode(type) || type.kind === ts.SyntaxKind.NeverKeyword);
  }
  if (ts.isMethodSignature(node) || ts.isIndexSignatureDeclaration(node)) return true;
  return ts.isClassElement(node) && ts.isClassDeclaration(node.parent) && !ts.isConstructorDeclaration(node);
}

/** Private members, and those marked `@internal`, which the declarations we publish leave out. */
function isHidden(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  const flags = ts.getCombinedModifierFlags(node);
  if ((flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0) return true;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  return (
    ts.isClassStaticBlockDeclaration(node) || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal")
  );
}

function rowsOf(call: ts.CallExpression): ts.Declaration[] {
  if (!ts.isIdentifier(call.expression) || !TABLE_MAKERS.has(call.expression.text)) return [];
  return call.arguments
    .filter((argument) => ts.isObjectLiteralExpression(argument))
    .flatMap(({ properties }) => properties.filter((property) => !ts.isSpreadAssignment(property)));
}

/** The constant of ours that an expression names: a table may stand in another by its name. */
function constantNamed(checker: ts.TypeChecker, name: ts.Identifier): ts.Node | undefined {
  if (!ts.isCallExpression(name.parent) && !ts.isPropertyAssignment(name.parent)) return undefined;
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return undefined;
  const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  const declaration = target.valueDeclaration;
  return declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration : undefined;
}

/** Explained neither here, nor at another declaration of it, nor at what it implements or overrides. */
function isSilent(checker: ts.TypeChecker, part: ts.Declaration): boolean {
  if (hasDocComment(part)) return false;
  const name = ts.getNameOfDeclaration(part);
  const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name);
  return symbol === undefined || symbol.getDocumentationComment(checker).length === 0;
}

/** A doc comment stands right above its declaration; one with an empty line below it speaks of the file. */
function hasDocComment(node: ts.Node): boolean {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (comment === undefined) return false;
  const source = node.getSourceFile();
  const between = source.text.slice(comment.getEnd(), comment.parent.getStart(source));
  return !/\n\s*\n/.test(between);
}

function placeOf(node: ts.Node): string {
  return `${node.getSourceFile().fileName}:${lineOf(node)}`;
}

if (isProgram(import.meta.url)) {
  const tree = new Map([...readTree(["src"], [".ts"])].filter(([path]) => !path.endsWith(".test.ts")));
  tell(doorComplaints(tree), `doors (${tree.size} files)`);
}
