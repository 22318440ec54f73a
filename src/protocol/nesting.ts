/** How deep a value that no table knows may be. What is read must be writable, and writing recurs. Pure. */
import { WireFormatError } from "../kernel/errors.ts";

/** Levels of objects and arrays; documented messages have four. */
const NESTING_MAX = 100;

/** @throws {WireFormatError} when a parsed value is nested deeper than 100 levels */
export function checkNesting(value: unknown, path: string): void {
  const open: [value: unknown, level: number][] = [[value, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [one, level] = next;
    if (typeof one !== "object" || one === null) continue;
    if (level === NESTING_MAX) throw new WireFormatError(path, `at most ${NESTING_MAX} levels of nesting`, "more");
    for (const inner of Object.values(one)) open.push([inner, level + 1]);
  }
}
