/**
 * `npm run example NAME [ARGUMENT …]`: runs a program of `examples/` beside a paper exchange and a hub of its own,
 * which end with it. With `LISTENKEY_URL` or `LISTENKEY_API_KEY` set, it runs against what these name instead.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { run, say } from "./child.mjs";
import { compile, compiled, filesBelow } from "./compile.mjs";
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";

const DEMO = ["dist/cli/main.js", "demo", "--port", "0", "--no-data", "--json"];

const [name = "", ...args] = process.argv.slice(2);
try {
  const source = programNamed(name);
  await ensureInstalled();
  await ensureBuilt();
  const { LISTENKEY_URL: url, LISTENKEY_API_KEY: key } = process.env;
  const program = await runnable(source);
  process.exitCode = url === undefined && key === undefined ? await onPaper(program) : await runProgram(program, {});
} catch (error) {
  say(error.message);
  process.exitCode = 2;
}

/** `mirror-to-database`, `mirror-to-database.ts` or `examples/mirror-to-database.ts`. */
function programNamed(name) {
  const stem = name.replace(/^examples\//, "").replace(/\.\w+$/, "");
  const found = ["ts", "mjs"].map((ending) => `examples/${stem}.${ending}`).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const names = filesBelow("examples").flatMap((path) => /^examples\/([\w-]+)\.(?:ts|mjs)$/.exec(path)?.[1] ?? []);
  throw new Error(`which example? ${names.join(", ")}`);
}

/** TypeScript is compiled before: not every Node that we run on strips types. */
async function runnable(source) {
  if (!source.endsWith(".ts")) return source;
  const { ok, output } = await compile("tsconfig.json", ".", "build");
  if (!ok) throw new Error(`it does not compile:\n${output}`);
  return compiled(source);
}

async function onPaper(program) {
  const demo = spawn(process.execPath, DEMO, { stdio: ["ignore", "pipe", "inherit"] });
  // However we end: a signal, too, goes through here.
  process.once("exit", () => demo.kill("SIGTERM"));
  const { listening } = JSON.parse(await firstLine(demo));
  say(`a paper exchange, with a hub and a small trader, listens on ${listening.rest}`);
  const code = await runProgram(program, { LISTENKEY_URL: listening.rest });
  demo.kill("SIGTERM");
  return code;
}

/** Its first line says where it listens; the others are read, so that it never waits for us. */
async function firstLine(child) {
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, "line"), once(child, "close").then(() => [""])]);
  lines.on("line", () => {});
  if (line === "") throw new Error("the paper exchange did not start; what it said stands above");
  return line;
}

async function runProgram(program, env) {
  const { code } = await run(process.execPath, ["--enable-source-maps", program, ...args], { env });
  return code;
}
