/**
 * What the guides show is so: each program of theirs runs as it stands, each call is answered, each configuration is
 * taken, and each command exists with its flags.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { defaultConfig, parseConfig } from "../src/cli/hub-config.ts";
import { readFaultWish } from "../src/venue/faults/fault-kinds.ts";
import { DEMO_ACCOUNT } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { ORDER, SHOWN_AT, testPrograms, trade, world } from "./guide-programs.ts";

const run = promisify(execFile);

testPrograms({
  "getting-started": [
    [/^followed: 10000\.?0* USDT, 0 positions, \w+$/m, ORDER, /^changed: /m],
    [
      /^gap: closed 1006$/m,
      /^certificate over 1 gaps, recovered \{.*\}, holes 0$/m,
      /^status: synced$(?:.|\n)*^status: synced$/m,
    ],
    [/^1 status $/m, /^\d+ event ORDER_TRADE_UPDATE$/m, /^USDT (?:10000|99\d\d)/m],
  ],
  "test-your-bot": [[/^# pass 2$|^ℹ pass 2$/m]],
  hub: [[/^(?:10000|99\d\d)[.\d]* as of \d+$/m, /^\d+ ETHUSDT BUY FILLED$/m]],
});

test("every call of the guides is answered", async (t) => {
  const calls = lines(["../README", "getting-started", "test-your-bot", "faq", "hub"]).filter((line) =>
    line.startsWith("curl "),
  );
  assert.ok(calls.length > 3);
  const { url, hub } = await world(t);
  await eventually("in sync", () => hub.isReady);
  await trade(url);
  for (const line of calls) {
    const [, x = "", address = "", , body] =
      /^curl -X (\w+) '?([^' ]+)'?(?: -H '[^']*')?( -d '(.*)')?$/.exec(line) ?? [];
    const request = { method: x, ...(body === undefined ? {} : { body }) };
    const response = await fetch(address.replace(`http://${SHOWN_AT}`, url), request);
    assert.equal(response.status, 200, `${line}\n${await response.text()}`);
  }
});

test("every listenkey line of the guides names a command, and flags that it has", async () => {
  const helps = new Map<string, string>();
  const shown = lines(["../README", "getting-started", "test-your-bot", "faq", "hub", "journal", "operations"]);
  const commands = shown.filter((line) => /^(?:npx )?listenkey /.test(line));
  assert.ok(commands.length > 10);
  for (const line of commands) {
    const words = line.replace(/^npx /, "").split(/ +/).slice(1);
    const names = words.slice(0, words[0] === "fault" ? 2 : 1);
    const name = names.join(" ");
    const help = helps.get(name) ?? (await run(process.execPath, ["dist/cli/main.js", ...names, "--help"])).stdout;
    helps.set(name, help);
    assert.match(help, new RegExp(`^Usage: listenkey ${name} `), line);
    const flags = words.filter((word) => word.startsWith("--"));
    for (const flag of flags) assert.match(help, new RegExp(`^  ${flag}\\b`, "m"), line);
  }
});

test("every fault that a guide names in a table or a sentence can be started", () => {
  const faults = pages().flatMap((page) => [...page.matchAll(/`listenkey fault start ([^`]+)`/g)]);
  assert.ok(faults.length > 10);
  for (const [, words = ""] of faults) {
    const [, type = "", settings = "", forMs] = /^([\w-]+)((?: \w+=\S+)*)(?: --for (\d+))?$/.exec(words) ?? [];
    const given = [...settings.matchAll(/(\w+)=(\S+)/g)].map(([, name, text = ""]) => {
      return [name, /^-?\d+$|^(?:true|false)$/.test(text) ? JSON.parse(text) : text];
    });
    const lasts = forMs === undefined ? {} : { forMs: Number(forMs) };
    assert.doesNotThrow(() => readFaultWish({ type, ...lasts, ...Object.fromEntries(given) }), words);
  }
});

test("every configuration that a guide shows is one that a hub takes", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-guides-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const secret = join(folder, "secret");
  writeFileSync(secret, "the-secret-0123456789", { mode: 0o600 });
  const shown = ["getting-started", "hub"]
    .flatMap((guide) => blocks(guide, "json"))
    .filter((text) => !/"seq"/.test(text));
  assert.equal(shown.length, 3);
  for (const text of shown) {
    const whole = text.includes('"accounts": {') ? text : `{ "accounts": { "far": ${text} } }`;
    const here = whole.replace(/"file": "[^"]+"/g, `"file": ${JSON.stringify(secret)}`);
    const named = [...whole.matchAll(/"env": "(\w+)"/g)].map(([, name = ""]) => [name, `the-value-of-${name}`]);
    const env = Object.fromEntries(named) as Readonly<Record<string, string>>;
    const { accounts } = parseConfig("hub.json", here, env, defaultConfig(DEMO_ACCOUNT));
    assert.ok(accounts.size > 0, text);
  }
});

test("each translation of README shows its programs and commands, but for the comments", () => {
  const shown = (page: string) =>
    [...readFileSync(page, "utf8").matchAll(/```(?:js|sh)\n(.*?)```/gs)].map(([, code = ""]) => {
      return code.replace(/ *(?:\/\/|#) .*$/gm, "");
    });
  assert.deepEqual(shown("README.zh-CN.md"), shown("README.md"));
});

/** The lines of the shell snippets of these pages, comments left out; a line that is continued is one. */
function lines(guides: readonly string[]): string[] {
  const shown = guides.flatMap((guide) => blocks(guide, "sh")).map((block) => block.replace(/\\\n\s*/g, ""));
  return shown.flatMap((block) => block.split("\n").map((line) => line.replace(/\s+#.*$|^#.*$/, "").trim()));
}

function blocks(guide: string, language: string): string[] {
  const page = readFileSync(`docs/${guide}.md`, "utf8");
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, block = ""]) => block);
}

/** The guides that name faults. */
function pages(): string[] {
  return ["getting-started", "test-your-bot", "faq"].map((guide) => readFileSync(`docs/${guide}.md`, "utf8"));
}
