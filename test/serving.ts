/** `listenkey serve` as a process of its own, for tests. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

const MAIN = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/** A process that listens. */
export interface Serving {
  readonly child: ChildProcess;
  readonly port: number;
  readonly url: string;
  /** What it has said on standard error. */
  readonly errors: () => string;
  /** What it has said on standard output. */
  readonly output: () => string;
}

/** Starts it, and waits until it listens; it did not come to that when it was killed before. */
export async function serve(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Serving> {
  const { LISTENKEY_PORT: _, LISTENKEY_TOKEN: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, "serve", "--json", ...args], {
    env: { ...inherited, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  await eventually(
    () => `it listens: ${errors}`,
    () => output.includes("\n") || child.exitCode !== null,
  );
  assert.ok(output.includes("\n"), `it ended: ${errors}`);
  const { listening } = JSON.parse(output.slice(0, output.indexOf("\n"))) as { listening: { port: number } };
  const { port } = listening;
  return { child, port, url: `http://127.0.0.1:${port}`, errors: () => errors, output: () => output };
}

/** Ends a process as a power cut would. */
export async function kill({ child }: Pick<Serving, "child">): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A port that nobody has at this moment, for a process that comes back on it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
