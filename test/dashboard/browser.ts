/** A real browser before the dashboard, and all that it says which nobody wants to hear. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** One page, watched. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console, of scripts, and of the policy. Refused connections, while a hub is away, are none. */
  readonly errors: string[];
  /** What was asked of other hosts than the hub. */
  readonly strangers: string[];
}

/** Where the browser is. */
export async function browserPath(): Promise<string> {
  const ensure = (await import(pathToFileURL(resolve("scripts/ensure.mjs")).href)) as {
    ensureBrowser(): Promise<string>;
  };
  return ensure.ensureBrowser();
}

/** Starts the browser; it ends with the test. */
export async function startBrowser(t: TestContext): Promise<Browser> {
  const executablePath = await browserPath();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  t.after(() => browser.close());
  return browser;
}

/** Opens the page of a hub, in English and dark unless other things are wanted. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const viewport = { width: 1600, height: 1000 };
  const context = await browser.newContext({ viewport, locale: "en-US", colorScheme: "dark", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const watched: WatchedPage = { page, errors: [], strangers: [] };
  page.on("console", (message) => {
    const text = message.text();
    const isAway = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/.test(text);
    if (message.type() === "error" && !isAway) watched.errors.push(text);
  });
  page.on("pageerror", (error) => watched.errors.push(String(error.stack)));
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.host !== new URL(url).host) watched.strangers.push(request.url());
  });
  await page.goto(url);
  return watched;
}

/** Waits until the page shows the account, live. */
export async function shown({ page }: WatchedPage): Promise<void> {
  await page.waitForSelector('.link[data-state="live"]');
}

/** What of the page somebody could not use, by the rules of axe; empty when nothing is. */
export async function barriers({ page }: WatchedPage): Promise<string[]> {
  // Through the protocol of the debugger: the page's policy would refuse a script of ours.
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as { violations: Violation[] };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`,
  );
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The page said nothing bad, and asked nobody else. */
export function mustBeClean({ errors, strangers }: WatchedPage): void {
  assert.deepEqual({ errors, strangers }, { errors: [], strangers: [] });
}
