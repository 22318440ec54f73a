/** `node scripts/run.mjs FILE.ts [ARGUMENT …]`: compiles everything and runs one program, as `npm run sim` does. */
import { say } from "./child.mjs";
import { compile, compiled } from "./compile.mjs";
import { ensureInstalled } from "./ensure.mjs";
import { launch } from "./launch.mjs";

const [source, ...args] = process.argv.slice(2);
try {
  if (source === undefined) throw new Error("which file? node scripts/run.mjs bench/main.ts");
  await ensureInstalled();
  const { ok, output } = await compile("tsconfig.json", ".", "build");
  if (!ok) throw new Error(`it does not compile:\n${output}`);
} catch (error) {
  say(error.message);
  process.exit(1);
}
await launch(compiled(source), args);
