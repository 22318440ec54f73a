/**
 * `npm run sim`: runs worlds and says how they ended. A seed that fails prints its story and how to replay it.
 *
 *     npm run sim -- --seed 7             one world, with its story
 *     npm run sim -- --seeds 100          worlds 1 to 100
 *     npm run sim -- --hours 30           … of 30 virtual hours each (72 otherwise)
 */
import { parseArgs } from "node:util";
import { runPaperWorld } from "./io/paper-world.ts";

const HOURS = 72;

const USAGE = "usage: npm run sim -- [--seed N | --seeds N] [--hours N]";

const values = readArguments();

const hours = count("hours", values.hours ?? String(HOURS));
const seeds =
  values.seed === undefined
    ? Array.from({ length: count("seeds", values.seeds) }, (_, index) => index + 1)
    : [count("seed", values.seed)];

let failed = 0;
for (const seed of seeds) {
  const began = performance.now();
  const report = await runPaperWorld(seed, hours);
  const seconds = (performance.now() - began) / 1000;
  const counts = Object.entries(report.counts).map(([name, value]) => `${name} ${value}`);
  const speed = Math.round((hours * 3600) / seconds);
  const verdict = report.failure === undefined ? "ok" : `FAILED: ${report.failure}`;
  if (values.seed !== undefined || report.failure !== undefined) process.stdout.write(`${report.story.join("\n")}\n`);
  process.stdout.write(`seed ${seed}: ${verdict} · ${report.digest} · ${speed} × real time · ${counts.join(", ")}\n`);
  if (report.failure === undefined) continue;
  failed++;
  process.stdout.write(`replay: npm run sim -- --seed ${seed} --hours ${hours}\n`);
}
process.stdout.write(`${seeds.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function readArguments() {
  const text = { type: "string" } as const;
  try {
    const options = { seed: text, seeds: { ...text, default: "10" }, hours: text, help: { type: "boolean" } } as const;
    const { values: given } = parseArgs({ options });
    if (given.help !== true) return given;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    process.exit(2);
  }
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`--${name}: expected a whole number above 0, found ${text}\n${USAGE}\n`);
  process.exit(2);
}
