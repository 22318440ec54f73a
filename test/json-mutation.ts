/** Parsed JSON with one thing wrong, new or moved somewhere in it. */
import type { Random } from "../src/kernel/ports.ts";
import { pick } from "../src/kernel/random.ts";

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  "",
  "0",
  "-0.5",
  "1e5",
  "1.",
  "007",
  "8389766145050669870",
  "999999999999999999999",
  "NEW",
  "A_NEW_VALUE",
  "1620000000000",
  "\ud800",
  [],
  [[]],
  [null],
  {},
  { e: "NEW" },
];

/** A copy with one change: a member dropped, added, renamed, set to another value, or an entry doubled. */
export function mutated(random: Random, value: unknown): unknown {
  const copy = structuredClone(value);
  const places = containers(copy);
  const place = places[pick(random, places.length)] as Record<string, unknown>;
  const keys = Object.keys(place);
  const key = keys[pick(random, keys.length)] ?? "0";
  const other = structuredClone(VALUES[pick(random, VALUES.length)]);
  const kind = pick(random, 6);
  if (Array.isArray(place)) place.splice(pick(random, place.length + 1), pick(random, 2), other);
  else if (kind === 0) delete place[key];
  else if (kind === 1) place[["new", "e", "__proto_", "toString", "0"][pick(random, 5)] ?? "new"] = other;
  else place[key] = other;
  return copy;
}

function containers(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(containers)];
}
