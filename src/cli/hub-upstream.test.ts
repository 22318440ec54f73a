/** A hub that follows another one which has let go of the beginning: what it shows meanwhile, and to whom. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { walletEvent } from "../../test/account-news.ts";
import { eventually } from "../../test/eventually.ts";
import { KeptLog } from "../../test/fake-world.ts";
import { HeldJournal } from "../../test/held-journal.ts";
import { type SocketHub, socketHub } from "../../test/socket-hub.ts";
import { MemoryJournal } from "../hub/memory-journal.ts";
import type { MakeUpstream } from "../hub/upstream.ts";
import { HubClient } from "../hub-client.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { hubUpstream } from "./hub-upstream.ts";

/** Its journal begins with record 51; of BNB only record 1 told. */
async function farHub(t: TestContext): Promise<SocketHub> {
  const far = await socketHub(t, { journal: new MemoryJournal(50) });
  far.upstream.event(encodeEvent(walletEvent(1, "BNB", "7")));
  far.upstream.record({ kind: "status", status: "synced" });
  for (let at = 3; at <= 110; at++) far.upstream.event(encodeEvent(walletEvent(at, "USDT", String(at))));
  await eventually("all is told", () => far.hub.account("demo")?.feed?.lastSeq === 110);
  await far.hub.remove("demo");
  await far.hub.add("demo", far.upstream.make);
  assert.deepEqual(await far.hub.account("demo")?.extent(), { firstSeq: 51, lastSeq: 110 });
  return far;
}

function following({ url }: SocketHub): MakeUpstream {
  const far = { url, account: "demo", log: new KeptLog() };
  return (resume, tell, renewed) => hubUpstream("demo", far, resume, tell, renewed);
}

async function shownBy({ url }: SocketHub): Promise<unknown> {
  const answer = await fetch(`${url}/v1/accounts/demo`);
  if (answer.status !== 200) return answer.status;
  const { asOfSeq, balances } = (await answer.json()) as { asOfSeq: number; balances: Record<string, unknown>[] };
  return [asOfSeq, Object.fromEntries(balances.map(({ asset, wallet }) => [asset, wallet]))];
}

const WHOLE = [110, { BNB: "7", USDT: "110" }];

test("whoever comes while it begins waits until the account is there, and is shown all of it", async (t) => {
  const far = await farHub(t);
  const journal = new HeldJournal();
  const near = await socketHub(t, { account: "other", journal });
  await near.hub.add("demo", following(far));
  const client = new HubClient({ url: near.url, account: "demo" });
  t.after(() => client.stop());
  const started = client.start();
  await eventually("all has come", () => near.hub.account("demo")?.health.upstream?.sync !== "asking");
  assert.equal(await shownBy(near), 503);
  await eventually("it is committed", async () => {
    await journal.commit();
    return near.hub.account("demo")?.feed?.lastSeq === 110;
  });
  assert.deepEqual(await shownBy(near), WHOLE);
  await started;
  const { account, health } = client;
  assert.deepEqual([health.asOfSeq, account.balance("BNB")?.wallet], [110, "7"]);
});

for (const count of [0, 30, 60]) {
  test(`one that died with ${count} records shows nothing until it knows the account; then that is kept`, async (t) => {
    const far = await farHub(t);
    const journal = new MemoryJournal();
    await journal.begin("demo", 50);
    const page = await far.hub.journal.read({ account: "demo", since: 50, limit: count });
    await journal.append(page.is === "page" ? page.entries.slice(0, count) : []);
    const near = await socketHub(t, { account: "other", journal });
    const away = following({ ...far, url: "http://127.0.0.1:9" });
    await near.hub.add("demo", away);
    assert.equal(await shownBy(near), 503);
    await near.hub.change("demo", following(far));
    await eventually("the account is there", async () => (await shownBy(near)) !== 503);
    assert.deepEqual(await shownBy(near), WHOLE);
    await near.hub.change("demo", away);
    assert.deepEqual(await shownBy(near), WHOLE);
  });
}
