/** The listenKeys of bots, from one hub to the next. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { apiKeyOf, BotWorld, botSetting } from "../../test/bot-world.ts";
import { KeptLog } from "../../test/fake-world.ts";
import type { BotLease, LeaseStore } from "./bot-leases.ts";
import { LeaseFile } from "./io/lease-file.ts";

const MINUTE_MS = 60_000;
const READER = { token: "reader-0123456789", accounts: "all", may: "read" } as const;
const ODD = '{"e":"INVENTED","n":1}';

/** Keeps what was saved last. */
class KeptLeases implements LeaseStore {
  leases: readonly BotLease[] = [];

  load(): readonly BotLease[] {
    return this.leases;
  }

  save(leases: readonly BotLease[]): void {
    this.leases = structuredClone(leases);
  }
}

test("a hub that comes back knows the keys of its bots, hears them, and ends them when they are due", async () => {
  const leases = new KeptLeases();
  const tokens = [READER];
  const before = await BotWorld.open({ leases, tokens });
  const [a, b] = [before.key("POST", "a"), before.key("POST", "b")];
  const c = before.call("POST", "/fapi/v1/listenKey", READER.token).json.listenKey;
  await before.clock.advance(50 * MINUTE_MS);
  before.key("PUT", "b");
  before.key("DELETE", "a");
  await before.clock.advance(5 * MINUTE_MS);
  const after = await BotWorld.open({ leases, tokens, clock: before.clock });
  const sockets = [a, b, c].map((key) => after.socket(`/private/ws/${key}`));
  after.upstream().event(ODD);
  const heard = await Promise.all(sockets.map((session) => after.heard(session)));
  assert.deepEqual(heard, [[], [ODD], [ODD]]);
  assert.deepEqual([after.key("PUT", "a"), after.key("POST", "b")], [-1125, b]);
  assert.deepEqual(await expiries(after, sockets, 5 * MINUTE_MS - 1), [0, 0, 0]);
  assert.deepEqual(await expiries(after, sockets, 1), [0, 0, 1]);
});

/** How often each socket hears that its key has expired, while so much time passes. */
async function expiries(world: BotWorld, sockets: readonly string[], ms: number): Promise<number[]> {
  await world.clock.advance(ms);
  const heard = await Promise.all(sockets.map((session) => world.heard(session)));
  return heard.map((texts) => texts.filter((text) => text.includes("listenKeyExpired")).length);
}

test("a key is given back to nobody who has another API key or account now, or whose token is gone", async () => {
  const leases = new KeptLeases();
  const before = await BotWorld.open({ leases, tokens: [READER] });
  const granted = [before.key("POST", "a"), before.key("POST", "b")];
  before.call("POST", "/fapi/v1/listenKey", READER.token);
  const bots = [botSetting("a", { apiKey: apiKeyOf("other") }), botSetting("b", { account: "far" })];
  const after = await BotWorld.open({ leases, bots, accounts: ["demo", "far"] });
  const sockets = granted.map((key) => after.socket(`/private/ws/${key}`));
  for (const account of ["demo", "far"]) after.upstream(account).event(ODD);
  assert.deepEqual(await Promise.all(sockets.map((session) => after.heard(session))), [[], []]);
  assert.equal(after.key("PUT", "b"), -1125);
});

test("a bot that comes back before its account is open is told to come again", async () => {
  const leases = new KeptLeases();
  const before = await BotWorld.open({ leases });
  const key = before.key("POST", "a");
  const after = await BotWorld.open({ leases, accounts: [] });
  const session = after.socket(`/private/ws/${key}`);
  assert.deepEqual(await after.heard(session), ["<close 1001 Going away>"]);
});

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const LEASE = { bot: "a", account: "demo", by: "0123456789abcdef", key: "k", expiresAt: 5 } as unknown as BotLease;

test("L9 the file of keys is for its owner only, and is replaced whole", (t) => {
  const path = folder(t);
  const log = new KeptLog();
  const file = new LeaseFile(path, log);
  assert.deepEqual(file.load(), []);
  file.save([LEASE, LEASE]);
  file.save([LEASE]);
  assert.deepEqual(new LeaseFile(path, log).load(), [LEASE]);
  assert.equal(statSync(join(path, "bot-keys.json")).mode & 0o777, 0o600);
  assert.deepEqual(log.lines, []);
});

test("a file of keys that is damaged, or cannot be written, is said, and stops nothing", (t) => {
  const path = folder(t);
  const log = new KeptLog();
  for (const text of ["", "{}", '{"leases":[{}]}', '{"leases":[null]}']) {
    writeFileSync(join(path, "bot-keys.json"), text);
    assert.deepEqual(new LeaseFile(path, log).load(), []);
  }
  new LeaseFile(join(path, "not-there"), log).save([LEASE]);
  assert.equal(log.lines.length, 5);
  assert.match(log.lines.at(-1) ?? "", /cannot be kept.*ENOENT/);
});
