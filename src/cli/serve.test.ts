/** `listenkey serve` as a user has it: a process of its own, consumers on sockets, a journal that outlives it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/eventually.ts";
import { transfer } from "../../test/hub-world.ts";
import { freePort, kill, type Serving, serve } from "../../test/serving.ts";
import type { AccountRecord } from "../account/record.ts";
import { HubClient } from "../hub-client.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

/** Started for a test, with which it ends. */
async function started(
  t: TestContext,
  args: readonly string[],
  env?: Record<string, string>,
  cwd?: string,
): Promise<Serving> {
  const serving = await serve(args, env, cwd);
  t.after(() => kill(serving));
  return serving;
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("the hub and the paper venue share one port, and SIGTERM ends both with 0", async (t) => {
  const { child, url, errors } = await started(t, ["--port", "0"]);
  await eventually("in sync", () => isReady(url));
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
  const first = await started(t, args);
  const { url } = first;
  await eventually("in sync", () => isReady(url));
  const client = new HubClient({ url, account: "demo", since: 0 });
  t.after(() => client.stop());
  const records: AccountRecord[] = [];
  client.on("record", (record) => records.push(record));
  await client.start();
  for (let i = 0; i < 10; i++) await transfer({ url });
  await eventually("told", () => records.length >= 12);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");

  const second = await started(t, args);
  await eventually(
    () => `in sync again: ${second.errors()}`,
    () => isReady(url),
  );
  await transfer({ url });
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
  await eventually("the balance", () => client.account.balance("USDT")?.wallet === "10011");

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
  const { url, child, errors } = await started(t, ["--config", config], env);
  await eventually("in sync", () => isReady(url));
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
  const { url, child, errors } = await started(t, ["--config", config, "--log", "json"], env);
  const names = async () => {
    const { accounts } = (await (await fetch(`${url}/v1/accounts`)).json()) as { accounts: { id: string }[] };
    return accounts.map(({ id }) => id).join(" ");
  };
  writeFileSync(config, JSON.stringify({ accounts: { demo, far: { hub: url, account: "demo" } }, port: 0 }));
  child.kill("SIGHUP");
  await eventually("the new account", async () => (await names()) === "demo far");
  writeFileSync(config, "{");
  child.kill("SIGHUP");
  await eventually("the complaint", () => errors().includes("refused"));
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

test("SIGHUP while the configuration is away changes nothing: the hub does not become the demo", async (t) => {
  const at = folder(t);
  const config = join(at, "listenkey.config.json");
  const far = { hub: "http://127.0.0.1:9", account: "demo" };
  const tokens = [{ token: { env: "READER" } }];
  writeFileSync(config, JSON.stringify({ accounts: { far }, tokens, port: 0 }));
  const env = { READER: "reader-0123456789" };
  const { url, child, errors } = await started(t, ["--log", "json"], env, at);
  rmSync(config);
  child.kill("SIGHUP");
  await eventually("the complaint", () => errors().includes("refused"));
  assert.match(errors(), /listenkey\.config\.json: expected a file that can be read/);
  assert.equal((await fetch(`${url}/v1/accounts`)).status, 401);
  const headers = { authorization: "Bearer reader-0123456789" };
  const { accounts } = (await (await fetch(`${url}/v1/accounts`, { headers })).json()) as {
    accounts: { id: string }[];
  };
  assert.deepEqual(
    accounts.map(({ id }) => id),
    ["far"],
  );
});

const WRONG: readonly [config: string, message: RegExp][] = [
  ["{", /hub\.json: expected JSON/],
  ['{"acounts":{}}', /hub\.json: expected only host, .*found "acounts"/],
  ['{"accounts":{}}', /hub\.json accounts: expected at least one account/],
  ['{"accounts":{"a":{}}}', /hub\.json accounts\.a\.apiKey: expected \{ "env": "NAME" \} or \{ "file": "PATH" \}/],
  ['{"accounts":{"a":{"apiKey":"plain"}}}', /accounts\.a\.apiKey: expected .* found "something else"/],
  ['{"accounts":{"a":{"apiKey":{"env":"NO_SUCH"}}}}', /accounts\.a\.apiKey: expected the variable NO_SUCH to be set/],
  ['{"tokens":[{"token":{"env":"HOME"},"may":"fly"}]}', /tokens\[0\]/],
  ['{"tokens":[{"token":{"env":"LONG"}},{"token":{"env":"LONG"}}]}', /tokens\[1\]\.token: expected .* once/],
  ['{"tokens":[{"token":{"env":"BLANK"}}]}', /tokens\[0\]\.token: expected .*without blanks/],
  [
    '{"accounts":{"a":{"hub":"http://h"},"a":{"hub":"http://i"}}}',
    /hub\.json accounts: expected each name once, found "a"/,
  ],
  ['{"journal":{"acknowledge":"soon"}}', /journal\.acknowledge: expected committed or received, found "soon"/],
  ['{"port":1.5}', /hub\.json port: expected a whole number from 0 to 65535/],
  [
    '{"host":"0.0.0.0"}',
    /host: expected an address of this machine, .* for the paper venue, .*\n.*accounts of an exchange/,
  ],
];

for (const [text, message] of WRONG) {
  test(`a wrong configuration is refused, and the field is named: ${text}`, async (t) => {
    const config = join(folder(t), "hub.json");
    writeFileSync(config, text);
    const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--config", config], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, LONG: "token-0123456789abc", BLANK: "token 0123456789abc" },
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    assert.equal((await once(child, "close"))[0], 2);
    assert.match(errors, message);
  });
}
