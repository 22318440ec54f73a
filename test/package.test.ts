/** The package as its users get it: packed, installed into an empty project, imported in every way there is. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { startPaperVenue } from "../src/venue/index.ts";

const run = promisify(execFile);
const TSC = resolve("node_modules/typescript/bin/tsc");
const NODE_TYPES = resolve("node_modules/@types");
const README = readFileSync("README.md", "utf8");
const [EXAMPLE = "", HUB_EXAMPLE = ""] = [...README.matchAll(/```js\n(.*?)```/gs)].map(([, code = ""]) => code);

let folder = "";
let tarball = "";
let project = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "listenkey-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  tarball = join(folder, filename);
  project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", private: true }));
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  await run("npm", ["install", ...quiet, tarball], { cwd: project });
});

after(() => rmSync(folder, { recursive: true, force: true }));

async function node(file: string, code: string, env: Record<string, string> = {}): Promise<string> {
  writeFileSync(join(project, file), code);
  const { stdout } = await run(process.execPath, [file], {
    cwd: project,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return stdout;
}

test("the README's example runs from the installed package, and ends when it is stopped", async (t) => {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  const code = EXAMPLE.replaceAll("127.0.0.1:9780", `127.0.0.1:${venue.port}`);
  assert.match(await node("example.mjs", `${code}\nawait stream.stop();`), /in sync; USDT 10000\.?0* positions 0/);
});

test("it is imported as a module, and required by CommonJS where Node can require a module", async () => {
  const doors = ["listenkey", "listenkey/protocol", "listenkey/venue"];
  const names = doors.map((door) => `console.log(Object.keys(await import("${door}")).join(" "));`).join("\n");
  const imported = await node("import.mjs", names);
  assert.match(imported, /AccountStream.*HubClient[\s\S]*startPaperVenue/);
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const canRequire = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  assert.ok(canRequire, "every Node that the package names can");
  const required = doors.map((door) => `console.log(Object.keys(require("${door}")).join(" "));`).join("\n");
  const sorted = (text: string) => text.split("\n").map((line) => line.split(" ").sort().join(" "));
  const output = await node("require.cjs", required);
  assert.deepEqual(sorted(output.replaceAll(/ ?module\.exports/g, "")), sorted(imported));
});

const VENUE_EXAMPLE = `
  import { startPaperVenue } from "listenkey/venue";
  const venue = await startPaperVenue({ port: 0 });
  await venue.close();`;

/** What the guide shows in TypeScript; it cannot be run, for it goes to Binance. */
const TESTNET_EXAMPLE = `import { AccountStream } from "listenkey";
  ${/```ts\n(.*?)```/s.exec(readFileSync("docs/getting-started.md", "utf8"))?.[1] ?? "it shows none"}`;

/** What the compiler says of some files, by name. */
async function typeCheck(
  [module, moduleResolution]: readonly [string, string],
  types: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const at = join(project, `types-${moduleResolution}-${Object.keys(files)[0]}`);
  mkdirSync(at, { recursive: true });
  const lib = ["es2023", "dom"];
  const options = { module, moduleResolution, target: "es2023", lib, strict: true, noEmit: true, types };
  writeFileSync(
    join(at, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...options, typeRoots: [NODE_TYPES] } }),
  );
  for (const [name, code] of Object.entries(files)) writeFileSync(join(at, `${name}.mts`), code);
  const { stdout } = await run(process.execPath, [TSC, "-p", at], { cwd: at }).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

test("TypeScript checks the examples of README and guide with both module resolutions, libraries too", async () => {
  const wrong = 'import { AccountStream } from "listenkey";\nnew AccountStream({ apiKey: 5 });';
  for (const resolution of [["nodenext", "nodenext"] as const, ["preserve", "bundler"] as const]) {
    // The SDK needs no types of Node; the door of the venue takes Node's servers.
    const found = await typeCheck(resolution, [], { example: EXAMPLE, hub: HUB_EXAMPLE, wrong });
    assert.match(found, /^wrong\.mts.*error TS2322[^\n]*\n$/, "what is wrong is found, and nothing else");
    assert.equal(await typeCheck(resolution, ["node"], { venue: VENUE_EXAMPLE, testnet: TESTNET_EXAMPLE }), "");
  }
});

test("publint has nothing to say, and types resolve everywhere", async () => {
  const data = readFileSync(tarball);
  const { messages } = await publint({ pack: { tarball: new Uint8Array(data).buffer } });
  assert.deepEqual(messages, []);
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
  assert.ok(analysis.types !== false);
  // A CommonJS file of TypeScript is told to import a module dynamically: it is one, and Node can require it.
  const problems = analysis.problems.filter(({ kind }) => kind !== "CJSResolvesToESM" && kind !== "NoResolution");
  assert.deepEqual(problems, []);
});

test("importing the SDK loads no server, and not more than it needs", async () => {
  const code = `
    import module from "node:module";
    const { registerHooks } = module;
    const loaded = [];
    const seen = (url) => { if (url.startsWith("file:")) loaded.push(url.split("/node_modules/").at(-1)); };
    if (registerHooks === undefined) { console.log("null"); process.exit(0); }
    registerHooks({ load(url, context, next) { seen(url); return next(url, context); } });
    await import("listenkey");
    console.log(JSON.stringify(loaded));`;
  const loaded = JSON.parse(await node("modules.mjs", code)) as string[] | null;
  const timed = 'const at = performance.now(); await import("listenkey"); console.log(performance.now() - at);';
  const ms = Number(await node("time.mjs", timed));
  assert.ok(ms < 3_000, `${ms} ms`);
  // Node before 22.15 cannot tell: tools/rooms.ts holds the same from the sources.
  if (loaded === null) return;
  const ours = loaded.filter((path) => path.startsWith("listenkey/"));
  assert.deepEqual(
    ours.filter((path) => /\/(?:venue|journal|cli|face)\//.test(path)),
    [],
  );
  const packages = new Set(loaded.filter((path) => !path.startsWith("listenkey/")).map((path) => path.split("/")[0]));
  assert.deepEqual(
    [...packages].filter((name) => name !== "ws" && name !== "modules.mjs"),
    [],
  );
  assert.ok(ours.length < 200, `${ours.length} modules`);
});

test("a stack trace can show our sources: each map holds them", () => {
  const dist = join(project, "node_modules/listenkey/dist");
  const maps = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js.map"));
  assert.ok(maps.length > 100);
  for (const file of maps) {
    const { sourcesContent } = JSON.parse(readFileSync(join(dist, file), "utf8")) as { sourcesContent?: string[] };
    assert.ok(sourcesContent?.[0] !== undefined && sourcesContent[0] !== "", file);
  }
});

test("npx listenkey works from the installed package", async () => {
  const { stdout } = await run("npx", ["--no-install", "listenkey", "--version"], { cwd: project });
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.equal(stdout.trim(), version);
  const help = await run("npx", ["--no-install", "listenkey", "--help"], { cwd: project });
  for (const command of ["serve", "demo", "watch", "tail", "doctor", "export", "verify", "fault", "completion"]) {
    assert.match(help.stdout, new RegExp(`\\n  ${command} `));
  }
});
