/** Market streams of bots in virtual time: what is asked of the exchange, and what is handed on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeDialer, KeptLog } from "../../test/fake-world.ts";
import { seededRandom } from "../kernel/random.ts";
import { ASK_EVERY_MS, DIAL_MAX_MS, IDLE_MAX_MS, PING_EVERY_MS } from "./market-line.ts";
import { MARKET_STREAMS_MAX, MarketRelay, type MarketSource } from "./market-relay.ts";

const MARK = "btcusdt@markPrice";
const TRADES = "ethusdt@aggTrade";
const BOOK = "btcusdt@depth@100ms";
const ABROAD = "币安人生usdt@aggTrade";

class World {
  readonly clock = new FakeClock();
  readonly dialer = new FakeDialer();
  readonly log = new KeptLog();
  readonly told: string[] = [];
  readonly lost: string[] = [];
  source: MarketSource = { outcome: "open", stream: "wss://x" };
  readonly relay = new MarketRelay({
    dialer: this.dialer,
    clock: this.clock,
    random: seededRandom(1),
    log: this.log,
    source: () => this.source,
    told: (name, data) => void this.told.push(`${name} ${data}`),
    lost: (names) => {
      // As the sockets are closed, their names have no listeners any more.
      for (const name of names) this.relay.heard(name, false);
      this.lost.push(...names);
    },
  });

  async listen(...names: string[]): Promise<void> {
    for (const name of names) this.relay.heard(name, true);
    await this.clock.advance(ASK_EVERY_MS);
  }

  async leave(...names: string[]): Promise<void> {
    for (const name of names) this.relay.heard(name, false);
    await this.clock.advance(ASK_EVERY_MS);
  }

  get urls(): string[] {
    return this.dialer.sockets.map(({ url }) => url);
  }
}

test("what begins together is one connection of each route, and the bytes are handed on by name", async () => {
  const world = new World();
  await world.listen(MARK, TRADES, BOOK, "nobodysListenKey");
  assert.deepEqual(world.urls, [
    `wss://x/market/stream?streams=${MARK}/${TRADES}`,
    `wss://x/public/stream?streams=${BOOK}`,
  ]);
  const [market] = world.dialer.sockets;
  market?.open().say(`{"stream":"${MARK}","data":{"p":1.10, "i":9007199254740993}}`);
  market?.say(`{"result":null,"id":1}`);
  market?.say("no JSON");
  assert.deepEqual(world.told, [`${MARK} {"p":1.10, "i":9007199254740993}`]);
  assert.deepEqual(market?.sent, []);
});

test("L6 later names are asked for in one frame at a time, and given back with their last listener", async () => {
  const world = new World();
  await world.listen(MARK);
  const socket = world.dialer.last.open();
  world.relay.heard(TRADES, true);
  await world.listen(ABROAD);
  await world.leave(MARK, TRADES);
  await world.clock.advance(ASK_EVERY_MS);
  assert.deepEqual(socket.sent, [
    JSON.stringify({ method: "SUBSCRIBE", params: [TRADES, ABROAD], id: 1 }),
    JSON.stringify({ method: "UNSUBSCRIBE", params: [MARK, TRADES], id: 2 }),
  ]);
  await world.leave(ABROAD);
  await world.listen(MARK);
  await world.clock.advance(IDLE_MAX_MS);
  assert.equal(world.dialer.aliveCount, 1, "who comes back in time finds the connection");
  await world.leave(MARK);
  await world.clock.advance(IDLE_MAX_MS);
  assert.deepEqual([world.dialer.aliveCount, world.clock.alarms, world.lost], [0, [], []]);
});

test("a connection that is lost takes its listeners with it, and the next dial waits longer each time", async () => {
  const world = new World();
  const waits: number[] = [];
  for (let failures = 0; failures < 7; failures++) {
    const [begun, dials] = [world.clock.now(), world.dialer.sockets.length];
    world.relay.heard(MARK, true);
    while (world.dialer.sockets.length === dials) await world.clock.advance(100);
    waits.push(world.clock.now() - begun);
    world.dialer.last.cut(1006, "");
    assert.equal(world.lost.length, failures + 1);
  }
  assert.ok(waits.every((wait, index) => index === 0 || (wait >= (waits[index - 1] ?? 0) * 0.5 && wait <= 31_000)));
  assert.ok((waits.at(-1) ?? 0) >= 15_000);
  assert.equal(world.log.lines.length, 7);
});

test("a dial without an end, and silence, are bounded", async () => {
  const world = new World();
  await world.listen(MARK);
  await world.clock.advance(DIAL_MAX_MS);
  assert.deepEqual(world.lost, [MARK]);
  world.relay.heard(MARK, true);
  await world.clock.advance(2_000);
  const socket = world.dialer.last.open();
  await world.clock.advance(PING_EVERY_MS - 1);
  socket.pong();
  await world.clock.advance(PING_EVERY_MS);
  assert.deepEqual([socket.pings, world.lost], [2, [MARK]]);
  await world.clock.advance(PING_EVERY_MS);
  assert.deepEqual([world.lost, world.dialer.aliveCount], [[MARK, MARK], 0]);
});

test("what cannot be had is refused in words: no source, no such name, too many", async () => {
  const world = new World();
  assert.equal(world.relay.refusal([MARK, "!ticker@arr", ABROAD, "btcusdt@depth20@500ms", "aListenKey"]), undefined);
  for (const name of ["a@b&streams=c", "a b@trade", '"@trade', "@trade", "a@b@c@d@e"]) {
    assert.match(world.relay.refusal([name]) ?? "", /another name/);
  }
  for (let index = 0; index < MARKET_STREAMS_MAX; index++) world.relay.heard(`s${index}@trade`, true);
  assert.match(world.relay.refusal([MARK]) ?? "", /6144 market streams at the most/);
  assert.equal(world.relay.refusal(["s7@trade"]), undefined);
  await world.clock.advance(100);
  assert.equal(world.dialer.sockets.length, 6);
  world.source = { outcome: "refused", why: "no account of this hub is on an exchange" };
  assert.equal(world.relay.refusal(["s7@trade"]), "no account of this hub is on an exchange");
  assert.equal(world.relay.refusal(["aListenKey"]), undefined);
  world.relay.recheck();
  assert.deepEqual([world.lost.length, world.dialer.aliveCount], [MARKET_STREAMS_MAX, 6]);
  await world.clock.advance(0);
  assert.equal(world.dialer.aliveCount, 0);
});
