/** The compiler, and the folders it writes to. Node's own modules only. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runNode } from "./child.mjs";

/** The dashboard is built there by another program, which removes what is old by itself. */
const PAGE = "dist/dashboard/";
const COMPILER = "node_modules/typescript/bin/tsc";

/** The folders that hold TypeScript: those the compiler is told of. */
export const FOLDERS = JSON.parse(readFileSync("tsconfig.json", "utf8")).include;

/** All `.ts` files below the folders, in a fixed order. Folders that do not exist have none. */
export function sourceFiles(folders) {
  return folders.flatMap((folder) => filesBelow(folder)).filter((path) => path.endsWith(".ts"));
}

/**
 * Compiles one project from `rootDir` into `outDir`, and removes what was compiled from sources that are gone.
 * @returns `{ ok, output }`; files are written even when there are errors
 */
export async function compile(project, rootDir, outDir) {
  const { ok, output } = await runNode([COMPILER, "-p", project], { quiet: true });
  for (const path of filesBelow(outDir)) {
    if (path.startsWith(PAGE)) continue;
    const source = /^(.*)\.(?:js|js\.map|d\.ts)$/.exec(path.slice(outDir.length + 1))?.[1];
    if (source !== undefined && !existsSync(join(rootDir, `${source}.ts`))) rmSync(path);
  }
  return { ok, output };
}

/** Where the compiler puts what it makes of a source file, under `build/`. */
export function compiled(source) {
  return `build/${source.replace(/\.ts$/, ".js")}`;
}

/** All files below a folder, in a fixed order; none when it does not exist. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}
