/**
 * Makes a clean clone ready, and does nothing when it is: installs when `node_modules` is not what the lock file says,
 * builds when `dist/` is not made of the sources as they stand. Node's own modules only, for it runs before any other
 * is there.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runNode, say, took } from "./child.mjs";
import { compile, sourceFiles } from "./compile.mjs";

const STILL_AT_IT_MS = 5000;
const NPM = "npm-cli.js";
const BUILD_STAMP = "dist/.sources.sha256";

/** Installs with `npm ci` when needed. @throws {Error} when npm fails */
export async function ensureInstalled() {
  if (isInstalled()) return;
  const count = Object.keys(readJson("package-lock.json").packages).length - 1;
  say(`installing up to ${count} packages with npm ci (once, and again when package-lock.json changes)`);
  const since = performance.now();
  const progress = setInterval(() => say(`still installing, ${took(since)}`), STILL_AT_IT_MS);
  try {
    // The compiler is a development dependency: NODE_ENV=production would leave it out.
    const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
    const { ok, code } = await runNode([npmProgram(), ...args]);
    if (!ok) throw new Error(`npm ci failed with code ${code}; what it said stands above`);
  } finally {
    clearInterval(progress);
  }
  say(`installed in ${took(since)}`);
}

/**
 * Builds `dist/` when needed.
 * @returns `{ ok, output }`: what the compiler said, empty when there was nothing to do
 */
export async function build() {
  const hash = sourceHash();
  if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, "utf8") === hash) return { ok: true, output: "" };
  const { ok, output } = await compile("tsconfig.build.json", "src", "dist");
  if (ok) writeFileSync(BUILD_STAMP, hash);
  return { ok, output };
}

/** Builds `dist/` when needed, and says so. @throws {Error} when the compiler finds errors */
export async function ensureBuilt() {
  const since = performance.now();
  const { ok, output } = await build();
  if (!ok) throw new Error(`the build failed:\n${output}`);
  say(`dist/ is up to date, ${took(since)}`);
}

/**
 * Is what npm last put into `node_modules` what the lock file asks for? npm's own note of it is compared package by
 * package, so an install made by hand counts too. Optional packages (those of other platforms) may be absent.
 */
function isInstalled() {
  if (!existsSync("node_modules/.package-lock.json")) return false;
  const installed = readJson("node_modules/.package-lock.json").packages;
  return Object.entries(readJson("package-lock.json").packages).every(([path, wanted]) => {
    if (path === "") return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true || wanted.peer === true;
    return found.version === wanted.version && found.integrity === wanted.integrity && existsSync(path);
  });
}

/**
 * The npm that runs us, or else the one that came with this Node. yarn and pnpm set `npm_execpath` too, to themselves.
 * @throws {Error} when there is none
 */
export function npmProgram(execpath = process.env.npm_execpath, node = process.execPath) {
  if (execpath !== undefined && basename(execpath) === NPM && existsSync(execpath)) return execpath;
  // Beside node on Windows, in lib/ elsewhere.
  const modules = [join(dirname(node), "node_modules"), join(dirname(node), "..", "lib", "node_modules")];
  const found = modules.map((folder) => join(folder, "npm", "bin", NPM)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error("npm was not found beside node: run this through npm, as in `npm start`");
}

/** Contents, not dates: a checkout or a touched file does not cost a build. */
function sourceHash() {
  const hash = createHash("sha256");
  for (const path of ["package-lock.json", "tsconfig.json", "tsconfig.build.json", ...sourceFiles(["src"])]) {
    hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
