/** A thousand events a second: the page stays smooth, loses nothing, and has only what can be seen in its tree. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransactMs } from "../../src/kernel/scalars.ts";
import { eventually } from "../eventually.ts";
import { InventedUpstream } from "../invented-upstream.ts";
import { mustBeClean, openPage, shown, startBrowser } from "./browser.ts";
import { startPaperHub } from "./paper-hub.ts";

const PER_SECOND = 1_000;
const SECONDS = 5;

/** A loaded machine draws late; a page that cannot keep up never gets there. */
const ARRIVES_WITHIN_MS = 60_000;

/** One turn of the upstream. */
const TURN_MS = 20;

/** Frames drawn, and how long tasks of more than 50 ms took, from now on. */
const WATCH = `
  window.seen = { frames: 0, longMs: 0, longTasks: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.seen.longTasks++;
      window.seen.longMs += duration;
    }
  }).observe({ type: "longtask" });
  (function frame() { window.seen.frames++; requestAnimationFrame(frame); })();
`;

interface Seen {
  readonly frames: number;
  readonly longMs: number;
  readonly longTasks: number;
}

test("at a thousand events a second the page stays smooth and shows every one", async (t) => {
  const invented = new InventedUpstream("demo");
  const running = await startPaperHub({ upstream: invented.make });
  t.after(() => running.close());
  const watched = await openPage(await startBrowser(t), running.url);
  const { page } = watched;
  invented.record({ kind: "status", status: "synced", since: Date.now() as TransactMs });
  await shown(watched);
  await page.evaluate(WATCH);
  const since = performance.now();
  const goal = PER_SECOND * SECONDS;
  await new Promise<void>((resolve) => {
    const turn = setInterval(() => {
      const due = Math.min(goal, ((performance.now() - since) / 1_000) * PER_SECOND);
      while (invented.seq < due) tradeOn(invented);
      if (invented.seq < goal) return;
      clearInterval(turn);
      resolve();
    }, TURN_MS);
  });
  await page.waitForSelector(`.row[data-seq="${goal}"]`, { timeout: ARRIVES_WITHIN_MS });
  const tookMs = performance.now() - since;
  const { frames, longMs, longTasks } = (await page.evaluate("window.seen")) as Seen;
  const rate = (frames / tookMs) * 1_000;
  const share = longMs / tookMs;
  t.diagnostic(`${rate.toFixed(0)} frames/s, ${longTasks} tasks over 50 ms, ${(share * 100).toFixed(1)} % of the time`);
  // A machine that does other things as well draws less; a page that cannot keep up draws next to nothing.
  assert.ok(rate > 2, `${rate} frames a second`);
  assert.ok(share < 0.8, `${share} of the time in tasks of more than 50 ms`);
  const rows = await page.locator(".row").count();
  assert.ok(rows > 20 && rows < 100, `${rows} rows in the tree`);
  await eventually("nobody waits", () => running.hub.consumersOf("demo").every(({ lag }) => lag === 0));
  mustBeClean(watched);
});

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"];

/** What a busy account hears: an order that is filled, and what that changes. */
function tradeOn(invented: InventedUpstream): void {
  const n = invented.seq + 1;
  const now = Date.now();
  // An order is placed, and filled two events later.
  const placed = n % 4 === 3 ? n - 2 : n;
  const symbol = SYMBOLS[Math.floor(placed / 4) % SYMBOLS.length];
  const side = n % 8 < 4 ? "BUY" : "SELL";
  if (n % 2 === 0) {
    const balance = `{"a":"USDT","wb":"${10_000 + (n % 500)}.25","cw":"${10_000 + (n % 500)}.25","bc":"0"}`;
    const held = `"pa":"${(n % 9) - 4}","ep":"100.5","cr":"0","up":"1.5","mt":"cross","iw":"0","ps":"BOTH","bep":"1"`;
    const position = `{"s":"${symbol}",${held}}`;
    const change = `{"B":[${balance}],"P":[${position}],"m":"ORDER"}`;
    return invented.event(`{"e":"ACCOUNT_UPDATE","T":${now},"E":${now},"a":${change}}`);
  }
  const status = n % 4 === 1 ? ["NEW", "NEW", "0"] : ["TRADE", "FILLED", "1"];
  const id = 8_000_000 + placed;
  const order =
    `{"s":"${symbol}","c":"c${n}","S":"${side}","o":"LIMIT","f":"GTC","q":"1","p":"100.5","ap":"100.5","sp":"0",` +
    `"x":"${status[0]}","X":"${status[1]}","i":${id},"l":"${status[2]}","z":"${status[2]}",` +
    `"L":"100.5","n":"0.01","N":"USDT","T":${now},"t":${n},"b":"0","a":"0","m":false,"R":false,"wt":"CONTRACT_PRICE",` +
    `"ot":"LIMIT","ps":"BOTH","cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"NONE","pm":"NONE","gtd":0,"er":"0"}`;
  invented.event(`{"e":"ORDER_TRADE_UPDATE","T":${now},"E":${now},"o":${order}}`);
}
