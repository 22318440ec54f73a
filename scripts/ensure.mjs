/**
 * Makes a clean clone ready, and does nothing when it is: installs when `node_modules` is not what the lock file says,
 * builds when `dist/` is not made of the sources as they stand, and gets the browser that tests look at the dashboard
 * with. Node's own modules only, for it runs before any other is there.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run, runNode, say, took } from "./child.mjs";
import { compile, filesBelow, sourceFiles } from "./compile.mjs";

const STILL_AT_IT_MS = 5000;
const NPM = "npm-cli.js";
const VITE = "node_modules/vite/bin/vite.js";
const BUILD_STAMP = "dist/.sources.sha256";
const PAGE_STAMP = "dist/.dashboard.sha256";
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

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
 * Builds `dist/` when needed: what is published, the dashboard included.
 * @returns `{ ok, output }`: what the compiler said, empty when there was nothing to do
 */
export async function build() {
  const compiled = await unlessStamped(
    BUILD_STAMP,
    ["tsconfig.json", "tsconfig.build.json", ...sourceFiles(["src"])],
    () => compile("tsconfig.build.json", "src", "dist"),
  );
  if (!compiled.ok) return compiled;
  return unlessStamped(PAGE_STAMP, [...sourceFiles(["src"]), ...filesBelow("dashboard")], () =>
    runNode([VITE, "build", "dashboard", "--logLevel=warn"], { quiet: true }),
  );
}

/** Does the work unless it was done already with these files as they are. */
async function unlessStamped(stamp, paths, work) {
  const hash = hashOf(["package-lock.json", ...paths]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return { ok: true, output: "" };
  const { ok, output } = await work();
  if (ok) writeFileSync(stamp, hash);
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
 * Where Chromium is. It is installed with apt when it is missing, this is Debian or one of its kin, and we are root.
 * `LISTENKEY_CHROMIUM` names another.
 * @throws {Error} when there is none and it cannot be installed
 */
export async function ensureBrowser() {
  const browsers = [process.env.LISTENKEY_CHROMIUM ?? "", ...BROWSERS];
  const found = browsers.find((path) => path !== "" && existsSync(path));
  if (found !== undefined) return found;
  const remedy = "Install it (apt-get install chromium), or name one by LISTENKEY_CHROMIUM.";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`the tests of the dashboard need Chromium, and there is none. ${remedy}`);
  }
  say("installing chromium with apt-get (once; the tests of the dashboard use it)");
  const since = performance.now();
  const progress = setInterval(() => say(`still installing chromium, ${took(since)}`), STILL_AT_IT_MS);
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-qq"], { quiet: true, env });
    const { ok, output } = await run("apt-get", ["install", "-y", "-qq", "chromium"], { quiet: true, env });
    if (!ok) throw new Error(`apt-get install chromium failed:\n${output}${remedy}`);
  } finally {
    clearInterval(progress);
  }
  say(`chromium installed in ${took(since)}`);
  return BROWSERS[0];
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
function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
