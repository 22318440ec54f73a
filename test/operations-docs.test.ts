/** What docs/operations.md, the dashboard and the unit say is so of a hub that runs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Command } from "commander";
import { define } from "../src/cli/commands/serve.ts";
import { ROUTES } from "../src/hub/native-routes.ts";
import { eventually } from "./eventually.ts";
import { startHubWorld } from "./hub-world.ts";

const PAGE = readFileSync("docs/operations.md", "utf8");
const DASHBOARD = readFileSync("ops/grafana-dashboard.json", "utf8");

/** Numbers by name, without what histograms add to theirs. */
function namesIn(text: string): Set<string> {
  const names = [...text.matchAll(/listenkey_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ""));
  return new Set(names);
}

test("each number that the dashboard draws or the page names is told, and nearly all are drawn", async (t) => {
  const running = await startHubWorld({ hasMetrics: true });
  t.after(() => running.close());
  await eventually("in sync, with a certificate's date", () => {
    return running.hub.isReady && running.hub.account("demo")?.health.upstream?.key !== undefined;
  });
  const told = namesIn((await (await fetch(`${running.url}/metrics`)).text()).replace(/^[^#].*$/gm, ""));
  const drawn = namesIn(DASHBOARD);
  for (const name of [...drawn, ...namesIn(PAGE)]) assert.ok(told.has(name), `${name} is told`);
  const left = [...told].filter((name) => !drawn.has(name));
  assert.deepEqual(left.sort(), [
    "listenkey_copies_dropped",
    "listenkey_frames_unreadable",
    "listenkey_journal_records_total",
    "listenkey_key_renewals",
    "listenkey_last_seq",
    "listenkey_sockets",
  ]);
});

test("the dashboard is one that Grafana can import: panels that do not overlap, each with its source", () => {
  const { panels } = JSON.parse(DASHBOARD) as {
    panels: {
      id: number;
      type: string;
      gridPos: { x: number; y: number; w: number; h: number };
      targets?: unknown[];
    }[];
  };
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { type, gridPos, targets } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24);
    if (type !== "row") assert.ok((targets?.length ?? 0) > 0);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `only one panel stands at ${x},${y}`);
        taken.add(`${x},${y}`);
      }
    }
  }
});

test("flags, variables and paths that the page, the unit and the container name exist", () => {
  const serve = new Command("serve");
  define(serve, { print() {}, warn() {}, stopped: new Promise(() => {}), onReload() {}, progress() {} });
  const flags = new Set(serve.options.map(({ long }) => long));
  const variables = new Set([...serve.options.map(({ envVar }) => envVar), "LISTENKEY_TOKEN"]);
  const unit = readFileSync("ops/listenkey.service", "utf8");
  const container = readFileSync("ops/Containerfile", "utf8");
  const texts = [
    PAGE.replace(/^.*(?:verify|doctor|sqlite3).*$/gm, "").replace(/^docker .*$/gm, (line) =>
      line.replaceAll(" --", " "),
    ),
    unit,
    container.replace(/^(?:RUN|HEALTH|COPY).*$/gm, ""),
  ];
  for (const text of texts) {
    for (const [flag] of text.matchAll(/(?<=[\s`])--[a-z][a-z-]+/g))
      assert.ok(flags.has(flag), `${flag} is a flag of serve`);
    for (const [name] of text.matchAll(/LISTENKEY_[A-Z_]+/g)) assert.ok(variables.has(name), `${name} is looked at`);
  }
  const paths = new Set(ROUTES.map(({ path }) => path.replace("{id}", "NAME")));
  for (const [path] of PAGE.matchAll(/(?<=[` ])\/(?:v1\/[\w/{}]+|healthz|readyz|metrics)/g)) {
    assert.ok(paths.has(path), `${path} is answered`);
  }
});
