/**
 * The event frames under `test/fixtures/protocol`: `event.*` are Binance's own examples, `made.*` are written after the
 * protocol sheet for what no example shows. Paths are below the repository, where the tests run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "lossless-json";

const FOLDER = "test/fixtures/protocol";

/** One frame. */
export interface EventFixture {
  /** The file's name. */
  readonly name: string;
  /** The frame as it stands in the file. */
  readonly text: string;
  /** What it says, by a reader that is not ours; integers beyond 2^53 are bigints. */
  readonly value: unknown;
}

/** All raw event frames, by name. */
export const EVENT_FIXTURES: readonly EventFixture[] = readdirSync(FOLDER)
  .filter((name) => /^(?:event|made)\./.test(name) && !name.includes("combined-envelope"))
  .sort()
  .map(fixture);

/** One frame, by its file's name. */
export function fixture(name: string): EventFixture {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8");
  return { name, text, value: foreignParse(text) };
}

/** JSON by a reader that is not ours; integers beyond ±(2^53 − 1) are bigints. */
export function foreignParse(text: string): unknown {
  return parse(text, null, (digits) => {
    const value = Number(digits);
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
  });
}
