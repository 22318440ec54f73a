/**
 * `npm run reference`: writes the pages of `docs/api/`, one for each door, from the declarations in `dist/` and their
 * doc comments. With `--check` it writes nothing, and says which page is not what it would write.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import ts from "typescript-6";
import { doorPage } from "./reference-page.ts";
import { Names } from "./reference-text.ts";
import { DOORS, isProgram } from "./source-tree.ts";

/** Each page's text by its path. @param declarations of a door, by the source it is built from */
export function referencePages(declarations: (source: string) => string): ReadonlyMap<string, string> {
  const doors = [...DOORS].map(([door, source]) => ({
    door,
    path: pageOf(door),
    text: readFileSync(source, "utf8"),
    file: declarations(source),
  }));
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2023,
    types: [],
    skipLibCheck: true,
  };
  const program = ts.createProgram(
    doors.map(({ file }) => file),
    options,
  );
  const checker = program.getTypeChecker();
  const exported = doors.map(({ file, ...door }) => ({ ...door, source: program.getSourceFile(file) }));
  const names = new Names(checker, exported);
  return new Map(exported.map((one) => [one.path, doorPage(names, one)]));
}

/** `listenkey/venue` → `docs/api/venue.md` */
function pageOf(door: string): string {
  return `docs/api/${door.split("/").at(-1)}.md`;
}

if (isProgram(import.meta.url)) {
  const isCheck = process.argv.includes("--check");
  for (const [path, text] of referencePages((source) => source.replace(/^src\/(.*)\.ts$/, "dist/$1.d.ts"))) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    if (isCheck) {
      console.log(`${path} is not what the declarations say: npm run reference`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      console.log(`wrote ${path}`);
    }
  }
}
