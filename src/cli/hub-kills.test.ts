/**
 * A hub that is killed again and again while an account moves and consumers listen: nobody misses a record or gets one
 * twice, each event of the account is told once, and the journal is whole. More often:
 * LISTENKEY_KILLS=300 TEST_FILE_LIMIT_MS=3600000.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/eventually.ts";
import { eventsReader, pageReader, websocketReader } from "../../test/hub-readers.ts";
import { freePort, kill, type Serving, serve } from "../../test/serving.ts";
import type { AccountRecord } from "../account/record.ts";
import { readRecordText } from "../hub/record-text.ts";
import { HubClient } from "../hub-client.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const KILLS = Number(process.env.LISTENKEY_KILLS ?? 4);
const LIFE_MAX_MS = 2_000;
const TRANSFER_EVERY_MS = 40;
/** Twenty lives in a minute ask for all the weight of that minute: the last one may have to wait for the next. */
const CERTIFIED_WITHIN_MS = 180_000;

/** Deposits, each of an amount that no other has, until it is told to stop. */
function depositor(url: string): { readonly amounts: string[]; stop(): Promise<void> } {
  const amounts: string[] = [];
  let isStopped = false;
  const done = (async () => {
    for (let n = 1; !isStopped; n++) {
      const amount = `1.${String(n).padStart(6, "0")}`;
      const body = JSON.stringify({ asset: "USDT", amount });
      const response = await fetch(`${url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
      assert.equal(response.status, 200);
      amounts.push(amount.replace(/0+$/, ""));
      await new Promise((resolve) => setTimeout(resolve, TRANSFER_EVERY_MS));
    }
  })();
  return {
    amounts,
    stop() {
      isStopped = true;
      return done;
    },
  };
}

/** By how much the account's USDT has moved, as an event tells; `undefined`: it tells no such thing. */
function depositIn(record: AccountRecord): string | undefined {
  if (record.kind !== "event" || record.event.e !== "ACCOUNT_UPDATE") return undefined;
  const { a } = record.event as {
    readonly a: { readonly m?: string; readonly B: readonly { readonly bc?: string }[] };
  };
  return a.m === "DEPOSIT" ? a.B[0]?.bc?.replace(/\.?0+$/, "") : undefined;
}

interface World {
  readonly venue: Serving;
  readonly data: string;
  /** The hub that lives at this moment. */
  hub: Serving;
  /** Ends the hub as a power cut would, and starts it again. */
  again(): Promise<void>;
}

async function world(t: TestContext): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const venue = await serve(["--no-hub", "--port", "0"]);
  t.after(() => kill(venue));
  const config = join(folder, "hub.json");
  const environment = { rest: venue.url, stream: venue.url.replace("http", "ws") };
  // REST of the paper venue does not lag: a certificate need not wait for a minute.
  const timing = { restLagMaxMs: 2_000 };
  const demo = { environment, timing, apiKey: { env: "KEY" }, apiSecret: { env: "SECRET" } };
  writeFileSync(config, JSON.stringify({ accounts: { demo } }));
  const data = join(folder, "kept");
  const args = ["--port", String(await freePort()), "--data", data, "--config", config];
  const env = { KEY: "paper-demo-key", SECRET: "paper-demo-secret" };
  const running: World = {
    venue,
    data,
    hub: await serve(args, env),
    async again() {
      await kill(running.hub);
      running.hub = await serve(args, env);
    },
  };
  t.after(() => kill(running.hub));
  return running;
}

/** Of this minute, as the venue counts it. */
async function weightUsed(url: string): Promise<number> {
  return Number((await fetch(`${url}/fapi/v1/time`)).headers.get("x-mbx-used-weight-1m"));
}

/** Is the newest gap after that record ended by a certificate? */
function isWhole(texts: readonly string[], after: number): boolean {
  const records = texts.map((text) => readRecordText(text));
  const gap = records.findLast(({ kind }) => kind === "gap");
  if (gap === undefined || gap.seq <= after) return false;
  return records.some((record) => record.kind === "repair" && record.gaps.includes(gap.seq));
}

test(`L1 L8 after ${KILLS} kills all have every record once, the same bytes, and each deposit is told`, async (t) => {
  const running = await world(t);
  const { url } = running.hub;
  await eventually(
    () => `in sync: ${running.hub.errors()}`,
    async () => (await fetch(`${url}/readyz`)).status === 200,
  );
  const readers = [pageReader(url, "demo"), eventsReader(url, "demo"), websocketReader(url, "demo")];
  for (const reader of readers) t.after(() => reader.stop());
  const client = new HubClient({ url, account: "demo", since: 0 });
  t.after(() => client.stop());
  const told: AccountRecord[] = [];
  client.on("record", (record) => told.push(record));
  await client.start();
  const deposits = depositor(running.venue.url);
  t.after(() => deposits.stop());
  let before = 0;
  let weight = 0;
  for (let life = 1; life <= KILLS; life++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFE_MAX_MS));
    before = Math.max(...readers.map(({ texts }) => texts.length));
    weight = Math.max(weight, await weightUsed(running.venue.url));
    await running.again();
  }
  await deposits.stop();
  const since = performance.now();
  t.diagnostic(`weight used in a minute: at most ${weight} of 2400`);
  await eventually(
    () => {
      const counts = readers.map(({ name, texts }) => `${name} ${texts.length}`).join(", ");
      return `the certificate: ${counts}; the hub: ${running.hub.errors().slice(-2000)}`;
    },
    () => readers.every(({ texts }) => isWhole(texts, before)) && told.length >= (readers[0]?.texts.length ?? 0),
    CERTIFIED_WITHIN_MS,
  );
  t.diagnostic(`the last certificate came after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
  client.stop();
  for (const reader of readers) await reader.stop();

  const [pages, ...others] = readers;
  for (const { texts, name } of others) assert.deepEqual(texts, pages?.texts, name);
  assert.deepEqual(
    told.map(({ seq }) => seq),
    told.map((_, index) => index + 1),
  );
  mustBeComplete(pages?.texts ?? [], deposits.amounts);
  await mustVerify(running);
});

/** Each deposit is told once, and no certificate names a hole. */
function mustBeComplete(texts: readonly string[], amounts: readonly string[]): void {
  const records = texts.map((text) => readRecordText(text));
  const found = records.map(depositIn).filter((amount) => amount !== undefined);
  const twice = found.filter((amount, index) => found.indexOf(amount) !== index);
  const missed = amounts.filter((amount) => !found.includes(amount));
  const holes = records.flatMap((record) => (record.kind === "repair" ? record.holes : []));
  assert.deepEqual({ twice, missed, holes }, { twice: [], missed: [], holes: [] });
  assert.equal(found.length, amounts.length);
}

/** The hub ends in order, and its journal is whole. */
async function mustVerify({ hub, data }: World): Promise<void> {
  hub.child.kill("SIGTERM");
  assert.equal((await once(hub.child, "exit"))[0], 0);
  const verified = spawn(process.execPath, [MAIN, "verify", "--data", data], { stdio: "inherit" });
  assert.equal((await once(verified, "exit"))[0], 0);
}
