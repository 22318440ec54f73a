/** The shared connection to the WS API in virtual time, and what becomes of calls when it fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeDialer, settled } from "../../test/fake-world.ts";
import { seededRandom } from "../kernel/random.ts";
import { ANSWER_MAX_MS, type LineAnswer, REDIAL_AFTER_MS, WsApiLine } from "./ws-api-line.ts";

class World {
  readonly clock = new FakeClock();
  readonly dialer = new FakeDialer();
  readonly line = new WsApiLine({ dialer: this.dialer, clock: this.clock, random: seededRandom(1), url: "ws://x" });
  readonly answers: LineAnswer[] = [];

  ask(): void {
    this.line.ask(
      (id) => `{"id":${id}}`,
      (answer) => void this.answers.push(answer),
    );
  }
}

test("the first call dials, and what is asked meanwhile goes out when it is open, each under an id of its own", () => {
  const world = new World();
  world.ask();
  world.ask();
  assert.deepEqual(world.dialer.last.sent, []);
  world.dialer.last.open();
  world.ask();
  assert.deepEqual(world.dialer.last.sent, ['{"id":1}', '{"id":2}', '{"id":3}']);
  assert.equal(world.dialer.sockets.length, 1);
  world.dialer.last.say('{"status":200,"id":2}');
  world.dialer.last.say('{"id":2,"status":200}');
  world.dialer.last.say('{"id":null,"status":400}');
  world.dialer.last.say("no JSON");
  assert.deepEqual(world.answers, [{ is: "frame", text: '{"status":200,"id":2}' }]);
});

test("a call without an answer is over after a while, and a late answer is nobody's", async () => {
  const world = new World();
  world.ask();
  world.dialer.last.open();
  await world.clock.advance(ANSWER_MAX_MS);
  assert.deepEqual(world.answers, [{ is: "lost", isSent: true }]);
  world.dialer.last.say('{"id":1,"status":200}');
  assert.equal(world.answers.length, 1);
});

test("when the connection closes, what was sent may have been carried out; the next call dials again", () => {
  const world = new World();
  world.ask();
  world.dialer.last.open().cut();
  assert.deepEqual(world.answers, [{ is: "lost", isSent: true }]);
  world.ask();
  assert.equal(world.dialer.sockets.length, 2);
});

test("L6 after a dial that failed nothing is sent, and no other dial is made for a while", async () => {
  const world = new World();
  world.ask();
  world.dialer.last.cut();
  world.ask();
  assert.deepEqual(world.answers, [
    { is: "lost", isSent: false },
    { is: "lost", isSent: false },
  ]);
  assert.equal(world.dialer.sockets.length, 1);
  await world.clock.advance(2 * REDIAL_AFTER_MS);
  world.ask();
  assert.equal(world.dialer.sockets.length, 2);
});

test("hanging up ends what waits, and leaves no alarm", async () => {
  const world = new World();
  world.ask();
  world.dialer.last.open();
  world.line.close();
  await settled();
  assert.deepEqual([world.answers.length, world.clock.alarms], [1, []]);
  assert.ok(world.dialer.last.isGone);
});
