/** The dashboard in a real browser: what is served, and that it shows the account as it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../eventually.ts";
import { startHubWorld } from "../hub-world.ts";
import { barriers, mustBeClean, openPage, shown, startBrowser } from "./browser.ts";

test("the page is served with a policy that lets it run its own files only, and its files for ever", async (t) => {
  const running = await startHubWorld({ hasDashboard: true });
  t.after(() => running.close());
  const page = await fetch(`${running.url}/`);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const [, script = ""] = /src="\.(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  const asset = await fetch(`${running.url}${script}`);
  assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
  assert.match(await (await fetch(`${running.url}/NOTICE.txt`)).text(), /TradingView/);
  assert.equal((await fetch(`${running.url}/assets/none.js`)).status, 404);
  assert.equal((await fetch(`${running.url}/`, { headers: { origin: "http://evil.example" } })).status, 403);
});

test("a balance is shown, and changes when the account's does", async (t) => {
  const running = await startHubWorld({ hasDashboard: true });
  t.after(() => running.close());
  await eventually("the account is in sync", () => running.hub.isReady);
  const watched = await openPage(await startBrowser(t), running.url);
  await shown(watched);
  const { page } = watched;
  await page.waitForSelector("#balances td >> text=10,000.00");
  const body = JSON.stringify({ asset: "USDT", amount: "12.5" });
  await fetch(`${running.url}/v1/paper/accounts/demo/transfer`, { method: "POST", body });
  await page.waitForSelector("#balances td >> text=10,012.50");
  await page.waitForSelector(".row.account >> text=DEPOSIT");
  assert.deepEqual(await barriers(watched), []);
  mustBeClean(watched);
});
