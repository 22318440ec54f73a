/** What docs/operations.md, the dashboard and the unit say is so of a hub that runs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Command } from "commander";
import { AccountRoster } from "../src/cli/account-roster.ts";
import { define } from "../src/cli/commands/serve.ts";
import { type AccountConfig, defaultConfig, parseAccount } from "../src/cli/hub-config.ts";
import { ROUTES } from "../src/hub/native-routes.ts";
import { DEMO_ACCOUNT } from "../src/venue/index.ts";
import { eventually } from "./eventually.ts";
import { hubWorld, startHubWorld } from "./hub-world.ts";
import { InventedUpstream } from "./invented-upstream.ts";
import { readYaml } from "./yaml.ts";

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

/** As `listenkey serve` knows its flags. */
function serveCommand(): Command {
  const serve = new Command("serve");
  define(serve, { print() {}, warn() {}, stopped: new Promise(() => {}), onReload() {}, progress() {} });
  return serve;
}

function snippet(language: string, has: string): string {
  const all = [...PAGE.matchAll(/```(\w+)\n(.*?)```/gs)];
  const [, , text] = all.find(([, found, block]) => found === language && block?.includes(has)) ?? [];
  return text ?? assert.fail(`no ${language} with ${has}`);
}

/** What the page sets of a scrape; what it leaves out is as Prometheus has it. */
interface Scrape {
  readonly job_name: string;
  readonly scheme?: string;
  readonly metrics_path?: string;
  readonly authorization: { readonly type?: string; readonly credentials_file: string };
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

const TOKEN = "a-token-for-the-docs";

test("Prometheus, set up as the page shows, gets the numbers, and only with a token for all accounts", async (t) => {
  const { scrape_configs: scrapes, ...rest } = readYaml(snippet("yaml", "scrape_configs")) as {
    scrape_configs: readonly Scrape[];
  };
  assert.deepEqual([Object.keys(rest), scrapes.length], [[], 1]);
  const [{ job_name, scheme = "http", metrics_path = "/metrics", authorization, static_configs, ...unknown }] =
    scrapes as [Scrape];
  const { type = "Bearer", credentials_file, ...more } = authorization;
  assert.deepEqual([job_name, unknown, more], ["listenkey", {}, {}], "only what Prometheus knows");
  assert.match(credentials_file, /^\/[\w/.]+$/);
  const { port } = serveCommand().opts();
  assert.deepEqual(static_configs, [{ targets: [`127.0.0.1:${port}`] }]);
  const tokens = [
    { token: TOKEN, accounts: "all", may: "read" },
    { token: `${TOKEN}-of-one`, accounts: ["demo"], may: "read" },
  ] as const;
  const { url } = await hubWorld(t, { hasMetrics: true, tokens });
  const scrape = (headers: Record<string, string>) => {
    return fetch(`${scheme}://${new URL(url).host}${metrics_path}`, { headers });
  };
  const by = (credentials: string) => scrape({ authorization: `${type} ${credentials.trim()}` });
  const answer = await by(`${TOKEN}\n`);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await answer.text(), /^listenkey_account_ready\{account="demo"\} 1$/m);
  assert.deepEqual([answer.status, (await by(`${TOKEN}-of-one`)).status, (await scrape({})).status], [200, 403, 401]);
});

/** What a shell would give `curl`. */
function argumentsOf(script: string, env: Readonly<Record<string, string>>): string[] {
  const shown = `curl() { printf '%s\\0' "$@"; }\n${script}`;
  return execFileSync("sh", ["-c", shown], { encoding: "utf8", env }).split("\0").slice(0, -1);
}

test("the account that the page puts into a hub that runs is followed as it says, and listed", async (t) => {
  const secrets = { SECOND_KEY: "a-second-key", SECOND_SECRET: "a-second-secret" };
  const followed: [string, AccountConfig][] = [];
  const { url } = await hubWorld(t, {
    tokens: [{ token: TOKEN, accounts: "all", may: "administer" }],
    // All as it is in production, but for the exchange itself.
    administration: (hub) =>
      new AccountRoster({
        hub,
        upstreamOf(id, account) {
          followed.push([id, account]);
          return new InventedUpstream(id).make;
        },
        callsGo() {},
        check() {},
        parse: (id, wish) => parseAccount(id, wish, secrets),
        configuration: () => defaultConfig(DEMO_ACCOUNT),
        apply() {},
        changed() {},
      }),
  });
  const args = argumentsOf(snippet("sh", "curl -X PUT"), { LISTENKEY_TOKEN: TOKEN });
  const [x, method = "", h, header = "", shownAt = "", d, body = "", ...none] = args;
  assert.deepEqual([x, h, d, none], ["-X", "-H", "-d", []]);
  const [, name = "", value = ""] = /^([\w-]+): (.*)$/.exec(header) ?? [];
  const { host, pathname } = new URL(shownAt);
  assert.equal(host, `127.0.0.1:${serveCommand().opts().port}`);
  const headers = { [name]: value };
  const answer = await fetch(`${url}${pathname}`, { method, headers, body });
  assert.deepEqual([answer.status, await answer.json()], [200, { added: ["second"], changed: [], removed: [] }]);
  const [id, account] = followed[0] ?? assert.fail("nothing is followed");
  const { apiKey, apiSecret, environment } = account.on === "exchange" ? account.options : assert.fail(account.on);
  assert.deepEqual(
    [id, environment, apiKey, apiSecret],
    ["second", "production", "a-second-key", "a-second-secret"],
    "the variables of the hub",
  );
  const { accounts } = (await (await fetch(`${url}/v1/accounts`, { headers })).json()) as {
    accounts: { id: string }[];
  };
  assert.deepEqual(
    accounts.map((one) => one.id),
    ["demo", "second"],
  );
});

test("flags, variables and paths that the page, the unit and the container name exist", () => {
  const serve = serveCommand();
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
