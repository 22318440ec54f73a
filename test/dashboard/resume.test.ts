/** The page and a hub that goes away, asks for a token, or has lost its journal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryJournal } from "../../src/hub/memory-journal.ts";
import { startPaperVenue } from "../../src/venue/index.ts";
import { OtherProgram } from "../paper-account.ts";
import { mustBeClean, openPage, shown, startBrowser } from "./browser.ts";
import { followed, startPaperHub } from "./paper-hub.ts";

const SEQS = '[...document.querySelectorAll(".row")].map((row) => Number(row.dataset.seq))';

test("after a restart of the hub the page goes on where it was, and shows what happened meanwhile", async (t) => {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  t.after(() => venue.close());
  const journal = new MemoryJournal();
  const first = await startPaperHub({ upstream: followed(venue), journal });
  const watched = await openPage(await startBrowser(t), first.url);
  const { page } = watched;
  await shown(watched);
  await page.waitForSelector('.row[data-seq="2"]');
  await first.close();
  await page.waitForSelector('.link[data-state="away"]');
  await new OtherProgram(venue.url).place("BTCUSDT", { quantity: "0.010" });
  const second = await startPaperHub({ upstream: followed(venue), journal, port: first.port });
  t.after(() => second.close());
  await shown(watched);
  await page.locator("#positions tr").filter({ hasText: "BTCUSDT" }).waitFor();
  await page.locator(".row.fill em").filter({ hasText: "repaired" }).waitFor();
  await page.waitForSelector('.episode[data-state="repaired"]');
  const seqs = (await page.evaluate(SEQS)) as number[];
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => (seqs[0] ?? 0) - index),
  );
  assert.equal(await page.locator(".notice").count(), 0);
  mustBeClean(watched);
});

test("a hub whose journal is gone is shown anew, and the page says so", async (t) => {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  t.after(() => venue.close());
  const first = await startPaperHub({ upstream: followed(venue) });
  const watched = await openPage(await startBrowser(t), first.url);
  const { page } = watched;
  await shown(watched);
  for (let i = 0; i < 3; i++) await new OtherProgram(venue.url).place("BTCUSDT", { quantity: "0.010" });
  await page.waitForSelector('.row[data-seq="10"]');
  await first.close();
  const second = await startPaperHub({ upstream: followed(venue), port: first.port });
  t.after(() => second.close());
  await page.locator(".notice").filter({ hasText: "did not reach back" }).waitFor();
  await shown(watched);
  await page
    .locator("#positions tr")
    .filter({ hasText: /BTCUSDT.*0\.03/s })
    .waitFor();
  await page.click(".notice button");
  assert.equal(await page.locator(".notice").count(), 0);
  // The refused handshake is named by the browser itself.
  mustBeClean({ ...watched, errors: watched.errors.filter((error) => !/409/.test(error)) });
});

test("a hub with tokens asks for one, keeps it in the tab, and says when it is wrong", async (t) => {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  t.after(() => venue.close());
  const token = "a-token-for-readers";
  const tokens = [{ token, accounts: "all", may: "read" }] as const;
  const running = await startPaperHub({ upstream: followed(venue), tokens });
  t.after(() => running.close());
  const watched = await openPage(await startBrowser(t), running.url);
  const { page } = watched;
  await page.fill("#token", "not-the-token-of-this");
  await page.keyboard.press("Enter");
  await page.locator('[role="alert"]').filter({ hasText: "does not know this token" }).waitFor();
  await page.fill("#token", token);
  await page.keyboard.press("Enter");
  await shown(watched);
  await page.locator("#balances td").filter({ hasText: "10,000.00" }).first().waitFor();
  assert.equal(await page.locator("#paper").count(), 0, "this hub knows no paper");
  await page.reload();
  await shown(watched);
  assert.equal(page.url().includes(token), false);
  assert.equal(await page.evaluate("JSON.stringify(localStorage)").then((kept) => String(kept).includes(token)), false);
  mustBeClean({ ...watched, errors: watched.errors.filter((error) => !/status of 401/.test(error)) });
});
