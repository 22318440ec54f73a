/**
 * `npm run sim`: runs worlds and says how they ended. A seed that fails prints its story and how to replay it. At the
 * end stands what all worlds together have reached; over many of them every kind of fault and every rare path must be
 * among it.
 *
 *     npm run sim -- --seed 7             one world, with its story
 *     npm run sim -- --seeds 100          worlds 1 to 100; --from 101 begins later
 *     npm run sim -- --hours 30           … of 30 virtual hours each (72 otherwise)
 *     npm run sim -- --kind plain         … without crashes, with one line, the default waits and one trader
 *     npm run sim -- --jobs 2             … in two processes; the results are the same
 *     npm run sim -- --planted all        looks for the bugs of planted-bugs.ts, or for the one that is named
 */
import { parseArgs } from "node:util";
import type { WorldKind } from "./circumstances.ts";
import { demandedOf } from "./demands.ts";
import { CALM_MS, FAULT_NAMES } from "./faults.ts";
import { runPaperWorld } from "./io/paper-world.ts";
import { ProgramCopy } from "./io/planting.ts";
import { runSeeds, type SeedResult } from "./io/seed-workers.ts";
import { BUGS_IN_USE, BUGS_OF_REPAIR, PLANTED_HOURS, upTo } from "./planted-bugs.ts";
import { PATH_CHANCES } from "./rare-paths.ts";

const HOURS = 72;
const JOBS_MAX = 64;
const USAGE =
  "usage: npm run sim -- [--seed N | --seeds N [--from N] | --planted NAME] [--hours N] [--kind KIND] [--jobs N]";

const values = readArguments();
const hours = count("hours", values.hours ?? String(HOURS));
const kind = kindOf(values.kind);
const calmHours = CALM_MS / 3_600_000;
if (hours <= calmHours && values.planted === undefined) {
  process.stderr.write(
    `The last ${calmHours} hours of a world are calm: none of ${hours} has a fault. Ask for more.\n`,
  );
}

if (values.planted !== undefined) await runPlanted(values.planted);
else if (values.seed === undefined) await runMany();
else await runOne(count("seed", values.seed));

async function runOne(seed: number): Promise<void> {
  const began = performance.now();
  waiting(`${hours} virtual hours run`);
  const { story, ...report } = await runPaperWorld(seed, hours, { kind });
  waiting("");
  process.stdout.write(`${story.join("\n")}\n`);
  say({ ...report, seconds: (performance.now() - began) / 1000 });
  process.exitCode = report.failure === undefined ? 0 : 1;
}

/** Looks for planted bugs: this one, or all of them. */
async function runPlanted(wanted: string): Promise<void> {
  const bugs = [...BUGS_IN_USE, ...BUGS_OF_REPAIR];
  const chosen = bugs.filter(({ name }) => wanted === "all" || wanted === name);
  if (chosen.length === 0) {
    process.stderr.write(`--planted: expected all or one of ${bugs.map(({ name }) => name).join(", ")}\n`);
    process.exit(2);
  }
  const copy = new ProgramCopy();
  try {
    for (const { name, what, edits, seeds, law } of chosen) {
      process.stdout.write(`${name}: the program ${what}\n`);
      const undo = copy.plant(edits);
      const { failure = "", seed } = await copy.run(upTo(seeds), PLANTED_HOURS);
      undo();
      const verdict = seed === undefined ? "NOT FOUND" : law.test(failure) ? "found" : "broke for another reason";
      if (verdict !== "found") process.exitCode = 1;
      process.stdout.write(`  ${verdict}${seed === undefined ? "" : ` in world ${seed}: ${failure}`}\n`);
    }
  } finally {
    copy.remove();
  }
}

async function runMany(): Promise<void> {
  const first = count("from", values.from);
  const seeds = Array.from({ length: count("seeds", values.seeds) }, (_, index) => first + index);
  const began = performance.now();
  const failed: number[] = [];
  const reached = new Map<string, number>();
  let done = 0;
  waiting(`none of ${seeds.length} worlds has ended`);
  await runSeeds({ seeds, hours, kind, jobs: Math.min(count("jobs", values.jobs), JOBS_MAX) }, (result) => {
    waiting("");
    for (const [name, times] of Object.entries(result.reached)) reached.set(name, (reached.get(name) ?? 0) + times);
    if (result.failure !== undefined) failed.push(result.seed);
    say(result);
    done++;
    const leftMs = ((performance.now() - began) / done) * (seeds.length - done);
    if (leftMs > 0) waiting(`${done} of ${seeds.length} worlds, about ${Math.ceil(leftMs / 60_000)} min left`);
  });
  const seconds = (performance.now() - began) / 1000;
  const speed = Math.round((seeds.length * hours * 3600) / seconds).toLocaleString("en");
  const demanded = kind === "mixed" ? demandedOf(seeds.length, hours) : [];
  const names = [...new Set<string>([...FAULT_NAMES, ...Object.keys(PATH_CHANCES), ...reached.keys()])].sort();
  for (const name of names) process.stdout.write(`reached ${name.padEnd(44)} ${reached.get(name) ?? 0}\n`);
  process.stdout.write(`${seeds.length - failed.length} passed, ${failed.length} failed, ${speed} × real time\n`);
  const missing = demanded.filter((name) => !reached.has(name));
  process.stdout.write(`${demanded.length} of ${names.length} are demanded of so many worlds\n`);
  if (missing.length > 0) process.stdout.write(`never reached: ${missing.join(", ")}\n`);
  if (failed.length > 0) process.stdout.write(`failed seeds: ${failed.join(" ")}\n`);
  process.exitCode = failed.length > 0 || missing.length > 0 ? 1 : 0;
}

/** For a person at a terminal; the next text takes its place. */
function waiting(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function say({ seed, failure, digest, counts, seconds, story }: SeedResult): void {
  const shown = Object.entries(counts).map(([name, value]) => `${name} ${value}`);
  const speed = Math.round((hours * 3600) / seconds);
  if (failure !== undefined && story !== undefined) process.stdout.write(`${story.join("\n")}\n`);
  const verdict = failure === undefined ? "ok" : `FAILED: ${failure}`;
  process.stdout.write(`seed ${seed}: ${verdict} · ${digest} · ${speed} × real time · ${shown.join(", ")}\n`);
  if (failure !== undefined)
    process.stdout.write(
      `replay: npm run sim -- --seed ${seed} --hours ${hours}${kind === "mixed" ? "" : ` --kind ${kind}`}\n`,
    );
}

function readArguments() {
  const text = { type: "string" } as const;
  try {
    const options = {
      seed: text,
      seeds: { ...text, default: "10" },
      from: { ...text, default: "1" },
      planted: text,
      hours: text,
      kind: { ...text, default: "mixed" },
      jobs: { ...text, default: "1" },
      help: { type: "boolean" },
    } as const;
    const { values: given } = parseArgs({ options });
    if (given.help !== true) return given;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    process.exit(2);
  }
}

function kindOf(text: string): WorldKind {
  if (text === "plain" || text === "mixed") return text;
  process.stderr.write(`--kind: expected plain or mixed, found ${text}\n${USAGE}\n`);
  process.exit(2);
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`--${name}: expected a whole number above 0, found ${text}\n${USAGE}\n`);
  process.exit(2);
}
