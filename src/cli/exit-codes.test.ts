/** The exit codes of the command line, each had from the program itself, and the page and the help that list them. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/eventually.ts";
import { entriesOf, openForTest, temporary } from "../../test/journal-fixtures.ts";
import { HubRefused } from "../hub/hub-errors.ts";
import {
  InvariantViolation,
  NetworkError,
  RateLimited,
  StorageError,
  UsageError,
  VenueRejected,
  WireFormatError,
} from "../kernel/errors.ts";
import { openSqlite } from "../kernel/io/sqlite.ts";
import { EXIT_CODES, exitCodeOf, exitCodesHelp, Interrupted } from "./exit-codes.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

test("every error has its code, whatever its command", () => {
  const rows: readonly [error: unknown, code: number][] = [
    [new UsageError("--port", "a number", "x"), 2],
    [new HubRefused(401, "no"), 3],
    [new VenueRejected("GET /x", { status: 400, code: -2015, msg: "no" }), 3],
    [new RateLimited("GET /x", { status: 418, waitMs: 1, msg: "no" }), 3],
    [new NetworkError("GET /x", "ECONNREFUSED", "not-sent"), 4],
    [new WireFormatError("$.a", "a number", "x"), 4],
    [new StorageError("x.db", "ENOSPC", "failed"), 5],
    [new InvariantViolation("one"), 70],
    [new TypeError("x is not a function"), 70],
    [new Interrupted("SIGINT"), 130],
    [new Interrupted("SIGTERM"), 143],
    [new Interrupted("output closed"), 0],
  ];
  for (const [error, code] of rows) assert.equal(exitCodeOf(error), code, String(error));
});

test("the page and --help have the table of the code, row by row", async (t) => {
  const page = readFileSync("docs/command-line.md", "utf8");
  const shown = [...page.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, when]) => ({ code: Number(code), when }));
  assert.deepEqual(shown, Object.values(EXIT_CODES));
  const { output } = await ended(listenkey(t, ["--help"]));
  assert.ok(output.includes(exitCodesHelp()));
});

test("0, 1, 2 and 5: a journal that is whole, damaged, absent, and one whose count is not readable", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  await journal.append(entriesOf("demo", 1, 50));
  await journal.close();
  const verify = () => ended(listenkey(t, ["verify", "--data", folder])).then(({ code }) => code);
  assert.equal(await verify(), 0);
  const database = await openSqlite(join(folder, "journal.db"));
  database.exec("DELETE FROM entries WHERE seq = 20");
  database.close();
  assert.equal(await verify(), 1);
  assert.equal((await ended(listenkey(t, ["verify", "--data", join(folder, "none")]))).code, 2);
  const { code, errors } = await ended(listenkey(t, ["export", "--data", folder]));
  assert.equal(code, 5, errors);
});

test("3 and 4: somebody answers no, something that is no answer, or not at all", async (t) => {
  let answer = '{"error":{"code":"NOT_ALLOWED","message":"not you"}}';
  let status = 403;
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(answer);
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const code = (...args: string[]) => ended(listenkey(t, args)).then((run) => run.code);
  assert.deepEqual(
    await Promise.all([code("tail", "--no-follow", "--url", url), code("fault", "list", "--url", url)]),
    [3, 3],
  );
  [answer, status] = ["<html>", 200];
  assert.equal(await code("tail", "--no-follow", "--url", url), 4);
  const nobody = await ended(listenkey(t, ["tail", "--no-follow", "--url", "http://127.0.0.1:1"]));
  assert.equal(nobody.code, 4);
  assert.match(nobody.errors, /ECONNREFUSED.*\nDoes anything listen there\? `listenkey demo` starts/);
});

test("70: a bug ends it with its stack", async (t) => {
  // As soon as the program is ready for it.
  const plant = "if (process.listenerCount('uncaughtException') > 0) throw new TypeError('planted')";
  const bug = `data:text/javascript,setInterval(() => { ${plant} }, 20)`;
  const { code, errors } = await ended(listenkey(t, ["serve", "--port", "0"], ["--import", bug]));
  assert.equal(code, 70);
  assert.match(errors, /TypeError: planted\n {4}at /);
});

test("130 and 143: who interrupts an export hears that it was not done; who has read enough does not", async (t) => {
  const folder = temporary(t);
  const journal = await openForTest(t, folder);
  // More than a pipe holds, so that it waits for its reader.
  await journal.append(entriesOf("demo", 1, 3_000));
  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const run = listenkey(t, ["export", "--data", folder]);
    await begun(run);
    run.kill(signal);
    const { code, errors } = await ended(run);
    assert.deepEqual([code, errors], [expected, `listenkey: interrupted (${signal}): it was not done yet\n`]);
  }
  const head = listenkey(t, ["export", "--data", folder]);
  await begun(head);
  head.stdout?.destroy();
  assert.deepEqual((await ended(head)).code, 0);
});

function listenkey(t: TestContext, args: readonly string[], flags: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...flags, MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** Its first words are here, and no more is read: it has to wait. */
async function begun({ stdout }: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    stdout?.once("data", () => {
      stdout.pause();
      resolve();
    });
  });
}

async function ended(child: ChildProcess) {
  let [output, errors] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout?.resume();
  let isClosed = false;
  child.once("close", () => {
    isClosed = true;
  });
  await eventually("the end of the program", () => isClosed);
  return { code: child.exitCode, output, errors };
}
