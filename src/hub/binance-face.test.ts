/** The Binance face of the hub in virtual time: the life of each bot's listenKey, and what its sockets hear. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { walletEvent } from "../../test/account-news.ts";
import { apiKeyOf, BotWorld, botSetting } from "../../test/bot-world.ts";
import { settled } from "../../test/fake-world.ts";
import { HeldJournal } from "../../test/held-journal.ts";
import type { RepairedEvent } from "../account/repaired-events.ts";
import { encodeEvent } from "../protocol/user-data-event.ts";
import { ATTEMPTS_MAX } from "./attempts.ts";
import { UNSENT_BYTES_MAX } from "./consumer.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An event with its digits and blanks in an order that no writer of ours would choose. */
const ODD = '{"e":"INVENTED","i":8389765489680951453,  "q":"0.10","s":"é"}';

test("a bot is granted one key as long as it lives, and each bot has its own", async () => {
  const world = await BotWorld.open();
  const [a, b] = [world.key("POST", "a"), world.key("POST", "b")];
  assert.match(String(a), /^[A-Za-z0-9]{64}$/);
  assert.notEqual(a, b);
  assert.deepEqual([world.key("POST", "a"), world.key("PUT", "a"), world.key("PUT", "b")], [a, a, b]);
  assert.deepEqual(world.key("DELETE", "a"), {});
  assert.deepEqual([world.key("DELETE", "a"), world.key("PUT", "a"), world.key("PUT", "b")], [-1125, -1125, b]);
  assert.notEqual(world.key("POST", "a"), a);
});

test("a key lives 60 minutes from its last grant or extension", async () => {
  const world = await BotWorld.open();
  const key = world.key("POST", "a");
  for (const method of ["PUT", "POST", "PUT"] as const) {
    await world.clock.advance(HOUR_MS - 1);
    assert.equal(world.key(method, "a"), key);
  }
  await world.clock.advance(HOUR_MS);
  assert.equal(world.key("PUT", "a"), -1125);
});

test("a key that nobody extends runs out: the event, then silence, on a socket that stays open", async () => {
  const world = await BotWorld.open();
  const [a, b] = [world.key("POST", "a"), world.key("POST", "b")];
  await world.clock.advance(HOUR_MS - 2 * MINUTE_MS);
  const [raw, combined, other] = [`/private/ws?listenKey=${a}`, `/stream?streams=${a}`, `/ws/${b}`].map((url) =>
    world.socket(url),
  ) as [string, string, string];
  world.key("PUT", "b");
  await world.clock.advance(2 * MINUTE_MS - 1);
  assert.deepEqual(await world.heard(raw), []);
  await world.clock.advance(1);
  const [expired, ...more] = await world.heard(raw);
  assert.deepEqual(more, []);
  const E = world.clock.wall();
  assert.deepEqual(JSON.parse(expired ?? ""), { e: "listenKeyExpired", E, listenKey: a });
  assert.deepEqual(await world.heard(combined), [`{"stream":"${a}","data":${expired}}`]);
  world.upstream().event(ODD);
  assert.deepEqual([await world.heard(raw), await world.heard(combined), await world.heard(other)], [[], [], [ODD]]);
  assert.equal(world.key("PUT", "a"), -1125);
  const next = world.key("POST", "a");
  assert.notEqual(next, a);
  const again = world.socket(`/private/ws/${next}`);
  world.upstream().event(ODD);
  assert.deepEqual(await world.heard(again), [ODD]);
});

test("sockets are pinged, and cut when no pong comes or their day is over", async () => {
  const world = await BotWorld.open();
  const session = world.socket(`/private/ws/${world.key("POST", "a")}`);
  await world.clock.advance(3 * MINUTE_MS);
  assert.deepEqual(await world.heard(session), ["<ping>"]);
  await world.clock.advance(7 * MINUTE_MS);
  assert.deepEqual((await world.heard(session)).at(-1), "<close 1008 Pong timeout>");
  const steady = world.socket(`/private/ws/${world.key("POST", "b")}`);
  for (let waited = 0; waited < 24 * HOUR_MS; waited += 3 * MINUTE_MS) {
    world.key("PUT", "b");
    await world.clock.advance(3 * MINUTE_MS);
    world.face.onPong(steady, String(world.clock.wall()));
  }
  assert.match((await world.heard(steady)).at(-1) ?? "", /^<close 1001 /);
  assert.equal(world.face.sessionCount, 0);
});

/** What a socket on a URL gets of one event; `<key>` is the bot's. */
const FORMS: readonly [url: string, frame: string | undefined][] = [
  ["/private/ws/<key>", ODD],
  ["/private/ws?listenKey=<key>", ODD],
  ["/private/ws?listenKey=<key>&events=INVENTED/ACCOUNT_UPDATE", ODD],
  ["/private/ws?listenKey=<key>&events=ACCOUNT_UPDATE", undefined],
  ["/private/stream?listenKey=<key>", `{"stream":"<key>","data":${ODD}}`],
  ["/private/stream?streams=<key>", `{"stream":"<key>","data":${ODD}}`],
  ["/ws/<key>", ODD],
  ["/stream?streams=<key>", `{"stream":"<key>","data":${ODD}}`],
  ["/public/ws/<key>", undefined],
  ["/market/stream?streams=<key>", undefined],
  ["/private/ws/nobodys", undefined],
];

for (const [url, frame] of FORMS) {
  test(`${url} gives ${frame === undefined ? "nothing" : "the very bytes that came"}`, async () => {
    const world = await BotWorld.open();
    const key = String(world.key("POST", "a"));
    const session = world.socket(url.replace("<key>", key));
    world.upstream().event(ODD);
    assert.deepEqual(await world.heard(session), frame === undefined ? [] : [frame.replace("<key>", key)]);
  });
}

test("SUBSCRIBE and UNSUBSCRIBE of a key begin and end what is heard, and the envelope is switched", async () => {
  const world = await BotWorld.open();
  const key = String(world.key("POST", "a"));
  const session = world.socket("/private/stream?streams=");
  const say = (frame: object) => world.face.onText(session, JSON.stringify(frame));
  world.upstream().event(ODD);
  say({ method: "SUBSCRIBE", params: [key], id: 1 });
  world.upstream().event(ODD);
  const wrapped = `{"stream":"${key}","data":${ODD}}`;
  assert.deepEqual(await world.heard(session), ['{"result":null,"id":1}', wrapped, wrapped].slice(0, 3));
  say({ method: "SET_PROPERTY", params: ["combined", false], id: 2 });
  world.upstream().event(ODD);
  assert.deepEqual(await world.heard(session), ['{"result":null,"id":2}', ODD]);
  say({ method: "UNSUBSCRIBE", params: [key], id: 3 });
  world.upstream().event(ODD);
  assert.deepEqual(await world.heard(session), ['{"result":null,"id":3}']);
  world.face.onText(session, "nonsense");
  assert.match((await world.heard(session)).at(-1) ?? "", /^<close 1008/);
});

test("a bot is told events, repaired ones included, and no gap, certificate or expiry of the hub key", async () => {
  const world = await BotWorld.open();
  const session = world.socket(`/private/ws/${world.key("POST", "a")}`);
  const upstream = world.upstream();
  const wallet = walletEvent(5, "USDT", "5");
  upstream.event(ODD);
  upstream.record({ kind: "gap", from: undefined, why: "cut" });
  upstream.event('{"e":"listenKeyExpired","E":1,"listenKey":"the hub\'s own"}');
  upstream.record({ kind: "event", origin: "repair", event: wallet as unknown as RepairedEvent });
  upstream.record({ kind: "status", status: "live" });
  assert.deepEqual(await world.heard(session), [ODD, encodeEvent(wallet)]);
});

test("a bot that comes before all of an account is known comes again, and is not told the past as news", async () => {
  const world = await BotWorld.open();
  const upstream = world.upstream();
  upstream.known = "part";
  await world.hub.change("demo", upstream.make);
  upstream.event(ODD);
  await settled();
  assert.equal(world.call("POST", "/fapi/v1/listenKey", apiKeyOf("a")).status, 503);
  upstream.known = undefined;
  upstream.event(ODD);
  await settled();
  const session = world.socket(`/private/ws/${world.key("POST", "a")}`);
  upstream.event(ODD);
  assert.deepEqual(await world.heard(session), [ODD]);
});

test("L8 a bot is told nothing that is not committed", async () => {
  const journal = new HeldJournal();
  const world = await BotWorld.open({ journal });
  const session = world.socket(`/private/ws/${world.key("POST", "a")}`);
  world.upstream().event(ODD);
  assert.deepEqual(await world.heard(session), []);
  await journal.commit();
  assert.deepEqual(await world.heard(session), [ODD]);
});

test("a DELETE silences the sockets of one bot, and of no other", async () => {
  const world = await BotWorld.open();
  const sockets = ["a", "b"].map((bot) => world.socket(`/private/ws/${world.key("POST", bot)}`));
  world.key("DELETE", "a");
  world.upstream().event(ODD);
  assert.deepEqual(await Promise.all(sockets.map((session) => world.heard(session))), [[], [ODD]]);
});

test("each bot hears its own account", async () => {
  const bots = [botSetting("a", { account: "one" }), botSetting("b", { account: "two" })];
  const world = await BotWorld.open({ bots, accounts: ["one", "two"] });
  const sockets = ["a", "b"].map((bot) => world.socket(`/private/ws/${world.key("POST", bot)}`));
  world.upstream("two").event(ODD);
  assert.deepEqual(await Promise.all(sockets.map((session) => world.heard(session))), [[], [ODD]]);
});

test("over the WS API the key is the same one, and ends the same way", async () => {
  const world = await BotWorld.open();
  const key = world.key("POST", "a");
  const session = world.socket("/ws-fapi/v1?returnRateLimits=false");
  const ask = async (method: string) => {
    world.face.onText(session, JSON.stringify({ id: 7, method, params: { apiKey: apiKeyOf("a") } }));
    return (await world.heard(session)).at(-1);
  };
  const granted = `{"id":7,"status":200,"result":{"listenKey":"${key}"}}`;
  assert.deepEqual([await ask("userDataStream.start"), await ask("userDataStream.ping")], [granted, granted]);
  assert.equal(await ask("userDataStream.stop"), '{"id":7,"status":200,"result":{}}');
  assert.match((await ask("userDataStream.ping")) ?? "", /"status":400,"error":\{"code":-1125,/);
  assert.equal(world.key("PUT", "a"), -1125);
});

const READER = { token: "reader-0123456789", accounts: ["demo"], may: "read" } as const;
const OWNER = { token: "owner-01234567890", accounts: "all", may: "administer" } as const;

test("a token of the hub is an API key when it says which account is meant", async () => {
  const granted = async (token: string, accounts: readonly string[]) => {
    const world = await BotWorld.open({ bots: [], tokens: [READER, OWNER], accounts });
    const { status, json } = world.call("POST", "/fapi/v1/listenKey", token);
    return [status, json.code];
  };
  assert.deepEqual(await granted(READER.token, ["demo"]), [200, undefined]);
  assert.deepEqual(await granted(OWNER.token, ["demo"]), [200, undefined]);
  assert.deepEqual(await granted(OWNER.token, ["demo", "other"]), [401, -2015]);
  assert.deepEqual(await granted(READER.token, ["other"]), [503, -1001]);
  assert.deepEqual(await granted("stranger-0123456", ["demo"]), [401, -2015]);
});

test("without bots and tokens any API key is a bot's, and names it", async () => {
  const world = await BotWorld.open({ bots: [] });
  const [one, two] = ["one", "two"].map((apiKey) => world.call("POST", "/fapi/v1/listenKey", apiKey).json.listenKey);
  assert.notEqual(one, two);
  assert.equal(world.call("POST", "/fapi/v1/listenKey", "one").json.listenKey, one);
});

test("L9 whoever guesses API keys is told to wait, by REST and the WS API together; a right one is not", async () => {
  const world = await BotWorld.open();
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    assert.equal(world.call("POST", "/fapi/v1/listenKey", `guess-0123456789-${i}`).status, 401);
  }
  const { status, headers } = world.call("POST", "/fapi/v1/listenKey", "guess-0123456789-x");
  assert.deepEqual([status, headers["retry-after"]], [429, "60"]);
  const session = world.socket("/ws-fapi/v1");
  world.face.onText(session, '{"id":1,"method":"userDataStream.start","params":{"apiKey":"guess-0123456789-y"}}');
  assert.equal((await world.heard(session)).at(-1), "<close 1008 Too many requests>");
  assert.match(String(world.key("POST", "a")), /^\w{64}$/);
});

test("the weight of an address is limited, as Binance limits it", async () => {
  const world = await BotWorld.open({ limits: { weightPerMinute: 3, refusalsBeforeBan: 1 } });
  const statuses = Array.from({ length: 5 }, () => world.call("GET", "/fapi/v1/ping").status);
  assert.deepEqual(statuses, [200, 200, 200, 429, 418]);
});

test("L7 a socket that takes nothing keeps its queue in the ring, and is closed when that is too long", async () => {
  const bots = [botSetting("a", { queueEntries: 100 }), botSetting("b")];
  const world = await BotWorld.open({ bots });
  const [slow, quick] = ["a", "b"].map((bot) => world.socket(`/private/ws/${world.key("POST", bot)}`)) as [
    string,
    string,
  ];
  world.upstream().event(ODD);
  await settled();
  world.frozen.set(slow, UNSENT_BYTES_MAX);
  for (let i = 0; i < 50; i++) world.upstream().event(ODD);
  assert.equal((await world.heard(quick)).length, 51);
  assert.deepEqual(await world.heard(slow), [ODD]);
  world.frozen.delete(slow);
  world.face.drained(slow);
  assert.equal((await world.heard(slow)).length, 50);
  world.frozen.set(slow, UNSENT_BYTES_MAX);
  for (let i = 0; i < 101; i++) world.upstream().event(ODD);
  assert.deepEqual(await world.heard(slow), ["<close 1008 Too slow>"]);
  assert.equal((await world.heard(quick)).length, 101);
  assert.equal(world.hub.consumerCount, 1);
});

test("with drop-oldest a slow socket stays, and gets the newest", async () => {
  const world = await BotWorld.open({ bots: [botSetting("a", { queueEntries: 10, policy: "drop-oldest" })] });
  const session = world.socket(`/private/ws/${world.key("POST", "a")}`);
  const event = (n: number) => `{"e":"INVENTED","n":${n}}`;
  world.upstream().event(event(0));
  await settled();
  world.frozen.set(session, UNSENT_BYTES_MAX);
  for (let n = 1; n <= 40; n++) {
    world.upstream().event(event(n));
    await settled();
  }
  world.frozen.delete(session);
  world.face.drained(session);
  const heard = await world.heard(session);
  assert.equal(heard[0], event(0));
  assert.equal(heard.at(-1), event(40));
  assert.ok(heard.length < 20, `${heard.length}`);
});

test("when the account goes or the hub stops, sockets are told so, and no alarm is left", async () => {
  const world = await BotWorld.open();
  const sockets = [`/private/ws/${world.key("POST", "a")}`, "/ws-fapi/v1", "/market/ws"].map((url) =>
    world.socket(url),
  );
  await world.hub.remove("demo");
  const [first] = sockets;
  assert.deepEqual(await world.heard(first ?? ""), ["<close 1001 Going away>"]);
  assert.equal(world.call("POST", "/fapi/v1/listenKey", apiKeyOf("a")).status, 503);
  world.face.close();
  for (const session of sockets.slice(1)) assert.deepEqual(await world.heard(session), ["<close 1001 Going away>"]);
  await world.hub.close();
  assert.deepEqual(world.clock.alarms, []);
});

test("a bot that comes while the hub stops is sent away like those that were there", async () => {
  const world = await BotWorld.open();
  const key = world.key("POST", "a");
  await world.hub.close();
  const sessions = [`/private/ws/${key}`, `/stream?streams=${key}`].map((url) => world.socket(url));
  await settled();
  for (const session of sessions) assert.deepEqual(await world.heard(session), ["<close 1001 Going away>"]);
  assert.equal(world.face.sessionCount, 0);
});

test("bots and tokens that are good no more lose their keys and their sockets, and no others do", async () => {
  const bots = [botSetting("stays"), botSetting("moves"), botSetting("goes"), botSetting("turns")];
  const world = await BotWorld.open({ bots, tokens: [READER, OWNER], accounts: ["demo", "other"] });
  const granted = ["stays", "moves", "goes", "turns"].map((bot) => world.key("POST", bot));
  granted.push(world.call("POST", "/fapi/v1/listenKey", READER.token).json.listenKey);
  const sockets = granted.map((key) => world.socket(`/private/ws/${key}`));
  const another = { apiKey: apiKeyOf("another") };
  world.bots.renew([botSetting("stays"), botSetting("moves", { account: "other" }), botSetting("turns", another)]);
  world.access.renew([OWNER]);
  world.face.recheck();
  world.upstream().event(ODD);
  const [stays, ...others] = await Promise.all(sockets.map((session) => world.heard(session)));
  assert.deepEqual(stays, [ODD]);
  for (const heard of others) assert.deepEqual(heard, ["<close 1001 Going away>"]);
  assert.deepEqual([world.key("PUT", "stays"), world.key("PUT", "moves")], [granted[0], -1125]);
  assert.deepEqual([world.key("POST", "goes"), world.key("POST", "turns")], [-2015, -2015]);
});

test("what bots are not, they cannot become", async () => {
  const world = await BotWorld.open();
  const wrong = [[botSetting("a", { apiKey: "short" })], [botSetting("a"), botSetting("b", { apiKey: apiKeyOf("a") })]];
  for (const settings of wrong) assert.throws(() => world.bots.renew(settings), { name: "UsageError" });
  assert.match(String(world.key("POST", "b")), /^\w{64}$/);
});
