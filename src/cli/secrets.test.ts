/** L9: whatever goes wrong, no log line, answer, number or file of a hub holds a key, a secret or a token. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "../../test/eventually.ts";
import { kill, type Serving, serve } from "../../test/serving.ts";

const ADMIN = "administrator-of-this-hub-5f2c91";
const READER = "reader-of-this-hub-77ab03d19e";
const WRONG_TOKEN = "token-that-nobody-knows-4411";
const WRONG_KEY = "KeyThatNoExchangeKnows0123456789abcdefKeyThatNoExchangeKnows0123";
const WRONG_SECRET = "SecretOfTheKeyThatNobodyKnows0123456789abcdefSecretOfTheKey01234";
const PUT_SECRET = "SecretThatWasSentToTheHub0123456789abcdefghijklmnopqrstuvwxyz01";

interface World {
  readonly venue: Serving;
  readonly hub: Serving;
  readonly config: string;
  readonly data: string;
  readonly environment: object;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** All that was answered. */
  readonly answers: string[];
  ask(method: string, path: string, token: string, body?: string): Promise<readonly [status: number, text: string]>;
}

/** A hub that follows one account, and is refused by another. */
async function world(t: TestContext): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const venue = await serve(["--no-hub", "--port", "0"]);
  t.after(() => kill(venue));
  const made = await fetch(`${venue.url}/v1/paper/accounts`, { method: "POST", body: '{"name":"real"}' });
  const { apiKey, apiSecret } = (await made.json()) as { apiKey: string; apiSecret: string };
  const environment = { rest: venue.url, stream: venue.url.replace("http", "ws") };
  const config = join(folder, "hub.json");
  const accounts = {
    real: { environment, apiKey: { env: "KEY" }, apiSecret: { env: "SECRET" } },
    wrong: { environment, apiKey: { env: "WRONG_KEY" }, apiSecret: { env: "WRONG_SECRET" } },
  };
  const tokens = [
    { token: { env: "ADMIN" }, may: "administer" },
    { token: { env: "READER" }, accounts: ["real"] },
  ];
  writeFileSync(config, JSON.stringify({ accounts, tokens, port: 0 }));
  const data = join(folder, "kept");
  const env = { KEY: apiKey, SECRET: apiSecret, WRONG_KEY, WRONG_SECRET, ADMIN, READER };
  const hub = await serve(["--config", config, "--data", data, "--log", "json", "--log-level", "debug"], env);
  t.after(() => kill(hub));
  const answers: string[] = [];
  const ask: World["ask"] = async (method, path, token, body) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = body === undefined ? { method, headers } : { method, headers, body };
    const response = await fetch(`${hub.url}${path}`, sent);
    const text = await response.text();
    answers.push(text);
    return [response.status, text];
  };
  return { venue, hub, config, data, environment, apiKey, apiSecret, answers, ask };
}

/** Everything that can be done wrong with a secret. */
async function misuse({ hub, config, environment, apiKey, apiSecret, ask }: World): Promise<void> {
  for (let i = 0; i < 15; i++) await ask("GET", "/v1/accounts/real", WRONG_TOKEN);
  await ask("PUT", "/v1/accounts/third", READER, "{}");
  const wish = { environment, apiKey: { value: PUT_SECRET }, apiSecret: { value: PUT_SECRET } };
  assert.equal((await ask("PUT", "/v1/accounts/third", ADMIN, JSON.stringify(wish)))[0], 200);
  await ask("PUT", "/v1/accounts/fourth", ADMIN, JSON.stringify({ apiKey: PUT_SECRET, apiSecret: PUT_SECRET }));
  await ask("PUT", "/v1/accounts/fifth", ADMIN, `{"apiKey":"${PUT_SECRET}`);
  const real = { apiKey, apiSecret };
  writeFileSync(config, JSON.stringify({ accounts: { real }, tokens: [{ token: ADMIN }] }));
  hub.child.kill("SIGHUP");
  await eventually("the file is refused", () => hub.errors().includes("read again, and refused"));
  writeFileSync(config, `{"accounts":{"real":{"apiSecret":"${apiSecret}"`);
  await ask("POST", "/v1/reload", ADMIN);
  const ws = new WebSocket(`${hub.url.replace("http", "ws")}/v1/accounts/real/stream?token=${READER}`);
  ws.on("error", () => {});
}

test("L9 a hub whose keys are refused, tokens guessed and file broken tells no secret, anywhere", async (t) => {
  const running = await world(t);
  const { venue, hub, data, apiKey, apiSecret, answers, ask } = running;
  await eventually(
    () => `one is followed, one refused: ${hub.errors()}`,
    async () => /"ready":true.*"phase":"waiting"/.test((await ask("GET", "/v1/accounts", ADMIN))[1]),
  );
  const listenKey = await keyOf(venue.url, apiKey);
  await misuse(running);
  await fetch(`${venue.url}/v1/paper/faults`, { method: "POST", body: '{"type":"expire-key","account":"real"}' });
  const records = "/v1/accounts/real/records?since=0&limit=1000";
  await eventually(
    () => `the key expired: ${hub.errors()}`,
    async () => (await ask("GET", records, READER))[1].includes("listenKeyExpired"),
  );
  await eventually("the third is refused", async () =>
    (await ask("GET", "/v1/accounts/third/health", ADMIN))[1].includes('"phase":"waiting"'),
  );
  for (const path of ["/metrics", "/v1/openapi.json", "/readyz"]) await ask("GET", path, ADMIN);
  for (const path of ["", "/health", "/consumers"]) await ask("GET", `/v1/accounts/real${path}`, ADMIN);
  await kill(hub);

  const secrets = { apiKey, apiSecret, listenKey, WRONG_KEY, WRONG_SECRET, PUT_SECRET, ADMIN, READER, WRONG_TOKEN };
  const files = readdirSync(data).map((name) => [name, readFileSync(join(data, name), "latin1")] as const);
  assert.ok(files.some(([name]) => name === "journal.db"));
  assert.ok(hub.errors().split("\n").length > 8, "it had something to say");
  const told = { "standard error": hub.errors(), "standard output": hub.output(), answers: answers.join("\n") };
  for (const [place, text] of [...Object.entries(told), ...files]) {
    for (const [name, secret] of Object.entries(secrets)) assert.ok(!text.includes(secret), `${name} is in ${place}`);
  }
});

/** The listenKey of the account: the exchange gives the same to everybody who asks with its API key. */
async function keyOf(url: string, apiKey: string): Promise<string> {
  const response = await fetch(`${url}/fapi/v1/listenKey`, { method: "POST", headers: { "x-mbx-apikey": apiKey } });
  return ((await response.json()) as { listenKey: string }).listenKey;
}
