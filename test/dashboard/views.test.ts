/** Each view of the dashboard in a real browser: themes, languages, a phone's width, and nobody shut out. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../eventually.ts";
import { type HubWorld, startHubWorld } from "../hub-world.ts";
import { InventedUpstream } from "../invented-upstream.ts";
import { OtherProgram } from "../paper-account.ts";
import { barriers, mustBeClean, openPage, shown, startBrowser, type WatchedPage } from "./browser.ts";
import { SWIFT } from "./paper-hub.ts";

/** An account that holds a position, orders and a past. */
async function busyWorld(): Promise<HubWorld> {
  const running = await startHubWorld({ hasDashboard: true, timing: SWIFT });
  await eventually("the account is in sync", () => running.hub.isReady);
  const trader = new OtherProgram(running.url);
  await trader.place("BTCUSDT", { quantity: "0.050" });
  await trader.place("ETHUSDT", { type: "LIMIT", quantity: "0.05", price: "1000.00", timeInForce: "GTC" });
  await trader.wait("BTCUSDT", { type: "STOP_MARKET", side: "SELL", quantity: "0.010", triggerPrice: "60000" });
  running.venue.cutSockets();
  await eventually("a repair", () => (running.hub.account("demo")?.health.upstream?.sync ?? "") === "certain");
  await running.hub.add("other", new InventedUpstream("other").make);
  return running;
}

function textOf({ page }: WatchedPage, selector: string): Promise<string> {
  return page.innerText(selector);
}

/** Waits until some element says something. */
async function says({ page }: WatchedPage, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor();
}

test("each view shows its part of the account", async (t) => {
  const running = await busyWorld();
  t.after(() => running.close());
  const watched = await openPage(await startBrowser(t), running.url);
  const { page } = watched;
  await shown(watched);
  await t.test("positions, with mark price, profit and the way to liquidation", async () => {
    await says(watched, "#positions tr", /BTCUSDT.*Long.*0\.05.*[+−]?\d+\.\d\d/s);
    await says(watched, "#positions td", /^\d[\d,]*\.\d\d$/);
  });
  await t.test("open orders and conditional orders", async () => {
    await says(watched, "#orders tr", /ETHUSDT.*Buy.*LIMIT.*1,000.*0\.05/s);
    await says(watched, "#conditional tr", /BTCUSDT.*Sell.*STOP_MARKET.*60,000.*0\.01.*NEW/s);
  });
  await t.test("equity, its parts and its curve", async () => {
    await says(watched, ".worth", /9,9\d\d\.\d\d|10,0\d\d\.\d\d/);
    await says(watched, "#equity dd", /\d %/);
    assert.ok((await page.locator("#equity canvas").count()) > 0);
    assert.equal(await page.getAttribute("#equity figcaption a", "href"), "https://www.tradingview.com/");
  });
  await t.test("the stream's health", async () => {
    await says(watched, "#key-valid", /59 m \d\d s|1 h/);
    await says(watched, "#health .socket", /of 24 h/);
    await says(watched, "#health dd", /\d+ \/ 2,400/);
    await says(watched, "#health dd", /^\d.* ago$/);
    await says(watched, ".consumers li", /WS.*Queue 0\/5,000/s);
  });
  await t.test("certainty, and the certificate of the gap in words", async () => {
    await says(watched, ".certainty", /Certain up to \d\d:\d\d:\d\d/);
    await says(
      watched,
      '.episode[data-state="repaired"]',
      /Certainty was lost at .*Complete up to .*Took .* requests/s,
    );
  });
  await t.test("another account, by the chooser and by the address", async () => {
    await page.selectOption("#account", "other");
    await says(watched, "#positions", "Nothing is known yet.");
    await says(watched, "#equity", "Not available: the hub's source for this account does not tell it");
    assert.equal(await page.locator("#paper").count(), 0);
    assert.equal(new URL(page.url()).hash, "#other");
    await page.goto(`${running.url}/#demo`);
    await says(watched, "#positions tr", "BTCUSDT");
    await page.waitForSelector("#paper");
  });
  mustBeClean(watched);
});

/** A busy account, and the page with all its records. */
async function busyPage(t: TestContext): Promise<{ readonly running: HubWorld; readonly watched: WatchedPage }> {
  const running = await busyWorld();
  t.after(() => running.close());
  const watched = await openPage(await startBrowser(t), running.url);
  await shown(watched);
  await watched.page.waitForSelector('.row[data-seq="1"]');
  return { running, watched };
}

test("events come newest first, are chosen, searched and paused, and each is shown to the letter", async (t) => {
  const { running, watched } = await busyPage(t);
  const { page } = watched;
  const seqs = await page.$$eval(".row", (rows) => rows.map((row) => Number(row.getAttribute("data-seq"))));
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => b - a),
  );
  await page.click(".choices button >> text=Fills");
  await says(watched, ".row", /fill.*BTCUSDT.*0\.05 @/s);
  assert.equal(await page.locator(".row.order").count(), 0);
  await page.click(".choices button >> text=All");
  await page.fill('input[type="search"]', "stop_market");
  await says(watched, ".row", "STOP_MARKET");
  assert.equal(await page.locator(".row.fill").count(), 0);
  await page.fill('input[type="search"]', "");
  await page.click("#pause");
  const newest = await page.getAttribute(".row", "data-seq");
  await new OtherProgram(running.url).place("BTCUSDT", { quantity: "0.010" });
  await says(watched, ".newer", /newer/);
  assert.equal(await page.getAttribute(".row", "data-seq"), newest);
  await page.click("#pause");
  await page.waitForFunction(`document.querySelector(".row").dataset.seq > ${newest}`);
  await page.click(".row.fill");
  const { records } = (await (await fetch(`${running.url}/v1/accounts/demo/records?limit=500`)).json()) as {
    records: { seq: number }[];
  };
  const shownRecord = JSON.parse(await textOf(watched, ".drawer pre")) as { seq: number };
  assert.deepEqual(
    shownRecord,
    records.find(({ seq }) => seq === shownRecord.seq),
  );
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".drawer").count(), 0);
  assert.ok((await page.evaluate("document.activeElement.className")) !== "", "the row has the focus again");
  mustBeClean(watched);
});

const LOOKS = [
  { name: "dark, English, wide", locale: "en-US", colorScheme: "dark", viewport: { width: 1600, height: 1000 } },
  { name: "light, Chinese, a laptop", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "light, English, a phone", locale: "en-GB", colorScheme: "light", viewport: { width: 360, height: 740 } },
  { name: "dark, Chinese, a phone", locale: "zh-TW", colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const;

test("every theme, language and width can be read by everybody", async (t) => {
  const running = await busyWorld();
  t.after(() => running.close());
  const browser = await startBrowser(t);
  for (const { name, ...options } of LOOKS) {
    await t.test(name, async () => {
      const watched = await openPage(browser, running.url, options);
      const { page } = watched;
      await shown(watched);
      await says(watched, "#positions tr", "BTCUSDT");
      await page.waitForSelector(".episode");
      const isChinese = options.locale.startsWith("zh");
      assert.equal(await page.getAttribute("html", "lang"), isChinese ? "zh-CN" : "en");
      assert.match(await textOf(watched, "#positions h2"), isChinese ? /持仓/ : /Positions/);
      const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      assert.equal(background, options.colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(11, 14, 18)");
      const widest = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(widest) <= options.viewport.width, `${widest} px wide`);
      assert.deepEqual(await barriers(watched), []);
      await page.click(".row.fill");
      assert.deepEqual(await barriers(watched), [], "with a record");
      mustBeClean(watched);
      await page.context().close();
    });
  }
});

test("by keyboard one goes through the events row by row, and past all of them with one Tab", async (t) => {
  const { watched } = await busyPage(t);
  const { page } = watched;
  const focused = () => page.evaluate("document.activeElement.dataset.seq ?? document.activeElement.className");
  const seqs = await page.$$eval(".row", (rows) => rows.map((row) => row.getAttribute("data-seq")));
  await page.focus(".rows");
  for (const seq of seqs.slice(0, 2)) {
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), seq);
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drawer");
  await page.keyboard.press("Escape");
  assert.equal(await focused(), seqs[1]);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate('document.activeElement.closest(".rows")'), null);
  mustBeClean(watched);
});

test("theme and language that were chosen stay", async (t) => {
  const running = await startHubWorld({ hasDashboard: true });
  t.after(() => running.close());
  const watched = await openPage(await startBrowser(t), running.url);
  const { page } = watched;
  await shown(watched);
  await page.click("#theme");
  await page.click("#language");
  await says(watched, "#balances h2", "余额");
  await page.reload();
  await says(watched, "#balances h2", "余额");
  assert.equal(await page.getAttribute("html", "data-theme"), "light");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.className"), "skip", "the first stop leads to the account");
  mustBeClean(watched);
});
