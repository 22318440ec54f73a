/** How the dashboard is built: one page, its files under names with hashes, into what is published. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  build: { outDir: here("../dist/dashboard"), emptyOutDir: true, target: "es2023", modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The page's policy forbids code made of text: the readers that need none are used from the start.
  plugins: [
    {
      name: "plain-code",
      enforce: "pre",
      resolveId: (source) => (source.endsWith("/made-code.ts") ? here("state/plain-code.ts") : undefined),
    },
  ],
});
