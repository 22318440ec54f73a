/** `listenkey fault` as a user has it: a process of its own, against a paper venue on real sockets. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startPaperVenue } from "../venue/index.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const WAIT_MAX_MS = 30_000;

test("faults are started, listed and ended, for people and for programs", async (t) => {
  const { fault } = await openVenue(t);
  assert.deepEqual(await fault("list"), [0, "No fault is active.\n", ""]);
  const [code, line] = await fault("start", "delay", "byMs=500", "--account", "demo", "--for", "60000");
  assert.equal(code, 0);
  assert.match(line, /^f1 delay on demo until 20\d\d-\d\d-\d\dT\S+Z: byMs 500\n$/);
  assert.deepEqual(await fault("start", "cut"), [0, "f2 cut on all accounts at once: struck 0, sockets streams\n", ""]);
  const [, json] = await fault("start", "rest-error", "carriedOut=true", "code=-1007", "path=/fapi/v1/order", "--json");
  const { startedAt, ...started } = JSON.parse(json);
  assert.ok(Number.isSafeInteger(startedAt));
  assert.deepEqual(started, {
    id: "f3",
    type: "rest-error",
    account: null,
    endsAt: null,
    status: 503,
    code: -1007,
    msg: "",
    path: "/fapi/v1/order",
    method: "any",
    carriedOut: true,
    percent: 100,
  });
  const [, listed] = await fault("list", "--json");
  assert.deepEqual(
    listed
      .trim()
      .split("\n")
      .map((row) => JSON.parse(row).id),
    ["f1", "f3"],
  );
  assert.match((await fault("end", "f1"))[1], /^ended f1 delay on demo until /);
  assert.match((await fault("end"))[1], /^ended f3 rest-error on all accounts until ended: status 503/);
  assert.deepEqual(await fault("end"), [0, "No fault was active.\n", ""]);
});

test("what is wrong is said with what to do, and the exit code says whose fault it is", async (t) => {
  const { fault, run } = await openVenue(t);
  const [usage, , why] = await fault("start", "delay", "byMs=soon");
  assert.deepEqual(
    [usage, why.split("\n")],
    [
      3,
      [
        'listenkey: body.byMs: expected milliseconds from 1 to 600000, found "soon"',
        "byMs: how late. Left out it is 1000.",
        "",
      ],
    ],
  );
  assert.match((await fault("start", "delay", "500"))[2], /settings: expected NAME=VALUE, found "500"/);
  assert.match((await fault("start", "quake"))[2], /Allowed choices are cut, half-open/);
  assert.match((await fault("end", "f9"))[2], /fault: expected one that is active, found "f9"/);
  const [unreachable, , reason] = await run("fault", "list", "--url", "http://127.0.0.1:1");
  assert.equal(unreachable, 4);
  assert.match(reason, /^listenkey: GET \/v1\/paper\/faults failed: /);
  assert.match((await run("fault", "start", "delay", "--for", "soon"))[2], /Expected a whole number from 0/);
  assert.match((await run("fault", "list", "--url", "nowhere"))[2], /--url: expected a URL/);
});

test("the help of start names every fault with its settings", async (t) => {
  const { run } = await openVenue(t);
  const [code, help] = await run("fault", "start", "--help");
  assert.equal(code, 0);
  assert.match(help, / {2}half-open: open sockets stay open.*sockets=streams.* {2}shutdown: .*noticeMs=5000/s);
});

async function openVenue(t: TestContext) {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  return {
    run,
    fault: (action: string, ...args: string[]) => run("fault", action, ...args, "--url", venue.url),
  };
}

function run(...args: string[]): Promise<[code: number, out: string, err: string]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: WAIT_MAX_MS }, (error, out, err) =>
      resolve([error === null ? 0 : Number(error.code), out, err]),
    );
  });
}
