import assert from "node:assert/strict";
import { test } from "node:test";
import { type Outage, SimNetwork, type SimNetworkDeps } from "./sim-network.ts";

test("an outage ends when the last of its kind does, and the worst of those that overlap is what is met", () => {
  const network = new SimNetwork({} as SimNetworkDeps);
  const kinds: readonly Outage[] = ["rest-unavailable", "rest-unreachable", "rest-unreachable", "rest-silent"];
  const [unavailable, first, second, silent] = kinds.map((kind) => ({ kind, end: network.begin(kind) }));
  assert.equal(network.rest, "rest-silent");
  silent?.end();
  assert.equal(network.rest, "rest-unreachable");
  first?.end();
  assert.equal(network.rest, "rest-unreachable");
  second?.end();
  assert.equal(network.rest, "rest-unavailable");
  unavailable?.end();
  assert.equal(network.rest, "well");
  network.begin("no-connections");
  assert.equal(network.rest, "well", "new sockets are no concern of REST");
});
