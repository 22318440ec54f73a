/** What `npm start` does with signals: `scripts/launch.mjs` on a real process of its own. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const LAUNCH = pathToFileURL(resolve("scripts/launch.mjs")).href;
/** Ends a program: nothing is left to be set up once it says that it is up. */
const UP = 'const timer = setInterval(() => {}, 1000);\nconsole.log("up " + process.argv.slice(2).join(" "));\n';
/** Says that it heard, sends itself the copy that npm would send, and winds down. */
const STOP = `() => {
  console.log("heard");
  if (!globalThis.copied) process.kill(process.pid, "SIGINT");
  globalThis.copied = true;
  setTimeout(() => clearInterval(timer), 100);
}`;

test("launch: a Ctrl-C that npm sends a second time is heard once, and the exit code is the program's", async () => {
  for (const listen of ["on", "once"]) {
    const end = await run(`process.${listen}("SIGINT", ${STOP});\n${UP}`, "SIGINT");
    assert.deepEqual(end, { said: "up demo --port 0\nheard\n", code: 0, signal: null });
  }
});

test("launch: the program's exit code is the process's own", async () => {
  const program = `process.on("SIGTERM", () => process.exit(7));\n${UP}`;
  assert.deepEqual(await run(program, "SIGTERM"), { said: "up demo --port 0\n", code: 7, signal: null });
});

test("launch: a program that listens to no signal is ended by it", async () => {
  assert.deepEqual(await run(UP, "SIGINT"), { said: "up demo --port 0\n", code: null, signal: "SIGINT" });
});

interface End {
  readonly said: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** Launches the program, sends it the signal as soon as it is up, and waits for its end. */
async function run(program: string, signal: NodeJS.Signals): Promise<End> {
  const folder = await mkdtemp(join(tmpdir(), "listenkey-launch-"));
  try {
    const path = join(folder, "program.mjs");
    await writeFile(path, program);
    const launch = `const { launch } = await import(${JSON.stringify(LAUNCH)});
      await launch(${JSON.stringify(path)}, ["demo", "--port", "0"]);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", launch], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return await ending(child, signal);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ending(child: ChildProcess, first: NodeJS.Signals): Promise<End> {
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    if (said === "") child.kill(first);
    said += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { said, code, signal };
}
