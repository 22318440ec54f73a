/** The version of this package. */
import { createRequire } from "node:module";

/** As `package.json` has it: `1.2.3`. */
export function ownVersion(): string {
  const { version } = createRequire(import.meta.url)("listenkey/package.json") as { version: string };
  return version;
}
