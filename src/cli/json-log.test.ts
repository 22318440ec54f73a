/** What a hub says on standard error, for people and for programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonLog } from "./json-log.ts";
import { type LogLevel, plainLog } from "./plain-log.ts";

const LOGS = { plain: plainLog, json: jsonLog };

function said(form: keyof typeof LOGS, level: LogLevel): string[] {
  const lines: string[] = [];
  const log = LOGS[form](level, (line) => lines.push(line));
  log.debug("looked");
  log.info("went on", { account: "demo" });
  log.warn("odd", { count: 2, absent: undefined });
  log.error("broken", { key: "k".repeat(64) });
  return lines;
}

test("for people: one line each, with what goes with it", () => {
  assert.deepEqual(said("plain", "warn"), ["warning: odd count=2", 'error: broken key="kkkk…"']);
  assert.deepEqual(said("plain", "debug").slice(0, 2), ["debug: looked", 'info: went on account="demo"']);
});

test("for programs: one JSON object a line, with its level and its time", () => {
  const lines = said("json", "info").map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ at: _, ...rest }) => rest),
    [
      { level: "info", account: "demo", message: "went on" },
      { level: "warn", count: 2, message: "odd" },
      { level: "error", key: "kkkk…", message: "broken" },
    ],
  );
  for (const { at } of lines) assert.match(String(at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("L9 what may be a secret shows only its beginning, in both forms", () => {
  for (const form of ["plain", "json"] as const) {
    for (const line of said(form, "debug")) assert.doesNotMatch(line, /k{10}/);
  }
});
