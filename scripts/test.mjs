/**
 * `npm test [-- PATH …]`: installs what is missing, runs all checks, then all tests, and ends with the runner's counts.
 * With paths (`npm test -- src/venue`) only the tests below them run, without the checks.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { check } from "./check.mjs";
import { runNode, say } from "./child.mjs";
import { compile, compiled, FOLDERS, sourceFiles } from "./compile.mjs";
import { FILE_LIMIT_MS } from "./deadline.mjs";
import { build, ensureBrowser, ensureInstalled } from "./ensure.mjs";

/** One more than there are cores, of which two are enough: some files wait for time to pass. */
const FILES_AT_ONCE = Math.min(2, availableParallelism()) + 1;

const paths = process.argv.slice(2).map((path) => path.replace(/^\.\//, "").replace(/\/$/, ""));

try {
  await ensureInstalled();
  const failedChecks = paths.length === 0 ? await check() : await typesOnly();
  const tests = testFiles(paths);
  if (tests.length === 0) throw new Error(`no test file below ${paths.join(", ") || FOLDERS.join(", ")}`);
  if (tests.some((file) => file.startsWith("build/test/dashboard/"))) await ensureBrowser();
  say(`running ${tests.length} test files, ${FILES_AT_ONCE} at a time`);
  const { code } = await runTests(tests, failedChecks);
  process.exitCode = code !== 0 ? code : failedChecks.length === 0 ? 0 : 1;
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

/** The compiled file of each test source: what was compiled from a source that is gone is never run. */
function testFiles(below) {
  const isWanted = (file) => below.length === 0 || below.some((path) => file === path || file.startsWith(`${path}/`));
  return sourceFiles(FOLDERS)
    .filter((file) => file.endsWith(".test.ts") && isWanted(file))
    .map(compiled);
}

async function typesOnly() {
  say("compiling; the other checks are left out because paths were given");
  const built = await build();
  // Compiled in any case: the tests that follow are of the sources as they stand.
  const { ok, output } = await compile("tsconfig.json", ".", "build");
  if (!ok) process.stdout.write(output);
  else if (!built.ok) process.stdout.write(built.output);
  return ok && built.ok ? [] : ["types"];
}

function runTests(files, failedChecks) {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`not compiled: ${missing.join(", ")}`);
  const flags = ["--enable-source-maps", "--import=./scripts/deadline.mjs", "--test"];
  const limits = [`--test-concurrency=${FILES_AT_ONCE}`, `--test-timeout=${FILE_LIMIT_MS}`];
  const reporter = "--test-reporter=./scripts/reporter.mjs";
  return runNode([...flags, ...limits, reporter, ...files], { env: { FAILED_CHECKS: failedChecks.join(", ") } });
}
