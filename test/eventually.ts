/** Longest a test waits for one thing to happen; the slowest of other people's clients reconnects after 4 s. */
const DEADLINE_MS = 10_000;

/** Waits until `holds` returns true; looks every 5 ms. @throws {Error} naming `what` once the deadline has passed. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: expected within ${DEADLINE_MS} ms, found nothing`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
