/** Which npm `scripts/ensure.mjs` installs with, and which browser it finds: what is there, wherever it lies. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

type NpmProgram = (execpath?: string, node?: string) => string;

const { npmProgram, ensureBrowser } = (await import(pathToFileURL(resolve("scripts/ensure.mjs")).href)) as {
  npmProgram: NpmProgram;
  ensureBrowser(): Promise<string>;
};

test("ensure: npm is the one that runs us, else the one beside node, on every platform", (t) => {
  const home = mkdtempSync(join(tmpdir(), "listenkey with spaces #1-"));
  t.after(() => rmSync(home, { recursive: true }));
  const made = (...path: string[]): string => {
    const file = join(home, ...path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    return file;
  };
  const running = made("running", "npm-cli.js");
  const yarn = made("yarn", "bin", "yarn.js");
  const unix = made("unix", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const windows = made("windows", "node_modules", "npm", "bin", "npm-cli.js");
  const node = { unix: join(home, "unix", "bin", "node"), windows: join(home, "windows", "node.exe") };
  const rows: readonly [execpath: string | undefined, node: string, npm: string][] = [
    [running, node.unix, running],
    ["", node.unix, unix],
    [yarn, node.unix, unix],
    [yarn, node.windows, windows],
    [join(home, "gone", "npm-cli.js"), node.windows, windows],
  ];
  for (const [execpath, at, npm] of rows) assert.equal(npmProgram(execpath, at), npm, `${execpath} ${at}`);
  assert.throws(() => npmProgram(yarn, join(home, "alone", "bin", "node")), /npm was not found beside node/);
});

test("ensure: the browser is the one that is named, before any other that is there", async (t) => {
  t.after(() => delete process.env.LISTENKEY_CHROMIUM);
  process.env.LISTENKEY_CHROMIUM = process.execPath;
  assert.equal(await ensureBrowser(), process.execPath);
});
