/** `npm start`: installs and builds what is missing, then runs `listenkey demo` with the arguments given. */
import { say } from "./child.mjs";
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";
import { launch } from "./launch.mjs";

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  say(error.message);
  process.exit(1);
}
await launch("dist/cli/main.js", ["demo", ...process.argv.slice(2)]);
