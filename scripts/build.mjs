/** `npm run build`: compiles `src/` into `dist/`, which is what is published. */
import { say } from "./child.mjs";
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
