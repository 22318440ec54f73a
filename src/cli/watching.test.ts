/** `listenkey tail` and `listenkey watch`, as a person has them: processes in front of a hub, one with a terminal. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/eventually.ts";
import { type HubWorld, hubWorld, transfer } from "../../test/hub-world.ts";
import { readRecordText } from "../hub/record-text.ts";
import { waitingText } from "./hub-options.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const TOKEN = "reader-of-the-demo-0123456789";

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
}

function run(t: TestContext, url: string, command: string, args: readonly string[], more: object = {}): Running {
  const env = { ...process.env, LISTENKEY_URL: url, TERM: "xterm", ...more };
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return { child, output: () => output, errors: () => errors };
}

function listenkey(t: TestContext, { url }: HubWorld, args: readonly string[], more: object = {}): Running {
  return run(t, url, process.execPath, [MAIN, ...args], more);
}

test("tail prints what was told since a record, then what is told, and ends with 0", async (t) => {
  const running = await hubWorld(t);
  const { child, output, errors } = listenkey(t, running, ["tail", "--since", "0"]);
  await eventually(errors, () => /#1 LIVE.*\n.*#2 SYNCED/.test(output()));
  await transfer(running, "1.5");
  await eventually(errors, () => /#3 ACCOUNT {2}DEPOSIT: USDT 10001\.5/.test(output()));
  child.kill("SIGINT");
  assert.deepEqual([(await once(child, "exit"))[0], errors()], [0, ""]);
});

test("tail --json --no-follow prints the journal's own records, those that are wanted, and ends", async (t) => {
  const running = await hubWorld(t);
  for (let i = 0; i < 3; i++) await transfer(running, "1.5");
  await eventually("told", () => running.hub.account("demo")?.feed?.lastSeq === 5);
  const all = listenkey(t, running, ["tail", "--json", "--no-follow", "demo"]);
  assert.equal((await once(all.child, "close"))[0], 0, all.errors());
  const page = await fetch(`${running.url}/v1/accounts/demo/records?since=0`, {
    headers: { accept: "application/x-ndjson" },
  });
  assert.equal(all.output(), await page.text());
  const wish = ["tail", "--json", "--no-follow", "--events", "MARGIN_CALL", "--symbol", "BTCUSDT"];
  const some = listenkey(t, running, wish);
  assert.equal((await once(some.child, "close"))[0], 0, some.errors());
  const kinds = some
    .output()
    .trimEnd()
    .split("\n")
    .map((line) => readRecordText(line).kind);
  assert.deepEqual(kinds, ["status", "status"]);
});

test("tail --no-follow goes on to the end of the journal, though a page has nothing that is wanted", async (t) => {
  const record = '{"seq":3,"account":"demo","kind":"status","at":1,"status":"live"}';
  const server = createServer(({ url = "" }, answer) => {
    const since = Number(new URL(url, "http://hub").searchParams.get("since"));
    answer.setHeader("listenkey-cursor", since + 1);
    answer.setHeader("listenkey-last-seq", 4);
    answer.end(since === 2 ? `${record}\n` : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ["tail", "demo", "--json", "--no-follow", "--events", "MARGIN_CALL"];
  const { child, output, errors } = run(t, url, process.execPath, [MAIN, ...args]);
  assert.equal((await once(child, "close"))[0], 0, errors());
  assert.equal(output(), `${record}\n`);
});

test("tail says so when an event is asked for that nobody knows, and asks for it all the same", async (t) => {
  const running = await hubWorld(t);
  const { child, output, errors } = listenkey(t, running, ["tail", "--no-follow", "--events", "ORDER_TRADE"]);
  assert.equal((await once(child, "close"))[0], 0);
  assert.match(errors(), /--events: ORDER_TRADE is no event known here\. Known are .*ORDER_TRADE_UPDATE/);
  assert.match(output(), /#1 LIVE.*\n.*#2 SYNCED/);
});

test("a token comes from the environment; a refusal, a wrong name and a cursor too far end with 3", async (t) => {
  const running = await hubWorld(t, { tokens: [{ token: TOKEN, accounts: "all", may: "read" }] });
  const cases: readonly [args: readonly string[], env: object, code: number, message: RegExp][] = [
    [["tail", "--no-follow"], { LISTENKEY_TOKEN: TOKEN }, 0, /^$/],
    [["tail", "--no-follow"], { LISTENKEY_TOKEN: "" }, 3, /the hub refused: .*Authorization: expected a token/],
    [["tail", "nobody"], { LISTENKEY_TOKEN: TOKEN }, 3, /the hub refused: .*HTTP 404/],
    [["tail", "--since", "999", "demo"], { LISTENKEY_TOKEN: TOKEN }, 3, /cannot go on after record 999/],
    [["tail", "--since", "-1"], {}, 2, /Expected the number of a record/],
    [["watch", "nobody"], { LISTENKEY_TOKEN: TOKEN }, 3, /the hub refused/],
  ];
  for (const [args, env, code, message] of cases) {
    const { child, errors } = listenkey(t, running, args, env);
    assert.equal((await once(child, "close"))[0], code, `${args.join(" ")}: ${errors()}`);
    assert.match(errors(), message);
    assert.ok(!errors().includes(TOKEN));
  }
});

test("while the hub is away it is said where it is looked for, and why it is not reached", () => {
  const health = {
    phase: "pausing",
    lastSeq: 1,
    asOfSeq: 1,
    catchingUp: false,
    known: "whole",
    quietForMs: undefined,
    dials: 2,
  } as const;
  const text = (live: boolean, diagnosis?: string) => waitingText("http://h", { ...health, live, diagnosis });
  assert.deepEqual(
    [text(false), text(false, "closed 1006"), text(true, "closed 1006")],
    ["waiting for the hub at http://h", "waiting for the hub at http://h: the socket was cut (1006)", ""],
  );
});

test("watch without a terminal prints plain lines", async (t) => {
  const running = await hubWorld(t);
  const { child, output, errors } = listenkey(t, running, ["watch"]);
  await eventually("it listens", () => running.hub.account("demo")?.feed?.memberCount === 1);
  await transfer(running, "1.5");
  await eventually(errors, () => output().includes("ACCOUNT  DEPOSIT"));
  assert.ok(!output().includes("\u001b"));
  child.kill("SIGTERM");
  assert.equal((await once(child, "exit"))[0], 0);
});

test("watch on a terminal shows the account and what happens, and q gives the terminal back", async (t) => {
  const running = await hubWorld(t);
  const command = `stty cols 100 rows 30; ${process.execPath} ${MAIN} watch`;
  const { child, output, errors } = run(t, running.url, "script", ["-qec", command, "/dev/null"]);
  await eventually(errors, () => /USDT +10000\.00000000/.test(plain(output())));
  await transfer(running, "1.5");
  await eventually(errors, () => /USDT +10001\.5/.test(plain(output())) && output().includes("#3 ACCOUNT"));
  await eventually(errors, () => /socket open for 0 min/.test(output()));
  child.stdin?.write("q");
  assert.equal((await once(child, "exit"))[0], 0);
  assert.ok(output().includes("\u001b[?1049l"));
});

/** Without colours and the like. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
  return text.replace(/\u001b\[[?\d;]*[A-Za-z]/g, " ");
}
