import assert from "node:assert/strict";
import { test } from "node:test";
import type { PaperVenue } from "../src/venue/paper-venue.ts";
import { SimClock } from "./sim-clock.ts";
import { type Outage, SimNetwork, type SimNetworkDeps } from "./sim-network.ts";
import { Trace } from "./trace.ts";

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

test("on a slow way everything takes longer to the program, the end of the handshake as well, until it is over", () => {
  const clock = new SimClock(0);
  const venue = {
    open: () => ({ outcome: "opened", session: "s1" }),
    takeEffects: () => [],
    nextDeadline: () => undefined,
  } as unknown as PaperVenue;
  const random = { next: () => 0.5 };
  const network = new SimNetwork({ clock, random, trace: new Trace(clock), venue, served: () => {} });
  const opensAfterMs = () => {
    const since = clock.now();
    let isOpen = false;
    const opened = () => {
      isOpen = true;
    };
    network.dialer.dial("wss://venue/ws/k", { opened, heard() {}, frame() {}, closed() {} });
    while (!isOpen) clock.ring();
    return clock.now() - since;
  };
  assert.equal(opensAfterMs(), 82);
  const [ends, endsToo] = [network.slowDown(1_000), network.slowDown(6_000)];
  assert.equal(opensAfterMs(), 3_082);
  endsToo();
  assert.equal(opensAfterMs(), 582);
  ends();
  assert.equal(opensAfterMs(), 82);
});
