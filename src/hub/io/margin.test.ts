/** What moves with the market, from the exchange through a hub, and through a hub before a hub. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../test/eventually.ts";
import { startHubWorld } from "../../../test/hub-world.ts";
import { InventedUpstream } from "../../../test/invented-upstream.ts";
import { AccountStream } from "../../account-stream.ts";
import { HubClient } from "../../hub-client.ts";
import { UsageError } from "../../kernel/errors.ts";
import { systemClock } from "../../kernel/io/system-clock.ts";
import { ENDPOINTS } from "../../protocol/endpoints.ts";
import { budgetFor } from "../../rest/io/budgets.ts";
import { hmacSigner } from "../../rest/io/signers.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { RestClient } from "../../rest/rest-client.ts";
import { DEMO_ACCOUNT } from "../../venue/index.ts";
import { HubRefused } from "../hub-errors.ts";

test("margin is what the exchange reckons, and another hub passes it on", async (t) => {
  const running = await startHubWorld();
  t.after(() => running.close());
  const { url, hub } = running;
  await eventually("the account is in sync", () => hub.isReady);
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const http = { http: undiciHttp, clock: systemClock, budget: budgetFor(url), baseUrl: url, apiKey };
  const rest = new RestClient({ ...http, signer: hmacSigner(apiSecret) });
  const params = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };
  await rest.call({ endpoint: ENDPOINTS.placeOrder, params, priority: "read" });
  const client = new HubClient({ url, account: "demo" });
  t.after(() => client.stop());
  const { positions, equity, wallet, maintenanceMargin, at } = await client.margin();
  const [risk] = await rest.call({ endpoint: ENDPOINTS.positionRisk, params: {}, priority: "read" });
  assert.deepEqual(
    positions.map(({ symbol, side, amount, maintenanceMargin }) => [symbol, side, amount, maintenanceMargin]),
    [["BTCUSDT", "BOTH", risk?.positionAmt, positions[0]?.maintenanceMargin]],
  );
  assert.ok(Number(positions[0]?.markPrice) > 0 && Number(maintenanceMargin) > 0);
  assert.ok(Math.abs(Number(equity) - Number(wallet)) < 100 && Math.abs(at - Date.now()) < 60_000);

  await hub.add("passed-on", () => ({
    start: () => client.start(),
    stop: async () => client.stop(),
    account: client.account,
    health: { sync: "certain" },
    margin: () => client.margin(),
  }));
  await eventually("a sample of equity", () => hub.account("passed-on")?.margins.equity(0).length === 1);
  const passed = await new HubClient({ url, account: "passed-on" }).margin();
  assert.equal(passed.positions[0]?.symbol, "BTCUSDT");
  const since = hub.account("passed-on")?.margins.equity(0)[0]?.at;
  const later = await (await fetch(`${url}/v1/accounts/passed-on/equity?since=${since}`)).json();
  assert.deepEqual(later, { everyMs: 60_000, samples: [] });
  assert.equal((await fetch(`${url}/v1/accounts/passed-on/equity?since=x`)).status, 400);
});

test("what cannot be had is refused with the reason, and no more is said than that", async (t) => {
  const running = await startHubWorld();
  t.after(() => running.close());
  const { url, hub } = running;
  const environment = { rest: url, stream: running.wsUrl };
  const unsigned = new AccountStream({ apiKey: DEMO_ACCOUNT.apiKey, environment });
  await assert.rejects(unsigned.margin(), UsageError);
  await hub.add("silent", new InventedUpstream("silent").make);
  await hub.add("unsigned", () => unsigned);
  for (const [account, says] of [
    ["silent", /whose upstream can tell/],
    ["unsigned", /^apiSecret: expected a secret/],
  ] as const) {
    const response = await fetch(`${url}/v1/accounts/${account}/margin`);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.deepEqual([response.status, error.code], [503, "MARGIN_UNAVAILABLE"]);
    assert.match(error.message, says);
    await assert.rejects(new HubClient({ url, account }).margin(), HubRefused);
  }
});
