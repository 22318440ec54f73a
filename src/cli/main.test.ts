/** The command line as a user has it: a process of its own, with its output, its exit code, and nothing left behind. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const WAIT_MAX_MS = 30_000;

const RUNS: readonly [args: string, env: Record<string, string>, code: number, out: RegExp, err: RegExp][] = [
  ["--help", {}, 0, /serve .*\n.*demo .*\n/s, /^$/],
  ["--version", {}, 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [
    "serve --help",
    {},
    0,
    /--port <port>.*LISTENKEY_PORT.*--seed <seed>.*--tape <symbol=file>.*--data <folder>.*--sync <mode>.*--json/s,
    /^$/,
  ],
  ["help serve", {}, 0, /--seed <seed>/, /^$/],
  ["", {}, 2, /^$/, /Usage: listenkey/],
  ["sevre", {}, 2, /^$/, /unknown command 'sevre'/],
  ["serve extra", {}, 2, /^$/, /too many arguments/],
  [
    "serve --port 65536",
    {},
    2,
    /^$/,
    /'--port <port>'.* '65536' is invalid\. Expected a whole number from 0 to 65535\./,
  ],
  ["serve --seed -1", {}, 2, /^$/, /Expected a whole number from 0 to 4294967295\./],
  ["serve --tape BTCUSDT", {}, 2, /^$/, /Expected SYMBOL=FILE\./],
  ["serve --tape BTCUSDT=a.csv --tape BTCUSDT=b.csv", {}, 2, /^$/, /BTCUSDT has a tape already\./],
  [
    "serve --tape BTCUSDT=/nowhere.csv",
    {},
    2,
    /^$/,
    /\/nowhere\.csv: expected a file that can be read, found "ENOENT"/,
  ],
  [
    "serve --data /dev/null/x",
    {},
    2,
    /^$/,
    /\/dev\/null\/x: expected a folder that can be written to, found "ENOTDIR"/,
  ],
  ["serve --sync never", {}, 2, /^$/, /'never' is invalid\. Allowed choices are normal, full\./],
  ["serve", { LISTENKEY_PORT: "x" }, 2, /^$/, /'x' from env 'LISTENKEY_PORT' is invalid/],
];

for (const [args, env, code, out, err] of RUNS) {
  const shown = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), "listenkey", args].join(" ");
  test(`${shown} ends with ${code}`, async (t) => {
    const run = start(t, args === "" ? [] : args.split(" "), env);
    assert.equal(await run.exit(), code);
    assert.match(run.output(), out);
    assert.match(run.errors(), err);
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`listenkey serve --json tells where it listens, and ends with 0 on ${signal}`, async (t) => {
    const run = start(t, ["serve", "--port", "0", "--json"], {});
    const { listening } = JSON.parse(await run.line(() => true));
    const time = await fetch(`${listening.rest}/fapi/v1/time`);
    assert.match(await time.text(), /^{"serverTime":\d+}$/);
    const client = new WebSocket(`${listening.streams}/private/stream?streams=`);
    await once(client, "open");
    const closed = once(client, "close");
    run.child.kill(signal);
    assert.equal((await closed)[0], 1001);
    assert.equal(await run.exit(), 0);
    assert.equal(run.errors(), "");
  });
}

test("listenkey serve tells people how to connect, and takes its port from the environment", async (t) => {
  const run = start(t, ["serve"], { LISTENKEY_PORT: "0" });
  await run.line((line) => line.includes("Ctrl-C"));
  const port = /listens on http:\/\/127\.0\.0\.1:(\d+)\n/.exec(run.output())?.[1];
  assert.match(run.output(), new RegExp(`streams +ws://127\\.0\\.0\\.1:${port} `));
  assert.match(run.output(), /API key +paper-demo-key\n +API secret +paper-demo-secret\n/);
  const command = /^ +curl -X POST -H '(.*): (.*)' (http.*)$/m.exec(run.output());
  assert.ok(command !== null, "there is an example");
  const [, header = "", key = "", url = ""] = command;
  const answer = await fetch(url, { method: "POST", headers: { [header]: key } });
  assert.match(await answer.text(), /^{"listenKey":"[A-Za-z0-9]{64}"}$/);

  const second = start(t, ["serve", "--port", String(port)], {});
  assert.equal(await second.exit(), 2);
  assert.match(second.errors(), new RegExp(`^listenkey: port: expected a free port, found ${port}\n`));

  run.child.kill("SIGINT");
  assert.equal(await run.exit(), 0);
  assert.match(run.output(), /\nStopped \(SIGINT\)\.\n$/);
});

test("docs/command-line.md has a row for each command that --help lists, and for no other", async (t) => {
  const run = start(t, ["--help"], {});
  assert.equal(await run.exit(), 0);
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
  const commands = /\nCommands:\n(.*?)\n\n/s.exec(run.output())?.[1] ?? "";
  const listed = names(commands, /^ {2}(\w+) /gm).filter((name) => name !== "help");
  const [table = ""] = readFileSync("docs/command-line.md", "utf8").split("\n## ");
  assert.deepEqual(names(table, /^\| `(\w+)` \|/gm), listed);
});

interface Run {
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  /** The first whole line of the output that `isIt`. */
  line(isIt: (line: string) => boolean): Promise<string>;
  exit(): Promise<number | null>;
}

function start(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const { LISTENKEY_PORT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close");
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return {
    child,
    output: () => output,
    errors: () => errors,
    exit: () =>
      within(
        "the end of the program",
        exited.then(([code]) => code),
      ),
    line: (isIt) =>
      within(
        "the line",
        (async () => {
          for (;;) {
            const line = output.split("\n").slice(0, -1).find(isIt);
            if (line !== undefined) return line;
            await once(child.stdout, "data");
          }
        })(),
      ),
  };
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const deadline = sleep(WAIT_MAX_MS, undefined, { signal: over.signal }).then(() =>
    assert.fail(`${what} did not come`),
  );
  return Promise.race([promise, deadline]).finally(() => {
    over.abort();
    deadline.catch(() => {});
  });
}
