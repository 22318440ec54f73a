/** The completion scripts, as the shells themselves run them. Shells that this machine has not are left out. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FAULT_TYPES } from "../venue/faults/fault-kinds.ts";
import { SHELLS, type Shell } from "./completion.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

let folder = "";
const script = (shell: Shell) => join(folder, `listenkey.${shell}`);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "listenkey-completion-"));
  for (const shell of SHELLS) writeFileSync(script(shell), execFileSync(process.execPath, [MAIN, "completion", shell]));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What is written, and what a shell offers for the last word. */
const CASES: readonly [line: string, offers: readonly string[]][] = [
  ["listenkey ver", ["verify"]],
  ["listenkey --ver", ["--version"]],
  ["listenkey fault s", ["start"]],
  ["listenkey fault start ", [...FAULT_TYPES, "--account", "--for", "--url", "--json", "--help"]],
  ["listenkey fault start half", ["half-open"]],
  ["listenkey export --format ", ["ndjson", "csv"]],
  ["listenkey export --account demo --ki", ["--kind"]],
  ["listenkey export --kind gap --kind r", ["repair"]],
  ["listenkey completion f", ["fish"]],
  ["listenkey serve --port ", []],
  ["listenkey serve --leg", ["--legacy-urls"]],
  ["listenkey serve --legacy-urls s", ["silent"]],
];

test("every command of the tool has a place in each script", () => {
  const help = execFileSync(process.execPath, [MAIN, "--help"], { encoding: "utf8" });
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
  assert.ok(commands.length >= 9);
  for (const shell of SHELLS) {
    const text = readFileSync(script(shell), "utf8");
    for (const name of commands) assert.match(text, new RegExp(`\\b${name}\\b`), shell);
  }
});

test("bash completes words, values behind = and folders", () => {
  const offered = (line: string) => {
    const words = line.split(/ |(?==)|(?<==)/);
    const list = words.map((word) => `'${word}'`).join(" ");
    const run = `source ${script("bash")}; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}
      $(complete -p listenkey | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
    // Outside of a completion bash says that compopt has nothing to do with it.
    const { stdout } = spawnSync("bash", ["--norc", "-c", run], { encoding: "utf8", cwd: folder });
    return stdout.split("\n").filter((word) => word !== "");
  };
  for (const [line, offers] of CASES) assert.deepEqual(offered(line).sort(), [...offers].sort(), line);
  assert.deepEqual(offered("listenkey export --format=n"), ["ndjson"]);
  assert.deepEqual(offered("listenkey verify --data="), []);
  assert.deepEqual(offered("listenkey serve --config listenkey.b"), ["listenkey.bash"]);
});

test("zsh completes words, and values behind =", () => {
  if (!has("zsh")) return;
  const offered = (line: string) => {
    const words = line.split(" ");
    const last = words.at(-1) ?? "";
    const run = `compdef() { :; }; source ${script("zsh")}
      compadd() { shift; print -rl -- "$@"; }; _files() { :; }; compset() { PREFIX="\${PREFIX#*=}"; }
      _describe() { print -rl -- "\${(@P)2%%:*}"; }
      words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}; PREFIX='${last}'; _listenkey
      print -r -- "prefix=$PREFIX"`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", run], { encoding: "utf8" });
    assert.equal(stderr, "", line);
    const lines = stdout.split("\n").filter((word) => word !== "");
    const prefix = (lines.pop() ?? "").replace("prefix=", "");
    return lines.filter((word) => word.startsWith(prefix));
  };
  for (const [line, offers] of CASES) assert.deepEqual(offered(line).sort(), [...offers].sort(), line);
  assert.deepEqual(offered("listenkey export --format=n"), ["ndjson"]);
});

test("fish completes words, and values behind =", () => {
  if (!has("fish")) return;
  const offered = (line: string) => {
    const run = `source ${script("fish")}; complete -C '${line}'`;
    const { stdout } = spawnSync("fish", ["--no-config", "-c", run], { encoding: "utf8" });
    return stdout.split("\n").flatMap((row) => (row === "" ? [] : [row.split("\t")[0] ?? ""]));
  };
  for (const [line, offers] of CASES) {
    // fish offers options only behind a dash.
    const expected =
      line.endsWith("-") || /--\w*$/.test(line) ? offers : offers.filter((word) => !word.startsWith("--"));
    assert.deepEqual(offered(line).sort(), [...expected].sort(), line);
  }
  assert.deepEqual(offered("listenkey export --format=n"), ["--format=ndjson"]);
});

function has(shell: Shell): boolean {
  return spawnSync(shell, ["-c", "true"]).error === undefined;
}
