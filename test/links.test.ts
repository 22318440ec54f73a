/** The pages of the repository lead somewhere: each relative link to a file, each anchor to a heading. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

/** What was made by programs, or is of others. */
const NOT_OURS = new Set(["node_modules", "build", "dist", "data"]);
const INDEX = "docs/README.md";
/** Where a reader begins, and the index itself. Translations lead back to their original. */
const FRONT_DOORS = /^README(?:\.[\w-]+)?\.md$/;

test("every relative link of every page leads to a file, and its anchor to a heading", () => {
  const broken: string[] = [];
  for (const page of pages()) {
    for (const target of links(readFileSync(page, "utf8"))) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), decodeURI(path)));
      if (!existsSync(file)) broken.push(`${page}: ${target}: no such file`);
      else if (anchor !== undefined && !anchors(file).has(anchor)) broken.push(`${page}: ${target}: no such heading`);
    }
  }
  assert.deepEqual(broken, []);
});

test("every page is in the index, and the index names each once", () => {
  const named = links(readFileSync(INDEX, "utf8")).map((target) => normalize(join(dirname(INDEX), target)));
  const pagesNamed = named.filter((file) => !FRONT_DOORS.test(file));
  assert.deepEqual(
    pagesNamed.sort(),
    pages()
      .filter((page) => page !== INDEX && !FRONT_DOORS.test(page))
      .sort(),
  );
  assert.ok(named.includes("README.md"), "and it leads back to the front door");
});

test("a heading's anchor is made as GitHub makes it", () => {
  const text = "# A `b/c`: d's, x\n## Same\n```sh\n# no heading\n```\n## Same\n### See [this](x.md#y)\n";
  assert.deepEqual([...anchorsOf(text)], ["a-bc-ds-x", "same", "same-1", "see-this"]);
});

/** All pages, by their path from the root. */
function pages(folder = "."): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = normalize(join(folder, entry.name));
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) || entry.name.startsWith(".") ? [] : pages(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The targets of a page's links within the repository. */
function links(text: string): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:href|src)="([^"]+)"/g)];
  return targets.map(([, link, html]) => link ?? html ?? "").filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

const KNOWN = new Map<string, ReadonlySet<string>>();

function anchors(file: string): ReadonlySet<string> {
  const known = KNOWN.get(file) ?? (statSync(file).isFile() ? anchorsOf(readFileSync(file, "utf8")) : new Set());
  KNOWN.set(file, known);
  return known;
}

/** A heading without its marks, in lower case, blanks as hyphens; of equal ones the second ends in -1. */
function anchorsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const times = new Map<string, number>();
  for (const [, title = ""] of text.replace(FENCED, "").matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const shown = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    found.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return found;
}

const FENCED = /^ *```.*?^ *```$/gms;

function withoutCode(text: string): string {
  return text.replace(FENCED, "").replace(/`[^`\n]*`/g, "");
}
