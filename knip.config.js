/**
 * What is in use. Plainly (`knip`) tests count as users; with `--production` they do not, so that what only tests need
 * is found as well: there, an export that its own file uses is alive, and tests may look at it.
 */
import { readFileSync } from "node:fs";

const { include: folders } = JSON.parse(readFileSync("tsconfig.json", "utf8"));
const { exports: doors } = JSON.parse(readFileSync("package.json", "utf8"));

const sources = Object.values(doors)
  .flatMap(({ default: built = "" }) => built)
  .filter((built) => built !== "")
  .map((built) => built.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts!"));

export default ({ production = false }) => ({
  entry: [
    ...sources,
    "src/cli/main.ts!",
    "{sim,bench}/main.ts!",
    "bench/soak.ts!",
    "tools/{rooms,doors,tidy,reference}.ts!",
    "scripts/*.mjs!",
    "dashboard/{main.tsx,vite.config.mjs,state/plain-code.ts}!",
    "examples/*.{mjs,ts}",
    `{${folders}}/**/*.test.ts`,
  ],
  // What stands in test/ is for tests.
  project: folders
    .map((folder) => `${folder}/**/*.ts${folder === "test" ? "" : "!"}`)
    .concat("scripts/*.mjs!", "dashboard/**/*.{ts,tsx}!", "examples/*.mjs"),
  ignoreExportsUsedInFile: production || { interface: true, type: true },
  // Held back for fastify's sake: docs/dependencies.md.
  // The tests' browser reads axe-core as a text.
  ignoreDependencies: ["light-my-request", "axe-core"],
  // Tests use them where they are.
  ignoreBinaries: ["prlimit", "sqlite3", "fish", "script"],
  // The product signs with HMAC secrets only; the tests ask the venue with private keys, as other clients do.
  ignoreIssues: production ? { "src/rest/io/signers.ts": ["exports"] } : {},
});
