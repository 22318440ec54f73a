/**
 * Stories as text. A file is a sequence of blocks `command lines`, `----`, `output lines`, an empty line between them;
 * lines that begin with `#` are prose. `REWRITE=1` writes the outputs anew, to be read before they are committed.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

/** One command of a story: its name, its plain words and its `key=value` words. */
export interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly named: Readonly<Record<string, string>>;
}

/** Answers one command of a story. */
export type Answer = (command: Command) => readonly string[] | Promise<readonly string[]>;

/** Makes a test of each `*.txt` in `folder`; `begin` makes a fresh world and returns what answers its commands. */
export function testTranscripts(folder: string, begin: () => Answer): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  assert(files.length > 0, `${folder} has no transcripts`);
  for (const name of files) {
    const file = `${folder}/${name}`;
    test(`story ${name.replace(".txt", "").replaceAll("-", " ")}`, async () => {
      const expected = readFileSync(file, "utf8");
      const found = await replay(expected, begin());
      if (process.env.REWRITE === "1") writeFileSync(file, found);
      else assert.equal(found, expected);
    });
  }
}

async function replay(text: string, answer: Answer): Promise<string> {
  const blocks: string[] = [];
  for (const block of text.trimEnd().split("\n\n")) blocks.push(await replayBlock(block.split("\n"), answer));
  return `${blocks.join("\n\n")}\n`;
}

async function replayBlock(lines: readonly string[], answer: Answer): Promise<string> {
  const end = lines.indexOf("----");
  const asked = end === -1 ? lines : lines.slice(0, end);
  const commands = asked.filter((line) => !line.startsWith("#"));
  if (commands.length === 0) return asked.join("\n");
  const answers: string[] = [];
  for (const line of commands) answers.push(...(await answer(parseCommand(line))));
  return [...asked, "----", ...answers].join("\n");
}

/** Reads `name word key=value`. */
export function parseCommand(line: string): Command {
  const [name = "", ...rest] = line.split(" ");
  const named: Record<string, string> = {};
  const words: string[] = [];
  for (const word of rest) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (key !== undefined && value !== undefined) named[key] = value;
    else words.push(word);
  }
  return { name, words, named };
}

/** `29m` → milliseconds. Knows `ms`, `s`, `m` and `h`. */
export function durationMs(text: string): number {
  const [, count, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(text) ?? [];
  const size = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ""];
  assert(count !== undefined && size !== undefined, `expected a duration such as 29m, found ${text}`);
  return Number(count) * size;
}
