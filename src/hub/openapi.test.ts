/** The description of the native face: it is what is routed, and true of what is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { WebSocket } from "ws";
import { eventually } from "../../test/eventually.ts";
import { hubWorld, transfer } from "../../test/hub-world.ts";
import { ROUTES, routeOf } from "./native-routes.ts";
import { describeFace } from "./openapi.ts";

/** Checks an answer by the schema of that name. */
function schemaOf(name: string): (value: unknown) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const valid = ajv.compile({ ...describeFace("0.0.0"), $ref: `#/components/schemas/${name}` });
  return (value) => assert.ok(valid(value), `${name}: ${JSON.stringify(valid.errors)} in ${JSON.stringify(value)}`);
}

test("each call is described once, and the path that is described is the path that is routed", () => {
  const { paths } = describeFace("1.2.3") as { paths: Record<string, Record<string, { operationId: string }>> };
  for (const { name, method, path } of ROUTES) {
    assert.equal(paths[path]?.[method.toLowerCase()]?.operationId, name);
    const routed = routeOf(method, path.replace("{id}", "demo"));
    assert.deepEqual([routed.is, routed.is === "route" && routed.route.name], ["route", name]);
  }
  assert.equal(new Set(ROUTES.map(({ name }) => name)).size, ROUTES.length);
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  assert.equal(described.length, ROUTES.length);
});

test("every schema that is referred to is there", () => {
  const description = describeFace("0.0.0");
  const { components } = description as { components: { schemas: Record<string, unknown> } };
  const names = [...JSON.stringify(description).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
  assert.ok(names.length > 30);
  for (const name of names) assert.ok(components.schemas[name ?? ""] !== undefined, `${name} is described`);
});

test("what the hub answers is as it is described", async (t) => {
  const running = await hubWorld(t);
  await transfer(running);
  running.venue.cutSockets();
  const feed = running.hub.account("demo")?.feed;
  await eventually("a gap and its repair", () => running.hub.isReady && (feed?.lastSeq ?? 0) >= 5);
  const ws = new WebSocket(`${running.wsUrl}/v1/accounts/demo/stream`);
  t.after(() => ws.terminate());
  await eventually("a consumer", () => feed?.memberCount === 1);
  const cases: readonly [path: string, schema: string][] = [
    ["/healthz", "Sign"],
    ["/readyz", "Sign"],
    ["/v1/accounts", "Accounts"],
    ["/v1/accounts/demo", "Account"],
    ["/v1/accounts/demo/health", "Health"],
    ["/v1/accounts/demo/consumers", "Consumers"],
    ["/v1/accounts/demo/margin", "Margin"],
    ["/v1/accounts/demo/equity", "Equity"],
    ["/v1/accounts/demo/records?since=0", "Page"],
    ["/v1/accounts/nobody", "Error"],
    ["/v1/accounts/demo/records?since=9999", "Error"],
    ["/v1/openapi.json", "Description"],
  ];
  for (const [path, schema] of cases) schemaOf(schema)(await (await fetch(`${running.url}${path}`)).json());
  const { consumers } = (await (await fetch(`${running.url}/v1/accounts/demo/consumers`)).json()) as {
    consumers: { over: string; lag: number; address: string }[];
  };
  assert.deepEqual(
    consumers.map(({ over, lag, address }) => [over, lag, address]),
    [["websocket", 0, "127.0.0.1"]],
  );
});

test("a description that were wrong would be found out", () => {
  const page = schemaOf("Page");
  const status = { seq: 1, account: "demo", at: 1, kind: "status", status: "live" };
  page({ records: [status], cursor: 1, firstSeq: 1, lastSeq: 1 });
  assert.throws(() => page({ records: [status], cursor: "1", firstSeq: 1, lastSeq: 1 }));
  assert.throws(() => page({ records: [{ ...status, status: "asleep" }], cursor: 1, firstSeq: 1, lastSeq: 1 }));
});
