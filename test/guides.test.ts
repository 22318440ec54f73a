/**
 * What the guides show is so: each program of theirs runs as it stands, each call is answered, and each command exists
 * with its flags.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { readFaultWish } from "../src/venue/faults/fault-kinds.ts";
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
});

test("every call of the guides is answered", async (t) => {
  const calls = lines().filter((line) => line.startsWith("curl "));
  if (calls.length === 0) return;
  const { url, hub } = await world(t);
  await eventually("in sync", () => hub.isReady);
  await trade(url);
  for (const line of calls) {
    const [, x = "", address = "", , body] = /^curl -X (\w+) '?([^' ]+)'?( -d '(.*)')?$/.exec(line) ?? [];
    const request = { method: x, ...(body === undefined ? {} : { body }) };
    const response = await fetch(address.replace(`http://${SHOWN_AT}`, url), request);
    assert.equal(response.status, 200, `${line}\n${await response.text()}`);
  }
});

test("every listenkey line of the guides names a command, and flags that it has", async () => {
  const helps = new Map<string, string>();
  const commands = lines().filter((line) => /^npx listenkey /.test(line));
  assert.ok(commands.length > 3);
  for (const line of commands) {
    const words = line.split(/ +/).slice(2);
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

test("each translation of README shows its programs and commands, but for the comments", () => {
  const shown = (page: string) =>
    [...readFileSync(page, "utf8").matchAll(/```(?:js|sh)\n(.*?)```/gs)].map(([, code = ""]) => {
      return code.replace(/ *(?:\/\/|#) .*$/gm, "");
    });
  assert.deepEqual(shown("README.zh-CN.md"), shown("README.md"));
});

/** The lines of all shell snippets of the guides, comments left out. */
function lines(): string[] {
  const blocks = pages().flatMap((page) => [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block));
  return blocks.flatMap((block) => block.split("\n").map((line) => line.replace(/\s+#.*$|^#.*$/, "").trim()));
}

/** The guides that show commands. */
function pages(): string[] {
  return ["getting-started", "test-your-bot", "faq"].map((guide) => readFileSync(`docs/${guide}.md`, "utf8"));
}
