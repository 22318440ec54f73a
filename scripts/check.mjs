/**
 * `npm run check`: every check that keeps the house as it is. Each is told with its time, all failures are printed,
 * and any of them makes the exit code 1.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runNode, say, took } from "./child.mjs";
import { compile, compiled } from "./compile.mjs";
import { build, ensureInstalled } from "./ensure.mjs";

const TSC = "node_modules/typescript/bin/tsc";
const BIOME = "node_modules/@biomejs/biome/bin/biome";
const KNIP = "node_modules/knip/bin/knip.js";

const quietly = (...args) => runNode(args, { quiet: true });
const ownTool = (source, ...args) => quietly("--enable-source-maps", compiled(source), ...args);

/** Two lanes, for two cores. In the first, each step needs what those before it compiled. */
const LANES = [
  [
    { name: "build", what: "src compiles into dist", run: build },
    { name: "types", what: "strict types, everywhere", run: () => compile("tsconfig.json", ".", "build") },
    { name: "rooms", what: "direction of imports", run: () => ownTool("tools/rooms.ts") },
    { name: "docs", what: "doc comments on what is exported", run: () => ownTool("tools/doors.ts") },
    { name: "api", what: "the reference is what the code says", run: () => ownTool("tools/reference.ts", "--check") },
    { name: "tidy", what: "sizes, names, banned words", run: () => ownTool("tools/tidy.ts") },
  ],
  [
    { name: "pure", what: "pure rooms, without Node's types", run: () => quietly(TSC, "-p", "tsconfig.pure.json") },
    { name: "page", what: "strict types of the dashboard", run: () => quietly(TSC, "-p", "dashboard/tsconfig.json") },
    {
      name: "format",
      what: "format, order of imports, lint",
      run: () => quietly(BIOME, "check", "--error-on-warnings", "--max-diagnostics=200", "."),
    },
    { name: "unused", what: "unused files, exports, dependencies", run: () => quietly(KNIP) },
    { name: "alive", what: "… of the product, without tests", run: () => quietly(KNIP, "--production") },
  ],
];

/** Runs all checks and prints what they find. Returns the names of those that failed; none is good news. */
export async function check() {
  say("checking");
  const since = performance.now();
  const failed = (await Promise.all(LANES.map(runLane))).flat();
  for (const { name, output } of failed) process.stdout.write(`\n--- ${name} ---\n${output.trimEnd()}\n`);
  const names = failed.map(({ name }) => name);
  say(names.length === 0 ? `all checks passed in ${took(since)}` : `checks failed: ${names.join(", ")}`);
  return names;
}

async function runLane(steps) {
  const failed = [];
  for (const { name, what, run } of steps) {
    const since = performance.now();
    const { ok, output } = await run();
    process.stdout.write(`  ${ok ? "ok    " : "FAILED"} ${name.padEnd(7)} ${what.padEnd(36)} ${took(since)}\n`);
    if (!ok) failed.push({ name, output });
  }
  return failed;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  process.exitCode = (await check()).length === 0 ? 0 : 1;
}
