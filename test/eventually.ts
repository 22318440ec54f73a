/** Waiting for a condition, with a deadline: no test sleeps for luck. */

/** Longest a test waits for one thing to happen: other processes may use the machine as well. */
const DEADLINE_MS = 60_000;

/** From one look to the next. */
const LOOK_EVERY_MS = 5;

/**
 * Waits until `holds` returns true.
 * @param what names the condition; a function says it late, with what was found
 * @throws {Error} naming it once the deadline has passed
 */
export async function eventually(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  withinMs = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      const name = typeof what === "string" ? what : what();
      throw new Error(`${name}: expected within ${withinMs} ms, found nothing`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Waits as {@link eventually} does; the code of the condition names it. */
export function until(holds: () => boolean): Promise<void> {
  return eventually(String(holds), holds);
}
