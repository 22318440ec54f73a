/** Stories of stream sessions: what comes in, and behind `→` what goes out because of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ListenKey, MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { STREAMS_PER_SOCKET_MAX } from "../protocol/limits.ts";
import { readStreamUrl } from "../protocol/stream-url.ts";
import type { SessionEffect } from "./session-effect.ts";
import { StreamSessions } from "./stream-sessions.ts";

const START_MS = 1_700_000_000_000;

const STORIES: Readonly<Record<string, string>> = {
  "an event goes to every session of its key, raw or combined as each has it, and to no other": `
    open a /private/ws/K1
    open b /private/stream?streams=K1/K2
    open c /private/stream?listenKey=K1
    open d /private/ws?listenKey=K2
    publish K1 TRADE_LITE
    → a {"e":"TRADE_LITE"}
    → b {"stream":"K1","data":{"e":"TRADE_LITE"}}
    → c {"stream":"K1","data":{"e":"TRADE_LITE"}}
    publish K2 ACCOUNT_UPDATE
    → b {"stream":"K2","data":{"e":"ACCOUNT_UPDATE"}}
    → d {"e":"ACCOUNT_UPDATE"}
    publish K3 ACCOUNT_UPDATE
  `,
  "a filter lets through what it names and nothing else, each key its own": `
    open a /private/stream?listenKey=K1&events=TRADE_LITE/NO_SUCH_EVENT&listenKey=K2&events=listenKeyExpired
    publish K1 TRADE_LITE
    → a {"stream":"K1","data":{"e":"TRADE_LITE"}}
    publish K1 ORDER_TRADE_UPDATE
    publish K2 TRADE_LITE
    expire K1
    expire K2
    → a {"stream":"K2","data":{"e":"listenKeyExpired","E":1700000000000,"listenKey":"K2"}}
  `,
  "an expired key in use is told once to each session; the sockets stay open, and others go on": `
    open a /private/ws/K1
    open b /private/stream?streams=K1/K2
    jump 60m
    expire K1
    → a {"e":"listenKeyExpired","E":1700003600000,"listenKey":"K1"}
    → b {"stream":"K1","data":{"e":"listenKeyExpired","E":1700003600000,"listenKey":"K1"}}
    text b {"method":"SUBSCRIBE","params":["K3"],"id":1}
    → b {"result":null,"id":1}
    publish K2 TRADE_LITE
    → b {"stream":"K2","data":{"e":"TRADE_LITE"}}
    publish K3 TRADE_LITE
    → b {"stream":"K3","data":{"e":"TRADE_LITE"}}
  `,
  "the official connector opens without a stream and subscribes its key": `
    open a /private/stream?streams=
    text a {"method":"SUBSCRIBE","params":["K1"],"id":"2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a"}
    → a {"result":null,"id":"2c9f7e0f8a6b4d1e9c3f5a7b8d0e1f2a"}
    publish K1 TRADE_LITE
    → a {"stream":"K1","data":{"e":"TRADE_LITE"}}
  `,
  "a key is unsubscribed and subscribed again, the second time without its filter": `
    open a /private/ws?listenKey=K1&events=TRADE_LITE
    text a {"method":"UNSUBSCRIBE","params":["K1","never"],"id":1}
    → a {"result":null,"id":1}
    publish K1 TRADE_LITE
    text a {"method":"LIST_SUBSCRIPTIONS","id":2}
    → a {"result":[],"id":2}
    text a {"method":"SUBSCRIBE","params":["K1","K1"],"id":3}
    → a {"result":null,"id":3}
    publish K1 ACCOUNT_UPDATE
    → a {"e":"ACCOUNT_UPDATE"}
    text a {"method":"LIST_SUBSCRIPTIONS","id":4}
    → a {"result":["K1"],"id":4}
  `,
  "combined is false on /ws, true on /stream, and can be switched": `
    open a /private/ws/K1
    open b /private/stream?streams=K1
    text a {"method":"GET_PROPERTY","params":["combined"],"id":1}
    → a {"result":false,"id":1}
    text b {"method":"GET_PROPERTY","params":["combined"],"id":1}
    → b {"result":true,"id":1}
    text a {"method":"SET_PROPERTY","params":["combined",true],"id":2}
    → a {"result":null,"id":2}
    text b {"method":"SET_PROPERTY","params":["combined",false],"id":2}
    → b {"result":null,"id":2}
    publish K1 TRADE_LITE
    → a {"stream":"K1","data":{"e":"TRADE_LITE"}}
    → b {"e":"TRADE_LITE"}
  `,
  "no user event goes out on /public and /market, whatever is subscribed there": `
    open a /public/stream?streams=K1
    open b /market/ws/K1
    text a {"method":"SUBSCRIBE","params":["btcusdt@aggTrade"],"id":1}
    → a {"result":null,"id":1}
    text a {"method":"LIST_SUBSCRIPTIONS","id":2}
    → a {"result":["K1","btcusdt@aggTrade"],"id":2}
    publish K1 TRADE_LITE
    expire K1
  `,
  "a text that is not JSON is answered, and closes the socket": `
    open a /private/ws/K1
    text a hello
    → a {"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}}
    → a close 1008 Invalid request
    publish K1 TRADE_LITE
    text a {"method":"LIST_SUBSCRIPTIONS","id":1}
  `,
  "any other error leaves it open": `
    open a /private/ws/K1
    text a {"method":"SET_PROPERTY","params":["combined",1],"id":1}
    → a {"error":{"code":1,"msg":"Invalid value type: expected Boolean"},"id":1}
    publish K1 TRADE_LITE
    → a {"e":"TRADE_LITE"}
  `,
  "ten frames a second are heard, pings and pongs among them; the eleventh cuts": `
    open a /private/ws
    text*8 a {"method":"LIST_SUBSCRIPTIONS","id":1}
    → a {"result":[],"id":1} (8 times)
    ping a
    pong a unasked
    wait 1000ms
    text*8 a {"method":"LIST_SUBSCRIPTIONS","id":1}
    → a {"result":[],"id":1} (8 times)
    wait 999ms
    text*2 a {"method":"LIST_SUBSCRIPTIONS","id":1}
    → a {"result":[],"id":1} (2 times)
    ping a
    → a close 1008 Too many requests
    text a {"method":"LIST_SUBSCRIPTIONS","id":1}
  `,
  "a session is pinged every three minutes, and lives while it answers": `
    open a /private/ws/K1
    wait 3m
    → a ping 1700000180000
    pong a 1700000180000
    wait 3m
    → a ping 1700000360000
    wait 3m
    → a ping 1700000540000
    pong a 1700000360000
    wait 3m
    → a ping 1700000720000
    wait 6m
    → a ping 1700001080000
    wait 1m
    → a close 1008 Pong timeout
  `,
  "pongs that copy no ping keep nothing alive": `
    open a /private/ws/K1
    wait 3m
    → a ping 1700000180000
    pong a
    pong a 1700000180001
    wait 3m
    → a ping 1700000360000
    pong a hello
    wait 4m
    → a close 1008 Pong timeout
  `,
  "24 hours of venue time end a session, also when they pass by a jump; a jump makes no pong late": `
    open a /private/ws/K1
    wait 1m
    open b /private/ws/K1
    jump 1438m
    publish K1 TRADE_LITE
    → a {"e":"TRADE_LITE"}
    → b {"e":"TRADE_LITE"}
    jump 1m
    → a close 1001 Connection lifetime of 24 hours is over
    publish K1 TRADE_LITE
    → b {"e":"TRADE_LITE"}
    wait 1m
    → b close 1001 Connection lifetime of 24 hours is over
  `,
  "the client hangs up, and nothing more is made for it": `
    open a /private/ws/K1
    closed a
    closed a
    publish K1 TRADE_LITE
    expire K1
    wait 24h
  `,
};

for (const [rule, story] of Object.entries(STORIES)) test(rule, () => play(story));

test("the retired forms deliver as on the demo service, or keep silent as in production", () => {
  const story = (heard: string) => `
    open a /ws/K1
    open b /stream?streams=K1
    publish K1 TRADE_LITE
    ${heard}
    text a {"method":"LIST_SUBSCRIPTIONS","id":1}
    → a {"result":["K1"],"id":1}`;
  play(story('→ a {"e":"TRADE_LITE"}\n→ b {"stream":"K1","data":{"e":"TRADE_LITE"}}'), "deliver");
  play(story(""), "silent");
});

test("1024 streams fit on a socket; one more is refused whole", () => {
  const names = Array.from({ length: STREAMS_PER_SOCKET_MAX - 1 }, (_, i) => `s${i}`);
  play(`
    open a /private/stream?streams=K1
    text a {"method":"SUBSCRIBE","params":${JSON.stringify(names)},"id":1}
    → a {"result":null,"id":1}
    text a {"method":"SUBSCRIBE","params":["s1","K1"],"id":2}
    → a {"result":null,"id":2}
    text a {"method":"SUBSCRIBE","params":["s1","K2"],"id":3}
    → a {"error":{"code":4,"msg":"Too many subscriptions"},"id":3}
    publish K2 TRADE_LITE
    publish K1 TRADE_LITE
    → a {"stream":"K1","data":{"e":"TRADE_LITE"}}`);
});

test("an event is framed once for all sessions of a framing", () => {
  const world = new World("deliver");
  for (let i = 0; i < 4; i++) world.run(`open s${i} ${i % 2 === 0 ? "/private/ws/K1" : "/private/stream?streams=K1"}`);
  const json = '{"e":"TRADE_LITE"}';
  world.sessions.publish("K1" as ListenKey, "TRADE_LITE", json);
  const texts = world.effects.map((effect) => (effect.type === "send" ? effect.text : ""));
  assert.equal(new Set(texts).size, 2);
  assert.equal(texts[0], json);
});

test("no sequence of inputs throws, and a session that is gone is never spoken to", () => {
  const session = fc.constantFrom("a", "b", "c");
  const line = fc.oneof(
    fc.tuple(fc.constant("open"), session, fc.constantFrom("/private/ws/K1", "/stream?streams=K1/K2", "/public/ws/K1")),
    fc.tuple(fc.constant("text"), session, fc.oneof(fc.string(), fc.json(), fc.constantFrom(...CONTROL))),
    fc.tuple(fc.constant("pong"), session, fc.string()),
    fc.tuple(fc.constantFrom("ping", "closed"), session),
    fc.tuple(fc.constant("publish"), fc.constantFrom("K1", "K2"), fc.constant("TRADE_LITE")),
    fc.tuple(fc.constantFrom("wait", "jump"), fc.constantFrom("1ms", "4m", "25h")),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const world = new World("deliver");
      const open = new Set<string>();
      for (const [verb, ...words] of lines) {
        // A session's name is never used again while it is open.
        if (verb === "open" && open.has(words[0])) continue;
        if (verb === "open") open.add(words[0]);
        world.effects.length = 0;
        world.run([verb, ...words].join(" "));
        if (verb === "closed") open.delete(words[0]);
        for (const effect of world.effects) {
          assert.ok(open.has(effect.session));
          if (effect.type === "close") open.delete(effect.session);
        }
        assert.equal(world.sessions.count, open.size);
      }
    }),
  );
});

const CONTROL = [
  '{"method":"SUBSCRIBE","params":["K1","K2"],"id":1}',
  '{"method":"UNSUBSCRIBE","params":["K1"],"id":2}',
  '{"method":"SET_PROPERTY","params":["combined",true],"id":3}',
];

/** Runs a story line by line and compares what goes out with the lines behind the arrows. */
function play(story: string, legacyUrls: "deliver" | "silent" = "deliver"): void {
  const world = new World(legacyUrls);
  const lines = story.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => line !== "");
  const played = told.filter((line) => !line.startsWith("→")).flatMap((line) => [line, ...world.tell(line)]);
  assert.equal(played.join("\n"), told.join("\n"));
}

class World {
  readonly effects: SessionEffect[] = [];
  readonly sessions: StreamSessions;
  #jumpedMs = 0;
  #passedMs = 0;

  constructor(legacyUrls: "deliver" | "silent") {
    this.sessions = new StreamSessions({ emit: (effect) => this.effects.push(effect), legacyUrls });
  }

  /** Runs one line; what went out, equal lines told once with their count. */
  tell(line: string): string[] {
    this.effects.length = 0;
    this.run(line);
    const counts = new Map<string, number>();
    for (const effect of this.effects) counts.set(shown(effect), (counts.get(shown(effect)) ?? 0) + 1);
    return [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  }

  run(line: string): void {
    const [verb = "", name = "", ...rest] = line.split(" ");
    const words = rest.join(" ");
    const now = (START_MS + this.#passedMs + this.#jumpedMs) as TransactMs;
    const monotonic = this.#passedMs as MonotonicMs;
    const [action = "", times = "1"] = verb.split("*");
    for (let i = 0; i < Number(times); i++) {
      if (action === "open") this.#open(name, words, now, monotonic);
      else if (action === "text") this.sessions.onText(name, words, monotonic);
      else if (action === "ping") this.sessions.onPing(name, monotonic);
      else if (action === "pong") this.sessions.onPong(name, words, monotonic);
      else if (action === "closed") this.sessions.onClosed(name);
      else if (action === "publish") this.sessions.publish(name as ListenKey, words, JSON.stringify({ e: words }));
      else if (action === "expire") this.sessions.expire(name as ListenKey, now);
      else if (action === "wait") this.#passedMs += milliseconds(name);
      else if (action === "jump") this.#jumpedMs += milliseconds(name);
      else assert.fail(`no such line: ${line}`);
    }
    if (action !== "wait" && action !== "jump") return;
    this.sessions.due((START_MS + this.#passedMs + this.#jumpedMs) as TransactMs, this.#passedMs as MonotonicMs);
  }

  #open(name: string, url: string, now: TransactMs, monotonic: MonotonicMs): void {
    const target = readStreamUrl(url);
    assert.equal(target.outcome, "accepted");
    if (target.outcome === "accepted") this.sessions.open(name, target, now, monotonic);
  }
}

function shown(effect: SessionEffect): string {
  if (effect.type === "send") return `→ ${effect.session} ${effect.text}`;
  if (effect.type === "ping") return `→ ${effect.session} ping ${effect.payload}`;
  if (effect.type === "close") return `→ ${effect.session} close ${effect.code} ${effect.reason}`;
  return `→ ${effect.session} ${effect.type}`;
}

function milliseconds(text: string): number {
  const unit = { ms: 1, m: 60_000, h: 3_600_000 }[text.replace(/\d+/, "")];
  assert.ok(unit !== undefined, `no such time: ${text}`);
  return Number.parseInt(text, 10) * unit;
}
