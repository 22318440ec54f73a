/** Sources as the tools here see them: a map from path to text, so that a test can plant any tree it likes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-6";

/** Text of each file by its path from the project's folder, with forward slashes, in the order of the paths. */
export type SourceTree = ReadonlyMap<string, string>;

/** Something that is against a rule of the house. */
export interface Complaint {
  /** `src/kernel/decimal.ts:12`, or a path alone when the whole file is meant. */
  readonly at: string;
  /** What is wrong, and what to do instead. */
  readonly says: string;
}

/** The folders that hold TypeScript: those the compiler is told of, in `tsconfig.json`. */
export const FOLDERS: readonly string[] = readJson<{ include: string[] }>("tsconfig.json").include;

/** What `package.json` says of the package itself. */
const PACKAGE = readJson<{
  name: string;
  exports: Readonly<Record<string, unknown>>;
  dependencies: object;
  optionalDependencies: object;
}>("package.json");

/** The packages that users of ours get, those included that may be missing; all others are for development only. */
export const DEPENDENCIES: ReadonlySet<string> = new Set(
  Object.keys({ ...PACKAGE.dependencies, ...PACKAGE.optionalDependencies }),
);

/** The doors, in their order: the name that users import → the source that is built for it. */
export const DOORS: ReadonlyMap<string, string> = new Map(
  Object.entries(PACKAGE.exports).flatMap(([path, target]) => {
    const built = (target as { default?: string }).default;
    if (built === undefined) return [];
    return [[posix.join(PACKAGE.name, path), built.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts")]];
  }),
);

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** Reads the files with one of the endings below the folders. Folders that do not exist have none. */
export function readTree(folders: readonly string[], endings: readonly string[]): SourceTree {
  const paths = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map(
        (name) => `${folder}/${name.replaceAll("\\", "/")}`,
      ),
    )
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

/** The syntax tree of one file, with parents set. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** The line on which a node begins, its doc comment left aside. The first line is 1. */
export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Calls `see` for a node and everything below it, from top to bottom. */
export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => walk(child, see));
}

/** Was this module started as a program, and not imported by a test? */
export function isProgram(moduleUrl: string): boolean {
  const program = process.argv[1];
  return program !== undefined && resolve(program) === fileURLToPath(moduleUrl);
}

/** Prints the complaints, or that there are none; any complaint makes the exit code 1. */
export function tell(complaints: readonly Complaint[], checked: string): void {
  for (const { at, says } of complaints) console.log(`${at}: ${says}`);
  console.log(complaints.length === 0 ? `${checked}: nothing to say` : `${checked}: ${complaints.length} to mend`);
  if (complaints.length > 0) process.exitCode = 1;
}
