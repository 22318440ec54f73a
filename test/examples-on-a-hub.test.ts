/** The TypeScript programs in examples/ run as they are compiled, against a paper venue and a hub, and do their job. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { openSqlite } from "../src/kernel/io/sqlite.ts";
import { eventually } from "./eventually.ts";
import { trade } from "./guide-programs.ts";
import { type HubWorld, hubWorld } from "./hub-world.ts";

test("an example imports our doors, Node, and a database: nothing that a reader does not have", () => {
  for (const name of readdirSync("examples").filter((file) => file.endsWith(".ts"))) {
    const text = readFileSync(`examples/${name}`, "utf8");
    const imported = [...text.matchAll(/^(?:import|\} from) .*?"([^"]+)";$/gm)].map(([, from = ""]) => from);
    const strange = imported.filter((from) => !/^(?:listenkey(?:\/\w+)?|node:\w+|libsql)$/.test(from));
    assert.deepEqual([imported.includes("listenkey"), strange], [true, []], name);
    assert.match(text, new RegExp(`npm run example ${name.replace(".ts", "")} `), "it says how it is run");
  }
});

test("mirror-to-database has each fill once after kill -9, and the positions and balances of the hub", async (t) => {
  const world = await hubWorld(t);
  const file = join(folder(t), "account.db");
  const first = start(t, world, "mirror-to-database", [file]);
  await trade(world.url);
  await first.line(/ORDER_TRADE_UPDATE$/);
  first.child.kill("SIGKILL");
  await trade(world.url);
  const second = start(t, world, "mirror-to-database", [file]);
  await second.line(/^mirroring demo into .* after record [1-9]/);
  await trade(world.url);
  const db = await openSqlite(file);
  t.after(() => db.close());
  db.exec("PRAGMA busy_timeout = 5000");
  // Rows of Node's own SQLite have no prototype.
  const rows = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  const isAllThere = () =>
    Number(rows("SELECT amount FROM positions")[0]?.amount).toFixed(1) === "0.3" &&
    rows("SELECT seq FROM cursor")[0]?.seq === lastSeq(world);
  await eventually("all is there", isAllThere);
  assert.deepEqual(rows("SELECT count(DISTINCT trade_id) AS trades, count(*) AS rows FROM fills"), [
    { trades: 3, rows: 3 },
  ]);
  const account = world.hub.account("demo")?.feed?.snapshot.view;
  assert.deepEqual(rows("SELECT amount FROM positions"), [{ amount: account?.position("ETHUSDT")?.amount }]);
  assert.deepEqual(rows("SELECT wallet FROM balances WHERE asset = 'USDT'"), [
    { wallet: account?.balance("USDT")?.wallet },
  ]);
});

test("margin-call-alert tells a margin call, at its webhook too", async (t) => {
  const world = await hubWorld(t);
  const posted: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk) => posted.push(String(chunk)));
    request.on("end", () => response.end());
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await trade(world.url);
  const program = start(t, world, "margin-call-alert", [], { ALERT_WEBHOOK: hook });
  await program.line(/^0\.\d % used, 1 positions$/);
  await fetch(`${world.url}/v1/paper/accounts/demo/margin-call`, { method: "POST" });
  await program.line(/^ALERT margin call: 0\.1 ETHUSDT at a mark price of \d+/);
  await eventually("posted", () => /^\{"text":"listenkey: margin call: 0\.1 ETHUSDT/.test(posted.join("")));
});

test("several-bots know what each holds, and that the rest is of somebody else", async (t) => {
  const world = await hubWorld(t);
  const program = start(t, world, "several-bots");
  await program.line(/^grid 0\.002, trend 0\.001, others 0: 0\.003 BTCUSDT$/);
  assert.equal(await program.exit, 0);
});

test("record-and-replay decides the same when it is replayed", async (t) => {
  const world = await hubWorld(t);
  for (let times = 0; times < 6; times++) await trade(world.url);
  const program = start(t, world, "record-and-replay", ["both", join(folder(t), "records.ndjson")]);
  await program.line(/^ {2}\d+: hedge 0\.1 ETHUSDT at \d+/);
  await program.line(/^the same decisions$/);
  assert.equal(await program.exit, 0);
});

interface Program {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  /** Resolves when it has printed such a line. @throws when it ends before */
  line(pattern: RegExp): Promise<void>;
}

function start(
  t: TestContext,
  { url }: HubWorld,
  name: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Program {
  const { NODE_TEST_CONTEXT: _, LISTENKEY_API_KEY: __, ...inherited } = process.env;
  const env = { ...inherited, LISTENKEY_URL: url, ...more };
  const child = spawn(process.execPath, [`build/examples/${name}.js`, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", (line) => lines.push(line));
  const exit = once(child, "close").then(([code]) => code as number | null);
  const line = async (pattern: RegExp) => {
    const isThere = () => lines.some((one) => pattern.test(one));
    await eventually(`${name}: ${pattern}`, () => isThere() || child.exitCode !== null);
    assert.ok(isThere(), `no line matches ${pattern}:\n${lines.join("\n")}`);
  };
  return { child, exit, line };
}

function lastSeq({ hub }: HubWorld): number | undefined {
  return hub.account("demo")?.feed?.lastSeq;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "listenkey-example-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}
