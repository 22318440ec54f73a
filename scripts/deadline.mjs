/**
 * Loaded before every test file: ends the file's process when it takes too long, so that an endless loop, a timer or a
 * socket left open fails that file and holds up no other. Since Node 24 the runner's own limit is for single tests.
 */
import { isMainThread, Worker } from "node:worker_threads";

/** How long one test file may take. */
export const FILE_LIMIT_MS = Number(process.env.TEST_FILE_LIMIT_MS ?? 480_000);
/** The runner's own limit comes first where it has one for files, and names the test that hangs where it has not. */
const GRACE_MS = 3000;

// On a thread of its own, because an endless loop lets no timer of this one fire.
const WATCH = `
  const { workerData } = require("node:worker_threads");
  setTimeout(() => {
    require("node:fs").writeSync(2, workerData.says);
    process.kill(process.pid, "SIGKILL");
  }, workerData.ms);
`;

if (process.env.NODE_TEST_CONTEXT !== undefined && isMainThread) {
  const says = `${process.argv[1]}: still running after ${FILE_LIMIT_MS + GRACE_MS} ms. What does it leave open?\n`;
  const workerData = { ms: FILE_LIMIT_MS + GRACE_MS, says };
  new Worker(WATCH, { eval: true, execArgv: [], workerData }).unref();
}
