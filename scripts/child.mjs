/** Child processes and words to the user, for the scripts in this folder. Node's own modules only. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"];
const running = new Set();

/** Says one line of progress. */
export function say(text) {
  process.stdout.write(`listenkey: ${text}\n`);
}

/** `"0.4 s"`: how long ago `since` (a `performance.now()`) was. */
export function took(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Runs Node with these arguments in the project's folder and waits for its end.
 * @returns as {@link run} does
 */
export function runNode(args, options) {
  return run(process.execPath, args, options);
}

/**
 * Runs a program in the project's folder and waits for its end. With `quiet` its words are kept and returned as
 * `output`, both streams in the order they came; otherwise they are passed on as they come.
 * @returns `{ ok, code, output }`; a child ended by a signal has the code a shell would give it
 */
export function run(program, args, { quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    watch(child);
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const exit = signal === null ? code : 128 + constants.signals[signal];
      resolve({ ok: exit === 0, code: exit, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** While children run, a signal that ends us ends them first: nothing is left behind. */
function watch(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, endAll);
  running.add(child);
  child.once("close", () => {
    running.delete(child);
    if (running.size === 0) for (const signal of SIGNALS) process.off(signal, endAll);
  });
}

function endAll(signal) {
  for (const child of running) child.kill(signal);
  process.exit(128 + constants.signals[signal]);
}
