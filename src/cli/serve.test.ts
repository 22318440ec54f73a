/** `listenkey serve` as a user has it: a process of its own, consumers on sockets, a journal that outlives it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { AccountRecord } from "../account/record.ts";
import { HubClient } from "../hub-client.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const WAIT_MAX_MS = 30_000;

interface Serving {
  readonly child: ChildProcess;
  readonly url: string;
  readonly errors: () => string;
}

async function serve(t: TestContext, args: readonly string[], env: Record<string, string> = {}): Promise<Serving> {
  const { LISTENKEY_PORT: _, LISTENKEY_TOKEN: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, "serve", "--json", ...args], {
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
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
    () => output.includes("\n"),
  );
  const { listening } = JSON.parse(output) as { listening: { port: number } };
  return { child, url: `http://127.0.0.1:${listening.port}`, errors: () => errors };
}

async function eventually(what: () => string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MAX_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `not within ${WAIT_MAX_MS} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function transfer(url: string): Promise<void> {
  const body = JSON.stringify({ asset: "USDT", amount: "1" });
  await fetch(`${url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function freePort(): Promise<number> {
  return import("node:net").then(async ({ createServer }) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    return port;
  });
}

test("the hub and the paper venue share one port, and SIGTERM ends both with 0", async (t) => {
  const { child, url, errors } = await serve(t, ["--port", "0"]);
  await eventually(
    () => "in sync",
    () => isReady(url),
  );
  const shown = (await (await fetch(`${url}/v1/accounts/demo`)).json()) as { balances: { wallet: string }[] };
  assert.equal(shown.balances[0]?.wallet, "10000.00000000");
  assert.equal((await fetch(`${url}/fapi/v1/ping`)).status, 200);
  child.kill("SIGTERM");
  assert.equal((await once(child, "exit"))[0], 0);
  assert.equal(errors(), "");
});

test("L8 after kill -9 the client goes on, no record is lost or told twice, and the gap is repaired", async (t) => {
  const data = folder(t);
  const port = await freePort();
  const args = ["--port", String(port), "--data", data];
  const first = await serve(t, args);
  const { url } = first;
  await eventually(
    () => "in sync",
    () => isReady(url),
  );
  const client = new HubClient({ url, account: "demo", since: 0 });
  t.after(() => client.stop());
  const records: AccountRecord[] = [];
  client.on("record", (record) => records.push(record));
  await client.start();
  for (let i = 0; i < 10; i++) await transfer(url);
  await eventually(
    () => "told",
    () => records.length >= 12,
  );
  first.child.kill("SIGKILL");
  await once(first.child, "exit");

  const second = await serve(t, args);
  await eventually(
    () => `in sync again: ${second.errors()}`,
    () => isReady(url),
  );
  await transfer(url);
  const booked = () => records.filter(({ kind }) => kind === "event").length;
  await eventually(
    () => `${booked()} of 11 transfers`,
    () => booked() === 11,
  );
  assert.deepEqual(
    records.map(({ seq }) => seq),
    records.map((_, index) => index + 1),
  );
  assert.ok(records.some((record) => record.kind === "gap" && record.why === "the program was not running"));
  await eventually(
    () => "the balance",
    () => client.account.balance("USDT")?.wallet === "10011",
  );

  second.child.kill("SIGTERM");
  assert.equal((await once(second.child, "exit"))[0], 0);
  const verified = spawn(process.execPath, [MAIN, "verify", "--data", data], { stdio: "ignore" });
  assert.equal((await once(verified, "exit"))[0], 0);
});

test("accounts and tokens come from a file, secrets from the environment, and these show nowhere", async (t) => {
  const at = folder(t);
  const config = join(at, "hub.json");
  const paper = { environment: "paper", apiKey: { env: "KEY" }, apiSecret: { env: "SECRET" } };
  const tokens = [{ token: { env: "READER" }, accounts: ["demo"] }];
  writeFileSync(config, JSON.stringify({ accounts: { demo: paper }, tokens, data: join(at, "data"), port: 0 }));
  const env = { KEY: "paper-demo-key", SECRET: "paper-demo-secret", READER: "reader-0123456789", LISTENKEY_TOKEN: "" };
  const { url, child, errors } = await serve(t, ["--config", config], env);
  await eventually(
    () => "in sync",
    () => isReady(url),
  );
  assert.equal((await fetch(`${url}/v1/accounts/demo`)).status, 401);
  const headers = { authorization: "Bearer reader-0123456789" };
  const health = await (await fetch(`${url}/v1/accounts/demo/health`, { headers })).text();
  assert.match(health, /"phase":"following"/);
  assert.doesNotMatch(health + errors(), /paper-demo-(?:key|secret)|reader-0123456789|[A-Za-z0-9]{64}/);
  child.kill("SIGTERM");
  assert.equal((await once(child, "exit"))[0], 0);
});

test("SIGHUP reads the file again: a new account is followed, and what is wrong changes nothing", async (t) => {
  const at = folder(t);
  const config = join(at, "hub.json");
  const demo = { environment: "paper", apiKey: { env: "KEY" }, apiSecret: { env: "SECRET" } };
  writeFileSync(config, JSON.stringify({ accounts: { demo }, port: 0 }));
  const env = { KEY: "paper-demo-key", SECRET: "paper-demo-secret" };
  const { url, child, errors } = await serve(t, ["--config", config, "--log", "json"], env);
  const names = async () => {
    const { accounts } = (await (await fetch(`${url}/v1/accounts`)).json()) as { accounts: { id: string }[] };
    return accounts.map(({ id }) => id).join(" ");
  };
  writeFileSync(config, JSON.stringify({ accounts: { demo, far: { hub: url, account: "demo" } }, port: 0 }));
  child.kill("SIGHUP");
  await eventually(
    () => "the new account",
    async () => (await names()) === "demo far",
  );
  writeFileSync(config, "{");
  child.kill("SIGHUP");
  await eventually(
    () => "the complaint",
    () => errors().includes("refused"),
  );
  const lines = errors().trimEnd().split("\n");
  const said = lines.map(
    (line) => JSON.parse(line) as { level: string; message: string; added?: string; why?: string },
  );
  assert.deepEqual(
    said.filter(({ message }) => message.startsWith("the configuration")).map(({ level, added }) => [level, added]),
    [
      ["info", "far"],
      ["error", undefined],
    ],
  );
  assert.match(said.at(-1)?.why ?? "", /hub\.json: expected JSON/);
  assert.equal(await names(), "demo far");
});

const WRONG: readonly [config: string, message: RegExp][] = [
  ["{", /hub\.json: expected JSON/],
  ['{"acounts":{}}', /hub\.json: expected only host, .*found "acounts"/],
  ['{"accounts":{}}', /hub\.json accounts: expected at least one account/],
  ['{"accounts":{"a":{}}}', /hub\.json accounts\.a\.apiKey: expected \{ "env": "NAME" \} or \{ "file": "PATH" \}/],
  ['{"accounts":{"a":{"apiKey":"plain"}}}', /accounts\.a\.apiKey: expected .* found "something else"/],
  ['{"accounts":{"a":{"apiKey":{"env":"NO_SUCH"}}}}', /accounts\.a\.apiKey: expected the variable NO_SUCH to be set/],
  ['{"tokens":[{"token":{"env":"HOME"},"may":"fly"}]}', /tokens\[0\]/],
  ['{"journal":{"acknowledge":"soon"}}', /journal\.acknowledge: expected committed or received, found "soon"/],
  ['{"port":1.5}', /hub\.json port: expected a whole number from 0 to 65535/],
  ['{"host":"0.0.0.0"}', /host: expected an address of this machine/],
];

for (const [text, message] of WRONG) {
  test(`a wrong configuration is refused, and the field is named: ${text}`, async (t) => {
    const config = join(folder(t), "hub.json");
    writeFileSync(config, text);
    const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--config", config], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    assert.equal((await once(child, "close"))[0], 2);
    assert.match(errors, message);
  });
}
