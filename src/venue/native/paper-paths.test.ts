/** The description of the paper calls: what it describes is answered, and what is answered is described. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startPaperVenue } from "../index.ts";
import { PAPER_PATHS } from "./paper-paths.ts";

/** A path as the refusal of a wrong one lists it. */
function listed(path: string): string {
  return path.replace("{id}", "ID").replace("{symbol}", "SYMBOL");
}

test("every described call is answered, every path is described, and its parameters are named", async (t) => {
  const venue = await startPaperVenue({ port: 0 });
  t.after(() => venue.close());
  for (const [path, methods] of Object.entries(PAPER_PATHS)) {
    for (const [method, operation] of Object.entries(methods) as [string, { parameters: { name: string }[] }][]) {
      const url = `${venue.url}${path.replace("{id}", "demo").replace("{symbol}", "BTCUSDT")}`;
      const body = method === "get" || method === "delete" ? {} : { body: "{}" };
      const response = await fetch(url, { method: method.toUpperCase(), ...body });
      const text = await response.text();
      assert.notEqual(response.status, 405, `${method} ${path}`);
      assert.doesNotMatch(text, /a path that exists/, `${method} ${path}`);
      const named = operation.parameters.map(({ name }) => `{${name}}`);
      for (const [brace] of path.matchAll(/\{\w+\}/g)) assert.ok(named.includes(brace), `${brace} of ${path}`);
    }
  }
  const wrong = await fetch(`${venue.url}/v1/paper/nothing`, { method: "POST" });
  const { error } = (await wrong.json()) as { error: { remedy: string } };
  const known = [...error.remedy.matchAll(/\/v1\/paper\/[\w/-]+/g)].map(([path]) => path);
  const described = Object.keys(PAPER_PATHS).map(listed);
  assert.deepEqual(
    known.filter((path) => !described.includes(path)),
    [],
  );
  assert.equal(described.filter((path) => !known.includes(path)).length, 2);
});
