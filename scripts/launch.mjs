/**
 * Turns this process into one of our programs. No child process, so the program's exit code is the script's own, and
 * npm's.
 *
 * Signals: npm passes on the SIGINT that the terminal has already sent to everyone, so a program under npm hears one
 * Ctrl-C twice, and would take it for an impatient second one. Copies that come close together count as one here.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const SAME_SIGNAL_MS = 250;
const SIGNALS = ["SIGINT", "SIGTERM"];

/** Runs the program at `path` (compiled JavaScript) as if it had been started with `args`. */
export async function launch(path, args) {
  const program = resolve(path);
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, program, ...args];
  mergeSignals();
  await import(pathToFileURL(program).href);
}

function mergeSignals() {
  const emit = process.emit;
  const lastAt = new Map();
  process.emit = function merged(name, ...rest) {
    if (SIGNALS.includes(name)) {
      const now = performance.now();
      const last = lastAt.get(name) ?? Number.NEGATIVE_INFINITY;
      lastAt.set(name, now);
      if (now - last < SAME_SIGNAL_MS) return true;
    }
    return emit.call(this, name, ...rest);
  };
  // Our listener keeps Node from ending the process on the copy, after a program that listens only once has heard the
  // first. When nobody else listens the signal ends the process, as it would without us.
  for (const signal of SIGNALS) {
    process.on(signal, function keep() {
      if (process.listenerCount(signal) > 1) return;
      process.removeListener(signal, keep);
      process.kill(process.pid, signal);
    });
  }
}
