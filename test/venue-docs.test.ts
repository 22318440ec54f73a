/** What docs/venue.md shows is so: its snippets run as they stand, and its table is the venue's own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { FAULT_KINDS, FAULT_TYPES } from "../src/venue/faults/fault-kinds.ts";
import { type RunningPaperVenue, startPaperVenue } from "../src/venue/index.ts";

const PAGE = readFileSync("docs/venue.md", "utf8");
const SHOWN_AT = "127.0.0.1:9780";
const run = promisify(execFile);

/** The lines of all shell snippets, comments left out. */
const COMMANDS = [...PAGE.matchAll(/```sh\n(.*?)```/gs)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$|^#.*$/, ""))
  .filter((line) => line !== "");

test("every curl line of the page is carried out, and there is one for each fault", async (t) => {
  const venue = await open(t);
  const started = new Set<unknown>();
  const lines = COMMANDS.filter((line) => line.startsWith("curl "));
  assert.ok(lines.length > FAULT_TYPES.length);
  for (const line of lines) {
    const [status, body] = await curl(venue, line);
    assert.equal(status, 200, `${line}\n${JSON.stringify(body)}`);
    started.add(body.type);
  }
  assert.deepEqual(
    FAULT_TYPES.filter((type) => !started.has(type)),
    [],
  );
});

test("every listenkey line of the page runs", async (t) => {
  const venue = await open(t);
  const lines = COMMANDS.filter((line) => line.startsWith("npx listenkey fault "));
  assert.equal(lines.length, 3);
  const env = { ...process.env, LISTENKEY_URL: venue.url };
  const outputs: string[] = [];
  for (const line of lines) {
    const args = line.trim().split(/ +/).slice(2);
    outputs.push((await run(process.execPath, ["dist/cli/main.js", ...args], { env })).stdout);
  }
  const [started = "", listed, ended] = outputs;
  assert.match(started, /^f1 silence on demo until 20/);
  assert.deepEqual([listed, ended], [started, `ended ${started}`]);
  const others = COMMANDS.filter((line) => !line.startsWith("curl ") && !lines.includes(line));
  assert.deepEqual(others, ["npx listenkey serve", "npx listenkey serve --data ./data"]);
});

test("the page's program runs as it stands", async () => {
  const [, code = ""] = /```js\n(.*?)```/s.exec(PAGE) ?? [];
  mkdirSync("build/venue-docs", { recursive: true });
  // Inside of the package, so that "listenkey/venue" is this package.
  writeFileSync("build/venue-docs/example.mjs", code);
  const { stdout } = await run(process.execPath, ["build/venue-docs/example.mjs"]);
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:(\d+) ws:\/\/127\.0\.0\.1:\1\n$/);
});

test("the page's table of faults is the one that the venue checks by", () => {
  const rows = FAULT_TYPES.map((type) => {
    const { lasts, what, settings } = FAULT_KINDS[type];
    const shown = Object.entries(settings).map(([name, { absent }]) => `\`${name}\` ${JSON.stringify(absent)}`);
    return `| \`${type}\` | ${lasts.replace("-", " ")} | ${what} | ${shown.join(", ")} |`.replace("|  |", "| |");
  });
  const begin = PAGE.indexOf("| fault | lasts |");
  assert.equal(PAGE.slice(begin, PAGE.indexOf("\n\n", begin)).split("\n").slice(2).join("\n"), rows.join("\n"));
});

async function open(t: { after(end: () => Promise<void>): void }): Promise<RunningPaperVenue> {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  return venue;
}

/** Carries out `curl -X METHOD URL [-H 'NAME: VALUE'] [-d 'BODY']`, on the port of the venue. */
async function curl(venue: RunningPaperVenue, line: string): Promise<[number, Readonly<Record<string, unknown>>]> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const [name, x, method = "", url = "", ...options] = words;
  assert.deepEqual([name, x], ["curl", "-X"]);
  // What curl sends with -d when nothing else is said.
  const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
  let body: string | undefined;
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1] ?? "";
    if (options[i] === "-d") body = value;
    else headers[value.split(": ")[0] ?? ""] = value.split(": ")[1] ?? "";
  }
  const response = await fetch(url.replace(SHOWN_AT, `127.0.0.1:${venue.port}`), {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return [response.status, (await response.json()) as Readonly<Record<string, unknown>>];
}
