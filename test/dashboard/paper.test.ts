/** Each button that breaks the paper exchange, and the repair that a newcomer then watches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../eventually.ts";
import { startHubWorld } from "../hub-world.ts";
import { OtherProgram } from "../paper-account.ts";
import { mustBeClean, openPage, shown, startBrowser } from "./browser.ts";
import { SWIFT } from "./paper-hub.ts";

/** What the page shows after each button, in the order in which they are pressed. */
const BUTTONS: readonly [action: string, follows: string, says: RegExp][] = [
  ["cut", ".episode", /the socket was cut/],
  ["expire", ".episode", /the listenKey expired/],
  ["marginCall", ".row", /margin call/],
  ["liquidate", ".row.fill", /BTCUSDT.*Sell/s],
  ["deposit", ".row.account", /DEPOSIT/],
  ["jump", ".row", /key expired/],
  ["freeze", ".said", /Done: Freeze REST/],
  ["endAll", ".said", /Done: End all faults/],
];

test("each button does what it says, and the page shows what follows", async (t) => {
  const running = await startHubWorld({ hasDashboard: true, timing: SWIFT });
  t.after(() => running.close());
  await eventually("the account is in sync", () => running.hub.isReady);
  const watched = await openPage(await startBrowser(t), running.url);
  const { page } = watched;
  await shown(watched);
  await page.click('[data-action="marginCall"]');
  await page
    .locator(".said")
    .filter({ hasText: /Refused: .*position/ })
    .waitFor();
  await new OtherProgram(running.url).place("BTCUSDT", { quantity: "0.500" });
  // With its distance to liquidation: what the hub knows of margin is up to three seconds old.
  await page
    .locator("#positions tr")
    .filter({ hasText: /BTCUSDT.*%/s })
    .waitFor();
  let before = 0;
  for (const [action, follows, says] of BUTTONS) {
    await t.test(action, async () => {
      await page.click(`[data-action="${action}"]`);
      await page.locator(follows).filter({ hasText: says }).first().waitFor();
      if (/marginCall|liquidate/.test(action)) {
        assert.match(await page.innerText(".said"), /The market was moved: BTCUSDT to \d/);
      }
      if (follows !== ".episode") return;
      await page.waitForSelector(`.episode[data-state="repaired"] >> nth=${before}`);
      before++;
    });
  }
  await page.locator(".certainty[data-state=good]").waitFor();
  await page.locator("#positions").filter({ hasText: "No open position." }).waitFor();
  mustBeClean({ ...watched, errors: watched.errors.filter((error) => !REFUSAL.test(error)) });
});

/** The browser names each refused call in its console; the page has said it in words. */
const REFUSAL = /status of 400/;
