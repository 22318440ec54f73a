import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("main.js", import.meta.url));

test("demo keeps the venue and the journal where it is told to, and goes on there", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "listenkey-"));
  t.after(() => rmSync(data, { recursive: true }));
  const until = async (pattern: RegExp): Promise<string[]> => {
    const args = [MAIN, "demo", "--port", "0", "--data", data, "--no-trader"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (pattern.test(line)) child.kill("SIGINT");
    }
    return lines;
  };
  assert.equal((await until(/#2 SYNCED/)).at(-1), "Stopped.");
  const lines = await until(/SYNCED/);
  assert.ok(lines.some((line) => line.includes("GAP") && line.endsWith("the program was not running")));
});

test("demo shows orders, fills and balances as lines, says how to connect, and ends with 0 on Ctrl-C", async () => {
  const child = spawn(process.execPath, [MAIN, "demo", "--port", "0", "--no-data"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  const wanted = [
    /listens on http:\/\/127/,
    /API key +paper-demo-key/,
    /LIVE/,
    / ORDER .*NEW/,
    / FILL /,
    / ACCOUNT .*USDT /,
  ];
  const seen = new Set<RegExp>();
  let lastLine = "";
  for await (const line of createInterface(child.stdout)) {
    lastLine = line;
    if (seen.size === wanted.length) continue;
    for (const pattern of wanted) if (pattern.test(line)) seen.add(pattern);
    // Once: a second signal ends the process at once, as a person who presses Ctrl-C twice wants it.
    if (seen.size === wanted.length) child.kill("SIGINT");
  }
  if (child.exitCode === null) await once(child, "exit");
  assert.deepEqual([child.exitCode, child.signalCode, lastLine], [0, null, "Stopped."], errors.join("\n"));
  assert.deepEqual(errors, []);
});
