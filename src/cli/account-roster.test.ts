/** Accounts come and go while the hub runs: by calls, and by its file. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../../test/eventually.ts";
import { KeptLog } from "../../test/fake-world.ts";
import { HubClient } from "../hub-client.ts";
import { DEMO_ACCOUNT } from "../venue/index.ts";
import { type AccountConfig, defaultConfig, type HubConfig } from "./hub-config.ts";
import { type RunningHub, startHub } from "./hub-process.ts";

const DEMO: AccountConfig = { on: "paper", apiKey: DEMO_ACCOUNT.apiKey, apiSecret: DEMO_ACCOUNT.apiSecret };

interface World extends RunningHub {
  /** What the file says from now on. */
  config: HubConfig;
  readonly log: KeptLog;
}

async function world(t: TestContext): Promise<World> {
  const log = new KeptLog();
  const file = { config: defaultConfig(DEMO_ACCOUNT) };
  const running = await startHub({
    config: file.config,
    reread: () => file.config,
    host: "127.0.0.1",
    port: 0,
    data: undefined,
    version: "0.0.0",
    log,
    paper: { seed: 1 },
  });
  t.after(() => running.close());
  await eventually("in sync", () => running.hub.isReady);
  return Object.assign(file, running, { log });
}

async function call({ url }: World, method: string, path: string, body?: object): Promise<[number, unknown]> {
  const response = await fetch(
    `${url}${path}`,
    body === undefined ? { method } : { method, body: JSON.stringify(body) },
  );
  return [response.status, await response.json()];
}

/** An account more on the venue, as it is asked to be followed. */
async function newcomer(running: World): Promise<{ readonly id: string; readonly wish: object }> {
  const [, made] = await call(running, "POST", "/v1/paper/accounts", { name: "second", balances: { USDT: "5" } });
  const { id, apiKey, apiSecret } = made as { id: string; apiKey: string; apiSecret: string };
  return { id, wish: { environment: "paper", apiKey: { value: apiKey }, apiSecret: { value: apiSecret } } };
}

function transfer(running: World, id: string): Promise<[number, unknown]> {
  return call(running, "POST", `/v1/paper/accounts/${id}/transfer`, { asset: "USDT", amount: "1" });
}

test("an account is put, followed, changed and removed by calls, and what it told stays", async (t) => {
  const running = await world(t);
  const { id, wish } = await newcomer(running);
  const put = `/v1/accounts/${id}`;
  assert.deepEqual(await call(running, "PUT", put, wish), [200, { added: [id], changed: [], removed: [] }]);
  assert.deepEqual(await call(running, "PUT", put, wish), [200, { added: [], changed: [], removed: [] }]);
  await eventually("both in sync", () => running.hub.isReady && running.hub.accounts.length === 2);
  const client = new HubClient({ url: running.url, account: id, since: 0 });
  t.after(() => client.stop());
  const seqs: number[] = [];
  client.on("record", ({ seq }) => seqs.push(seq));
  await client.start();
  await transfer(running, id);
  await eventually("the transfer", () => Number(client.account.balance("USDT")?.wallet) === 6);

  assert.deepEqual(await call(running, "PUT", put, { ...wish, keyService: "rest" }), [
    400,
    {
      error: {
        code: "BAD_BODY",
        message: 'body: expected only hub, apiKey, apiSecret, environment, found "keyService"',
      },
    },
  ]);
  const elsewhere = { ...wish, environment: { rest: running.url, stream: running.venue?.wsUrl } };
  assert.deepEqual(await call(running, "PUT", put, elsewhere), [200, { added: [], changed: [id], removed: [] }]);
  await transfer(running, id);
  await eventually("the next transfer, by the other way", () => Number(client.account.balance("USDT")?.wallet) === 7);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
  assert.equal(client.health.live, true);

  assert.deepEqual(await call(running, "DELETE", put), [200, { added: [], changed: [], removed: [id] }]);
  await eventually("the client is told", () => !client.health.live);
  assert.equal((await call(running, "GET", put))[0], 404);
  assert.equal((await call(running, "DELETE", put))[0], 404);
  assert.deepEqual(await call(running, "PUT", put, wish), [200, { added: [id], changed: [], removed: [] }]);
  await eventually("back", () => (running.hub.account(id)?.feed?.lastSeq ?? 0) > (seqs.at(-1) ?? 0));
});

test("an account that cannot be followed so is refused, and the field is named", async (t) => {
  const running = await world(t);
  const wrong: readonly [body: object, message: RegExp][] = [
    [{}, /^body apiKey: expected \{ "env": "NAME" \} or \{ "file": "PATH" \}/],
    [{ apiKey: { env: "NO_SUCH_VARIABLE" } }, /^body apiKey: expected the variable NO_SUCH_VARIABLE to be set/],
    [{ apiKey: { value: "k" }, environment: "moon" }, /^body environment: expected production or demo, found "moon"/],
    [{ apiKey: { value: "k" }, environment: "paper" }, /^body apiSecret: expected/],
  ];
  for (const [body, message] of wrong) {
    const [status, answer] = await call(running, "PUT", "/v1/accounts/other", body);
    const { error } = answer as { error: { code: string; message: string } };
    assert.deepEqual([status, error.code], [400, "BAD_BODY"]);
    assert.match(error.message, message);
  }
  const [status] = await call(running, "PUT", "/v1/accounts/a%20b", { apiKey: { value: "k" } });
  assert.equal(status, 400);
  assert.equal((await fetch(`${running.url}/v1/accounts/other`, { method: "PUT", body: "{" })).status, 400);
  assert.equal(running.hub.accounts.length, 1);
});

test("a configuration that is read again adds, changes and removes what it names, and nothing else", async (t) => {
  const running = await world(t);
  const { id, wish } = await newcomer(running);
  await call(running, "PUT", `/v1/accounts/${id}`, wish);
  const far: AccountConfig = { on: "hub", url: running.url, account: "demo", token: undefined, calls: undefined };
  running.config = { ...running.config, accounts: new Map([["far", far]]) };
  assert.deepEqual(await call(running, "POST", "/v1/reload"), [
    200,
    { added: ["far"], changed: [], removed: ["demo"] },
  ]);
  assert.deepEqual(
    running.hub.accounts.map(({ id: name }) => name),
    [id, "far"],
  );
  running.config = { ...running.config, accounts: new Map([["demo", DEMO]]) };
  assert.deepEqual(await running.reload(), { added: ["demo"], changed: [], removed: ["far"] });
  await eventually("in sync again", () => running.hub.isReady);
  assert.deepEqual(await running.reload(), { added: [], changed: [], removed: [] });
});

test("a configuration with an account that cannot be followed is refused whole: nothing of it is done", async (t) => {
  const near = await world(t);
  const far: AccountConfig = { on: "hub", url: near.url, account: "demo", token: undefined, calls: undefined };
  const first = { ...defaultConfig(DEMO_ACCOUNT), accounts: new Map([["far", far]]) };
  const file: { config: HubConfig } = { config: first };
  const data = mkdtempSync(join(tmpdir(), "listenkey-"));
  const about = { host: "127.0.0.1", port: 0, data, version: "0.0.0", log: new KeptLog(), paper: {} };
  const running = await startHub({ ...about, config: first, reread: () => file.config });
  t.after(async () => {
    await running.close();
    rmSync(data, { recursive: true });
  });
  const tokens = [{ token: "administrator-0123456789", accounts: "all", may: "administer" }] as const;
  const accounts = new Map<string, AccountConfig>([
    ["new", far],
    ["demo", DEMO],
  ]);
  file.config = { ...first, tokens, accounts };
  await assert.rejects(running.reload(), /account demo: expected an account of an exchange, or of another hub/);
  const response = await fetch(`${running.url}/v1/accounts`);
  const shown = (await response.json()) as { accounts: { id: string }[] };
  assert.deepEqual([response.status, shown.accounts.map(({ id }) => id)], [200, ["far"]]);
});

test("tokens of the configuration that is read again are good at once, and those it leaves out are not", async (t) => {
  const running = await world(t);
  const token = "administrator-0123456789";
  running.config = { ...running.config, tokens: [{ token, accounts: "all", may: "administer" }] };
  await running.reload();
  assert.equal((await call(running, "GET", "/v1/accounts"))[0], 401);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await fetch(`${running.url}/v1/accounts`, { headers })).status, 200);
  running.config = { ...running.config, tokens: [] };
  await running.reload();
  assert.equal((await call(running, "GET", "/v1/accounts"))[0], 200);
});
