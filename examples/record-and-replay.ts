/**
 * Records what happens to an account, and replays it to the same strategy, without any network: what it decided live
 * it decides again. So a bad night becomes a test.
 *
 *     npm run example record-and-replay                    in a clone: a hub on paper with a trader runs beside it
 *     node record-and-replay.ts record night.ndjson        elsewhere, while `npx listenkey demo` or `serve` runs
 *     node record-and-replay.ts replay night.ndjson
 *
 * LISTENKEY_URL, LISTENKEY_ACCOUNT and LISTENKEY_TOKEN name another hub.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type AccountRecord, HubClient, isEvent } from "listenkey";

const { LISTENKEY_URL: url = "http://127.0.0.1:9780", LISTENKEY_ACCOUNT: account = "demo" } = process.env;
const { LISTENKEY_TOKEN: token } = process.env;
const FEES_MAX = 5;

/** What is replayed must be a function of the records: its clock is theirs, and it has no dice. */
class Strategy {
  #isPaused = true;
  #day = "";
  #fees = 0;

  /** @returns what it decides to do about this record; nothing, mostly */
  decide(record: AccountRecord): string | undefined {
    if (record.kind === "gap") return this.#pause(record.why);
    if (record.kind === "status") return record.status === "synced" ? this.#goOn() : undefined;
    if (!isEvent(record, "ORDER_TRADE_UPDATE") || record.event.o.x !== "TRADE") return undefined;
    const { s, l, L, n = "0" } = record.event.o;
    const day = new Date(record.event.T).toISOString().slice(0, 10);
    if (day !== this.#day) this.#fees = 0;
    this.#day = day;
    this.#fees += Number(n);
    if (this.#fees > FEES_MAX) return `no more today: ${this.#fees.toFixed(2)} USDT of fees`;
    return this.#isPaused ? undefined : `hedge ${l} ${s} at ${L}`;
  }

  #pause(why: string): string {
    this.#isPaused = true;
    return `place no order: ${why}`;
  }

  #goOn(): string | undefined {
    if (!this.#isPaused) return undefined;
    this.#isPaused = false;
    return "go on";
  }
}

/** Writes each record as a line, and lets the strategy decide. Ends after `count` records, or when the hub refuses. */
async function record(file: string, count: number): Promise<string[]> {
  const hub = new HubClient({ url, account, since: 0, ...(token === undefined ? {} : { token }) });
  const strategy = new Strategy();
  const decisions: string[] = [];
  const records = hub.records();
  await hub.start();
  writeFileSync(file, "");
  for await (const one of records) {
    // Ids are strings in a record, so JSON keeps every digit.
    appendFileSync(file, `${JSON.stringify(one)}\n`);
    tell(one, strategy.decide(one), decisions);
    if (one.seq >= count) break;
  }
  hub.stop();
  return decisions;
}

function replay(file: string): string[] {
  const strategy = new Strategy();
  const decisions: string[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const one = JSON.parse(line) as AccountRecord;
    tell(one, strategy.decide(one), decisions);
  }
  return decisions;
}

function tell({ seq }: AccountRecord, decision: string | undefined, decisions: string[]): void {
  if (decision === undefined) return;
  decisions.push(decision);
  console.log(`  ${seq}: ${decision}`);
}

const [command = "both", file = "records.ndjson"] = process.argv.slice(2);
if (command === "record") await record(file, Number.POSITIVE_INFINITY);
else if (command === "replay") replay(file);
else {
  console.log("live:");
  const live = await record(file, 20);
  console.log("replayed:");
  const isSame = JSON.stringify(replay(file)) === JSON.stringify(live);
  console.log(isSame ? "the same decisions" : "other decisions: the strategy looks at something else than records");
}
