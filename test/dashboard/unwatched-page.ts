/**
 * A page in a browser of its own that nobody listens to, for measuring. Playwright is told of each frame of each
 * websocket, which at a thousand a second costs as much as the page does; here the browser is asked, and says when
 * something went wrong.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "../eventually.ts";
import { browserPath } from "./browser.ts";

/** How a page is asked. */
export interface UnwatchedPage {
  /** What an expression is, as JSON has it. @throws {Error} when it throws */
  evaluate<T>(expression: string): Promise<T>;
  /** How long the page's own thread has had a core so far, in milliseconds: what else runs does not count. */
  busyMs(): Promise<number>;
  /** Errors of the console, of scripts and of requests, so far. */
  readonly errors: readonly string[];
}

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly entry?: { readonly level: string; readonly text: string } };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: object;
    readonly metrics?: readonly { readonly name: string; readonly value: number }[];
  };
}

/** Opens a page of a hub, dark, as wide as a screen; it ends with the test. */
export async function openUnwatched(t: TestContext, url: string): Promise<UnwatchedPage> {
  const socket = new WebSocket(await debuggerOf(t, url));
  t.after(() => socket.terminate());
  const waiting = new Map<number, (told: Told) => void>();
  const errors: string[] = [];
  socket.on("message", (data) => {
    const told = JSON.parse(String(data)) as Told;
    if (told.id !== undefined) waiting.get(told.id)?.(told);
    const { entry } = told.params ?? {};
    if (told.method === "Runtime.exceptionThrown") errors.push(String(data));
    if (told.method === "Log.entryAdded" && entry?.level === "error") errors.push(entry.text);
  });
  await once(socket, "open");
  let count = 0;
  const ask = (method: string, params: object = {}) => {
    const id = ++count;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise<Told>((resolve) => waiting.set(id, resolve));
  };
  await ask("Log.enable");
  await ask("Runtime.enable");
  await ask("Performance.enable", { timeDomain: "threadTicks" });
  return {
    errors,
    async evaluate<T>(expression: string) {
      const { result } = await ask("Runtime.evaluate", { expression, returnByValue: true });
      if (result?.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails));
      return result?.result?.value as T;
    },
    async busyMs() {
      const { result } = await ask("Performance.getMetrics");
      return (result?.metrics?.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
    },
  };
}

/** Starts a browser with this page alone. Returns where the page is asked. */
async function debuggerOf(t: TestContext, url: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "listenkey-browser-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1600,1000"];
  const own = [`--user-data-dir=${home}`, "--remote-debugging-port=0"];
  const browser = spawn(await browserPath(), [...flags, ...own, url], { stdio: ["ignore", "ignore", "pipe"] });
  t.after(async () => {
    if (browser.exitCode === null && browser.kill()) await once(browser, "exit");
    await eventually("its processes are gone", () => isRemoved(home));
  });
  let said = "";
  browser.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const port = () => /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/m.exec(said)?.[1];
  await eventually(
    () => `the browser listens: ${said}`,
    () => port() !== undefined,
  );
  let found: string | undefined;
  await eventually("a page", async () => {
    const targets = await (await fetch(`http://127.0.0.1:${port()}/json/list`)).json();
    found = (targets as { type: string; webSocketDebuggerUrl: string }[]).find(
      ({ type }) => type === "page",
    )?.webSocketDebuggerUrl;
    return found !== undefined;
  });
  return found ?? "";
}

/** Removes a folder, unless somebody still writes there. */
function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    return false;
  }
}
