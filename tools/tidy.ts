/**
 * House rules that no off-the-shelf linter knows: sizes, file names, and words and calls that have no place here. Each
 * complaint says what to do instead.
 *
 * A deliberate exception carries its reason, `// tidy-ok: reason`, and excuses what begins on its line, or on the next
 * when it has a line of its own. An exception without a reason, or that excuses nothing, is a complaint itself.
 */
import { posix } from "node:path";
import ts from "typescript-6";
import {
  type Complaint,
  FOLDERS,
  isProgram,
  lineOf,
  parse,
  readTree,
  type SourceTree,
  tell,
  walk,
} from "./source-tree.ts";

const LINE_COLUMNS_MAX = 120;
const FUNCTION_LINES_MAX = 60;
const FILE_LINES_MAX = 400;

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.(?:tsx?|mjs)$/;
/** Names that hold anything, and words that end such names. */
const EMPTY_NAMES = /^(?:common|misc|types?|services?)$|^(?:.*-)?(?:utils?|helpers?|managers?)$/;
const UNFINISHED = /\b(?:TODO|FIXME|XXX)\b/; // tidy-ok: it must name what it looks for
const EXCEPTION = /^(?<before>(?:.*\s)?)\/\/ tidy-ok:(?<reason>.*)$/gm;

/** Something that may not be written in code. Comments and texts are not code. */
interface Ban {
  readonly in: (path: string) => boolean;
  /** The offending words, when the node is what is banned. */
  readonly finds: (node: ts.Node) => string | undefined;
  readonly instead: string;
}

const CLOCK = "use a Clock (src/kernel/ports.ts)";
const RUN_IT = "run it, or remove it";

const BANS: readonly Ban[] = [
  { in: isPure, finds: names("Date.now", "performance.now"), instead: CLOCK },
  { in: isPure, finds: dateOfNow, instead: CLOCK },
  {
    in: isPure,
    finds: names("Math.random", "randomUUID", "crypto.randomUUID"),
    instead: "use Random (src/kernel/ports.ts)",
  },
  { in: isProduct, finds: names("parseFloat", "Number.parseFloat"), instead: "use src/kernel/decimal.ts" },
  { in: isProduct, finds: anyType, instead: "use unknown, and a codec that looks" },
  { in: isSilent, finds: consoleUse, instead: "use a Log (src/kernel/ports.ts)" },
  { in: isTest, finds: names("test.skip", "test.only", "test.todo", "it.skip", "it.only", "it.todo"), instead: RUN_IT },
  { in: isTest, finds: names("describe.skip", "describe.only", "describe.todo"), instead: RUN_IT },
  { in: isTest, finds: skippingOption, instead: RUN_IT },
];

/** What is untidy in a tree, file by file, from top to bottom. */
export function tidyComplaints(tree: SourceTree): Complaint[] {
  return [...tree].flatMap(([path, text]) => [...badNames(path), ...tooLong(path, text), ...linesOf(path, text)]);
}

function badNames(path: string): Complaint[] {
  const file = posix.basename(path);
  const stem = file.split(".")[0] ?? "";
  if (!KEBAB_CASE.test(file)) return [{ at: path, says: "a file name is a noun in kebab-case, such as order-book.ts" }];
  if (!EMPTY_NAMES.test(stem)) return [];
  return [{ at: path, says: `"${stem}" says nothing about what is in the file. Name it after that` }];
}

function tooLong(path: string, text: string): Complaint[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= FILE_LINES_MAX || isTest(path)) return [];
  return [{ at: path, says: `${lines} lines, where ${FILE_LINES_MAX} are the most. Give a part a file of its own` }];
}

/** What is wrong on single lines, less what is excused there, plus exceptions that are not in order. */
function linesOf(path: string, text: string): Complaint[] {
  const source = parse(path, text);
  const found = [...wordsOf(text), ...codeOf(path, source)].sort((a, b) => a.line - b.line);
  const exceptions = exceptionsOf(source);
  const guilty = found.filter(({ line }) => !exceptions.some(({ excuses }) => excuses === line));
  const idle = exceptions.filter(({ excuses }) => !found.some(({ line }) => line === excuses));
  const bare = exceptions.filter(({ reason }) => reason === "");
  return [
    ...guilty,
    ...idle.map(({ line }) => ({ line, says: "this exception excuses nothing. Remove it" })),
    ...bare.map(({ line }) => ({ line, says: "an exception needs its reason: `// tidy-ok: reason`" })),
  ].map(({ line, says }) => ({ at: `${path}:${line}`, says }));
}

interface Exception {
  readonly line: number;
  /** The line it excuses: its own, or the next when it stands alone. */
  readonly excuses: number;
  readonly reason: string;
}

function exceptionsOf(source: ts.SourceFile): Exception[] {
  const texts: ts.Node[] = [];
  walk(source, (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) texts.push(node);
  });
  return [...source.text.matchAll(EXCEPTION)].flatMap(({ index, groups }) => {
    const { before = "", reason = "" } = groups ?? {};
    const at = index + before.length;
    if (texts.some((text) => text.getStart() <= at && at < text.getEnd())) return [];
    const line = source.getLineAndCharacterOfPosition(at).line + 1;
    return [{ line, excuses: before.trim() === "" ? line + 1 : line, reason: reason.trim() }];
  });
}

interface Finding {
  readonly line: number;
  readonly says: string;
}

function wordsOf(text: string): Finding[] {
  return text.split("\n").flatMap((words, index) => {
    const line = index + 1;
    const columns = [...words].length;
    const unfinished = UNFINISHED.exec(words)?.[0];
    const found: Finding[] = [];
    if (columns > LINE_COLUMNS_MAX)
      found.push({ line, says: `${columns} columns, where ${LINE_COLUMNS_MAX} are the most` });
    if (unfinished !== undefined)
      found.push({ line, says: `${unfinished}: finish it, or write down the limit it leaves` });
    return found;
  });
}

function codeOf(path: string, source: ts.SourceFile): Finding[] {
  const bans = BANS.filter((ban) => ban.in(path));
  const found: Finding[] = [];
  walk(source, (node) => {
    const line = lineOf(node);
    const lines = functionLines(node);
    if (lines > FUNCTION_LINES_MAX) {
      found.push({
        line,
        says: `a function of ${lines} lines, where ${FUNCTION_LINES_MAX} are the most. Name its parts`,
      });
    }
    for (const ban of bans) {
      const what = ban.finds(node);
      if (what !== undefined) found.push({ line, says: `${what} has no place here; ${ban.instead}` });
    }
  });
  return found;
}

/** How many lines a function takes, braces included; 0 for anything else, and for the body of a `describe`. */
function functionLines(node: ts.Node): number {
  if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return 0;
  if (ts.isCallExpression(node.parent) && node.parent.expression.getText() === "describe") return 0;
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getEnd()).line + 1 - lineOf(node) + 1;
}

/** Finds calls and other uses of a name, dotted or not. Declaring or importing it is no use. */
function names(...banned: readonly string[]): Ban["finds"] {
  return (node) => {
    if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return undefined;
    if (ts.isIdentifier(node) && !isCallee(node)) return undefined;
    const name = node.getText().replace(/^globalThis\.|\s/g, "");
    return banned.includes(name) ? name : undefined;
  };
}

function isCallee(node: ts.Identifier): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node;
}

function dateOfNow(node: ts.Node): string | undefined {
  const isDate = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "Date";
  return isDate && (node.arguments?.length ?? 0) === 0 ? node.getText() : undefined;
}

function consoleUse(node: ts.Node): string | undefined {
  const isUse = ts.isPropertyAccessExpression(node) && node.expression.getText() === "console";
  return isUse ? node.getText() : undefined;
}

function anyType(node: ts.Node): string | undefined {
  return node.kind === ts.SyntaxKind.AnyKeyword ? "any" : undefined;
}

/** `{ skip: … }` or `{ only: true }` among the arguments of a test. */
function skippingOption(node: ts.Node): string | undefined {
  if (!ts.isPropertyAssignment(node) || !/^(?:skip|only|todo)$/.test(node.name.getText())) return undefined;
  const call = node.parent.parent;
  return ts.isCallExpression(call) && /^(?:test|it|describe|t\.test)$/.test(call.expression.getText())
    ? node.getText()
    : undefined;
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function isProduct(path: string): boolean {
  return path.startsWith("src/") && !isTest(path);
}

function isSilent(path: string): boolean {
  return isProduct(path) && !path.startsWith("src/cli/");
}

/** Has no clock and no dice of its own: the product but for its adapters, and the simulation but for its program. */
function isPure(path: string): boolean {
  const isSimulation = path.startsWith("sim/") && path !== "sim/main.ts" && !isTest(path);
  return (isSilent(path) || isSimulation) && !path.includes("/io/");
}

if (isProgram(import.meta.url)) {
  const tree = readTree([...FOLDERS, "dashboard", "scripts"], [".ts", ".tsx", ".mjs"]);
  tell(tidyComplaints(tree), `tidy (${tree.size} files)`);
}
