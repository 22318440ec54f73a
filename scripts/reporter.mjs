/**
 * Node's `spec` reporter with the closing counts at the very end, after the list of what failed; and before them the
 * checks that failed earlier, so that green counts never hide them.
 */
import { pipeline, Readable } from "node:stream";
import { spec } from "node:test/reporters";

const COUNT = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** Turns the runner's events into text. */
export default async function* report(events) {
  const counts = [];
  const shown = pipeline(Readable.from(withoutCounts(events, counts)), new spec(), () => {});
  for await (const text of shown) yield text;
  const failedChecks = process.env.FAILED_CHECKS;
  if (failedChecks) yield `\nchecks failed, see above: ${failedChecks}\n`;
  yield "\n";
  for (const count of counts) yield `# ${count}\n`;
}

async function* withoutCounts(events, counts) {
  for await (const event of events) {
    const isCount = event.type === "test:diagnostic" && event.data.nesting === 0 && COUNT.test(event.data.message);
    if (isCount) counts.push(event.data.message);
    else yield event;
  }
}
