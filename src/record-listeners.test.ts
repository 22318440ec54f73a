import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountRecord, StatusRecord } from "./account/record.ts";
import type { WallMs } from "./kernel/scalars.ts";
import { RecordTeller } from "./record-listeners.ts";

function record(seq: number): StatusRecord {
  return {
    seq,
    account: "demo",
    at: 0 as WallMs,
    kind: "status",
    status: seq === 9 ? "stopped" : "live",
  } as StatusRecord;
}

test("L1 what is told while a record is told comes after it, for each listener and reader", async () => {
  const teller = new RecordTeller((error) => assert.fail(String(error)));
  const heard: string[] = [];
  teller.on("record", ({ seq }: AccountRecord) => {
    heard.push(`first ${seq}`);
    if (seq !== 1) return;
    teller.tell(record(2));
    teller.tell(record(9));
    teller.end();
  });
  teller.on("record", ({ seq }: AccountRecord) => heard.push(`second ${seq}`));
  teller.on("status", ({ seq }: AccountRecord) => heard.push(`status ${seq}`));
  const pulled = teller.records();
  teller.tell(record(1));
  assert.deepEqual(
    heard,
    [1, 2, 9].flatMap((seq) => [`first ${seq}`, `second ${seq}`, `status ${seq}`]),
  );
  const seqs: number[] = [];
  for await (const { seq } of pulled) seqs.push(seq);
  assert.deepEqual(seqs, [1, 2, 9]);
});

test("a listener that comes while a record is told hears the next one; one that is taken back hears none", () => {
  const teller = new RecordTeller((error) => assert.fail(String(error)));
  const heard: string[] = [];
  const leaves = ({ seq }: AccountRecord) => heard.push(`leaves ${seq}`);
  const more = ({ seq }: AccountRecord) => {
    heard.push(`more ${seq}`);
    teller.off("record", leaves);
    teller.on("record", (next: AccountRecord) => more(next));
  };
  teller.on("record", more);
  teller.on("record", leaves);
  teller.tell(record(1));
  assert.deepEqual(heard, ["more 1"]);
  teller.tell(record(2));
  assert.deepEqual(heard, ["more 1", "more 2", "more 2"]);
});

test("a listener that throws keeps nothing from anybody, not what is told meanwhile either", () => {
  const thrown: unknown[] = [];
  const teller = new RecordTeller((error) => thrown.push(error));
  const heard: number[] = [];
  teller.on("record", ({ seq }: AccountRecord) => {
    if (seq === 1) teller.tell(record(2));
    throw new Error(String(seq));
  });
  teller.on("record", ({ seq }: AccountRecord) => heard.push(seq));
  teller.tell(record(1));
  teller.tell(record(3));
  assert.deepEqual(
    [heard, thrown.map(String)],
    [
      [1, 2, 3],
      ["Error: 1", "Error: 2", "Error: 3"],
    ],
  );
});
