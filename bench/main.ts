/**
 * `npm run bench [-- WORD …]`: prints one number a line, and exits with 1 when a promised ratio is not met. With words,
 * only the entries whose names contain one of them run; when there is none, the names of all are told. A new number is
 * an entry in a file of its own, listed here.
 */
import { cpus } from "node:os";
import { CODEC_ENTRIES } from "./codec.ts";
import type { Entry, Result } from "./harness.ts";
import { HUB_ENTRIES } from "./hub.ts";
import { JOURNAL_ENTRIES } from "./journal.ts";
import { MIRROR_ENTRIES } from "./mirror.ts";
import { PIPELINE_ENTRIES } from "./pipeline.ts";
import { REPAIR_ENTRIES } from "./repair.ts";
import { SIMULATION_ENTRIES } from "./simulation.ts";
import { VENUE_ENTRIES } from "./venue.ts";
import { VENUE_REST_ENTRIES } from "./venue-rest.ts";

const ENTRIES: readonly Entry[] = [
  ...CODEC_ENTRIES,
  ...MIRROR_ENTRIES,
  ...PIPELINE_ENTRIES,
  ...REPAIR_ENTRIES,
  ...SIMULATION_ENTRIES,
  ...JOURNAL_ENTRIES,
  ...HUB_ENTRIES,
  ...VENUE_ENTRIES,
  ...VENUE_REST_ENTRIES,
];

const words = process.argv.slice(2);
const wanted = ENTRIES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const nameWidth = Math.max(...wanted.map(({ name }) => name.length));
const machine = `node ${process.version}, ${cpus()[0]?.model.trim() ?? "unknown cpu"}`;

if (wanted.length === 0) {
  process.stderr.write(
    `no entry is called ${words.join(", ")}; there are:\n${ENTRIES.map(({ name }) => `  ${name}\n`).join("")}`,
  );
  process.exitCode = 1;
}
for (const entry of wanted) {
  const result = await entry.run();
  process.stdout.write(`${entry.name.padEnd(nameWidth)}${describe(result)}  [${machine}]\n`);
  if (isBroken(result)) process.exitCode = 1;
}
// Clients of other people leave timers behind that run for half an hour.
process.exit();

function describe(result: Result): string {
  const value = figure(result.value, 1).padStart(12);
  if (result.versus === undefined) return `${value} ${result.unit}`;
  const { what, ratio, atLeast } = result.versus;
  const promise = atLeast === undefined ? "" : `, ${isBroken(result) ? "BROKEN PROMISE of" : "at least"} ${atLeast}`;
  return `${value} ${result.unit}  ${figure(ratio, 3)} × ${what}${promise}`;
}

/** Large numbers are no better known than to the last whole one. */
function figure(value: number, decimals: number): string {
  const shown = value >= 100 || Number.isInteger(value) ? 0 : decimals;
  return value.toLocaleString("en", { minimumFractionDigits: shown, maximumFractionDigits: shown });
}

function isBroken({ versus }: Result): boolean {
  return versus?.atLeast !== undefined && versus.ratio < versus.atLeast;
}
