/** Each fault in virtual time: what a client of the whole venue meets, and that it is over when it is over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { hmacSigner } from "../../rest/io/signers.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const EVENTS = ["TRADE_LITE", "ORDER_TRADE_UPDATE NEW", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE FILLED"];

test("cut: sockets are destroyed without a closing frame, of one account or all, of the kind that is asked for", () => {
  const world = open();
  const [mine, theirs, api] = [world.stream(), world.streamOfOther(), world.client.socket("/ws-fapi/v1")];
  assert.equal(world.start({ type: "cut", account: "demo" }).struck, 1);
  assert.deepEqual(
    [mine, theirs, api].map((session) => world.heard(session)),
    [["<cut>"], [], []],
  );
  assert.equal(world.start({ type: "cut", sockets: "all" }).struck, 2);
  assert.deepEqual(
    [mine, theirs, api].map((session) => world.heard(session)),
    [[], ["<cut>"], ["<cut>"]],
  );
  assert.deepEqual(world.active(), []);
});

test("cut for a while: what opens meanwhile is cut at once, what opens later is not", () => {
  const world = open();
  const { id } = world.start({ type: "cut", forMs: MINUTE });
  assert.deepEqual(world.active(), [id]);
  assert.deepEqual(world.heard(world.stream()), ["<cut>"]);
  world.client.wait(MINUTE);
  assert.deepEqual(world.active(), []);
  const later = world.stream();
  world.trade();
  assert.deepEqual(world.client.eventsHeard(later), EVENTS);
});

test("half-open: the socket is frozen, nothing comes, not even the ping; at the end it is cut, others go on", () => {
  const world = open();
  const [frozen, theirs] = [world.stream(), world.streamOfOther()];
  const { id, struck } = world.start({ type: "half-open", account: "demo" });
  assert.equal(struck, 1);
  const later = world.stream();
  world.trade();
  world.client.wait(4 * MINUTE);
  assert.deepEqual(world.heard(frozen), ["<freeze>"]);
  assert.deepEqual(world.heard(theirs), ["<ping>"]);
  assert.equal(world.heard(later).length, EVENTS.length + 1);
  world.end(id);
  assert.deepEqual(world.heard(frozen), ["<cut>"]);
});

test("half-open: a socket that answers no ping is given up after 10 minutes, without a closing frame", () => {
  const world = open();
  const session = world.stream();
  world.start({ type: "half-open" });
  world.client.wait(10 * MINUTE);
  assert.deepEqual(world.heard(session), ["<freeze>", "<cut>"]);
});

test("silence: no event comes, the pings and replies do; what happened meanwhile is never told", () => {
  const world = open();
  const [mine, theirs] = [world.stream(), world.streamOfOther()];
  world.start({ type: "silence", account: "demo", forMs: 4 * MINUTE });
  world.trade();
  world.trade(world.other);
  assert.deepEqual(world.client.say(mine, { method: "LIST_SUBSCRIPTIONS", id: 1 }).length, 1);
  assert.equal(world.heard(theirs).length, EVENTS.length);
  world.client.wait(4 * MINUTE);
  assert.deepEqual(world.heard(mine), ["<ping>"]);
  world.trade();
  assert.deepEqual(world.client.eventsHeard(mine), EVENTS);
});

test("delay: everything comes late and in its order, the last of it after the fault has ended", () => {
  const world = open();
  const [mine, theirs] = [world.stream(), world.streamOfOther()];
  const { id } = world.start({ type: "delay", account: "demo", byMs: 5 * SECOND });
  world.trade();
  world.trade(world.other);
  assert.equal(world.heard(theirs).length, EVENTS.length);
  world.client.wait(SECOND);
  world.end(id);
  world.trade();
  world.client.wait(4 * SECOND - 1);
  assert.deepEqual(world.heard(mine), []);
  world.client.wait(1);
  assert.deepEqual(world.client.eventsHeard(mine), [...EVENTS, ...EVENTS]);
});

test("duplicate: events come twice on a socket, one behind the other; by dice when so asked", () => {
  const world = open();
  const session = world.stream();
  world.start({ type: "duplicate" });
  world.trade();
  const texts = world.heard(session);
  assert.deepEqual(
    texts.filter((_, i) => i % 2 === 0),
    texts.filter((_, i) => i % 2 === 1),
  );
  assert.equal(texts.length, 2 * EVENTS.length);

  const often = (percent: number) => {
    const other = open();
    const heard = other.stream();
    other.start({ type: "duplicate", percent });
    for (let i = 0; i < 50; i++) other.trade();
    return other.heard(heard).length - 200;
  };
  assert.ok(often(30) > 30 && often(30) < 90, `${often(30)} of 200`);
  assert.equal(often(30), often(30));
});

test("reorder: of two sockets either may be ahead, each keeps its order, nothing is lost, equal seeds agree", () => {
  const run = () => {
    const world = open();
    const sockets = [world.stream(), world.stream()];
    world.start({ type: "reorder", account: "demo", withinMs: 100 });
    const leads = [0, 0];
    const told: string[][] = [[], []];
    for (let i = 0; i < 20; i++) {
      world.trade();
      for (let ms = 0; ms < 200; ms++) {
        world.client.wait(1);
        for (const [at, session] of sockets.entries()) told[at]?.push(...world.heard(session));
        const [a = 0, b = 0] = told.map((texts) => texts.length);
        if (a !== b) leads[a > b ? 0 : 1] = (leads[a > b ? 0 : 1] ?? 0) + 1;
      }
    }
    assert.ok(
      leads.every((lead) => lead > 50),
      `${leads}`,
    );
    assert.deepEqual(told[0], told[1]);
    assert.equal(told[0]?.length, 20 * EVENTS.length);
    return leads;
  };
  assert.deepEqual(run(), run());
});

for (const [told, times] of [
  ["once", 1],
  ["twice", 2],
  ["never", 0],
] as const) {
  test(`expire-key told ${told}: listenKeyExpired comes ${times} times, then nothing; PUT answers -1125`, () => {
    const world = open();
    const key = world.key();
    const session = world.stream();
    assert.equal(world.start({ type: "expire-key", account: "demo", told }).struck, 1);
    world.trade();
    const expired = { e: "listenKeyExpired", E: OPENED_AT, listenKey: key };
    assert.deepEqual(
      world.heard(session).map((text) => JSON.parse(text)),
      Array(times).fill(expired),
    );
    assert.equal(world.put().json.code, -1125);
    assert.notEqual(world.key(), key);
  });
}

test("forget-key: PUT and DELETE answer -1125, the old key is silent, POST gives another", () => {
  const world = open();
  const [key, session] = [world.key(), world.stream()];
  assert.equal(world.start({ type: "forget-key" }).struck, 1);
  assert.equal(world.put().json.code, -1125);
  world.trade();
  assert.deepEqual(world.heard(session), []);
  assert.notEqual(world.key(), key);
  assert.equal(world.put().status, 200);
});

test("forget-key for a while: every PUT is answered -1125, though POST has just given a key", () => {
  const world = open();
  world.start({ type: "forget-key", account: "demo", forMs: MINUTE });
  const first = world.key();
  assert.equal(world.put().json.code, -1125);
  assert.notEqual(world.key(), first);
  assert.equal(world.put().json.code, -1125);
  world.client.wait(MINUTE);
  world.key();
  assert.equal(world.put().status, 200);
});

test("foreign-delete: the key is gone without a word; the sockets stay open, or are closed when so asked", () => {
  const world = open();
  world.key();
  const session = world.stream();
  assert.equal(world.start({ type: "foreign-delete", account: "demo" }).struck, 1);
  world.trade();
  assert.deepEqual(world.heard(session), []);
  assert.equal(world.put().json.code, -1125);
  const next = world.stream();
  world.start({ type: "foreign-delete", account: "demo", closesSockets: true });
  assert.deepEqual([world.heard(session), world.heard(next)], [[], ["<close 1001 The listenKey was closed>"]]);
});

test("change-key: PUT and POST answer another key, events come on that, and the old one is silent", () => {
  const world = open();
  const [key, old] = [world.key(), world.stream()];
  assert.equal(world.start({ type: "change-key", account: "demo" }).struck, 1);
  const changed = world.put().json.listenKey;
  assert.match(String(changed), /^[A-Za-z0-9]{64}$/);
  assert.notEqual(changed, key);
  assert.equal(world.key(), changed);
  const next = world.stream();
  world.trade();
  assert.deepEqual([world.heard(old), world.client.eventsHeard(next)], [[], EVENTS]);
});

test("rest-lag: signed reads of account, orders and fills answer as of then; events and writes do not lag", () => {
  const world = open();
  const session = world.stream();
  const reads = () => JSON.stringify([world.reads(), world.readsOverWsApi()]);
  const before = reads();
  world.start({ type: "rest-lag", account: "demo", byMs: 10 * SECOND });
  world.trade();
  const resting = world.rest();
  assert.equal(world.heard(session).length, EVENTS.length + 1);
  assert.equal(reads(), before);
  world.client.wait(10 * SECOND - 1);
  assert.equal(reads(), before);
  assert.equal(world.client.call("DELETE", "/fapi/v1/order", { symbol: "BTCUSDT", orderId: resting }).status, 200);
  world.client.wait(2 * SECOND);
  const { positions, open: orders, trades, all } = world.reads();
  assert.deepEqual(
    [positions.length, trades.length, orders.map(({ status }) => status), all.length],
    [1, 1, ["NEW"], 2],
  );
  world.client.wait(12 * SECOND);
  assert.deepEqual(world.reads().open, []);
});

test("rest-lag: what is read is what was read then, whatever happened since", () => {
  const byMs = 8 * SECOND;
  const world = open();
  world.start({ type: "rest-lag", byMs });
  const replica = open();
  const dice = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4];
  const past: [at: number, reads: string][] = [[0, shown(replica)]];
  for (const [i, die] of dice.entries()) {
    for (const one of [world, replica]) {
      one.client.wait(die * 100);
      if (die % 2 === 0) one.trade();
      else one.rest(die);
    }
    past.push([replica.client.now().monotonic, shown(replica)]);
    const now = world.client.now().monotonic;
    // The replica is shown copies a sixteenth of its lag apart: it is behind by the lag, and at most one step more.
    const allowed = past.filter(([at], k) => {
      const until = past[k + 1]?.[0] ?? Number.POSITIVE_INFINITY;
      return at <= now - byMs && until >= now - byMs - byMs / 16 - 1;
    });
    const expected = allowed.length === 0 ? [past[0]?.[1]] : allowed.map(([, reads]) => reads);
    assert.ok(expected.includes(shown(world)), `step ${i}`);
  }
});

test("rest-lag: a position that is closed by now is shown as it was, last in the queue of auto-deleveraging", () => {
  const world = open();
  world.trade();
  world.start({ type: "rest-lag", byMs: 10 * SECOND });
  const quantity = world.client.call("GET", "/fapi/v3/positionRisk").json[0]?.positionAmt;
  const close = { symbol: "BTCUSDT", side: "SELL", type: "MARKET", quantity };
  assert.equal(world.client.call("POST", "/fapi/v1/order", close).status, 200);
  const [shown] = world.client.call("GET", "/fapi/v3/positionRisk").json;
  assert.deepEqual([shown?.positionAmt, shown?.adl], [quantity, 0]);
});

test("rest-disagree: reads are answered in turn by a replica that is up to date and one that is behind", () => {
  const world = open();
  world.start({ type: "rest-disagree", account: "demo", byMs: MINUTE });
  world.trade();
  const counts = Array.from({ length: 6 }, () => world.client.call("GET", "/fapi/v3/positionRisk").json.length);
  assert.deepEqual(counts, [1, 0, 1, 0, 1, 0]);
  world.trade(world.other);
  const theirs = Array.from({ length: 2 }, () => world.callAsOther("/fapi/v3/positionRisk").json.length);
  assert.deepEqual(theirs, [1, 1]);
});

test("rest-error: the calls that are meant fail with status and code, and are not carried out", () => {
  const world = open();
  world.start({
    type: "rest-error",
    account: "demo",
    status: 503,
    code: -1001,
    path: "/fapi/v1/order",
    method: "POST",
  });
  const { status, json } = world.order();
  assert.deepEqual(
    [status, json],
    [503, { code: -1001, msg: "Internal error; unable to process your request. Please try again." }],
  );
  assert.equal(world.reads().all.length, 0);
  assert.equal(world.order(world.other).status, 200);
  const api = world.client.askSigned(world.client.socket("/ws-fapi/v1"), "order.place", ORDER);
  assert.deepEqual([api.status, (api.error as { code: number }).code], [503, -1001]);
});

test("rest-error carried out all the same: the answer says unknown, the order was filled", () => {
  const world = open();
  const session = world.stream();
  world.start({ type: "rest-error", status: 408, code: -1007, method: "POST", carriedOut: true, forMs: MINUTE });
  assert.deepEqual([world.order().status, world.order().json.code], [408, -1007]);
  assert.equal(world.client.eventsHeard(session).length, 2 * EVENTS.length);
  world.client.wait(MINUTE);
  assert.equal(world.order().status, 200);
});

test("rest-error by dice: as often as asked, and equal seeds fail equally", () => {
  const run = () => {
    const world = open();
    world.start({ type: "rest-error", percent: 40, path: "/fapi/v1/ping" });
    return Array.from({ length: 100 }, () => world.client.open("GET", "/fapi/v1/ping").status);
  };
  const failures = run().filter((status) => status === 503).length;
  assert.ok(failures > 20 && failures < 60, `${failures} of 100`);
  assert.deepEqual(run(), run());
});

test("ban: every call of the account is answered 418 with until when, and 429 when so asked", () => {
  const world = open();
  world.start({ type: "ban", account: "demo", forMs: 90 * SECOND });
  const banned = world.put();
  assert.deepEqual([banned.status, banned.json.code, banned.headers["retry-after"]], [418, -1003, "90"]);
  assert.match(String(banned.json.msg), new RegExp(`IP banned until ${OPENED_AT + 90 * SECOND}\\.`));
  assert.equal(world.order(world.other).status, 200);
  world.client.wait(90 * SECOND);
  assert.notEqual(world.put().status, 418);
  world.start({ type: "ban", status: 429 });
  const limited = world.client.open("GET", "/fapi/v1/ping");
  assert.deepEqual([limited.status, limited.json.code, limited.headers["retry-after"]], [429, -1003, "120"]);
  assert.match(String(limited.json.msg), /current limit is 2400 requests per minute/);
});

test("clock-skew: serverTime, the check of timestamps, E and T are wrong by as much, and right again later", () => {
  const world = open();
  const session = world.stream();
  world.start({ type: "clock-skew", byMs: -MINUTE, forMs: MINUTE });
  assert.equal(world.client.open("GET", "/fapi/v1/time").json.serverTime, OPENED_AT - MINUTE);
  assert.match(String(world.order().json.msg), /1000ms ahead/);
  assert.equal(world.client.call("POST", "/fapi/v1/order", { ...ORDER, timestamp: OPENED_AT - MINUTE }).status, 200);
  for (const text of world.heard(session)) {
    const { E, T, o } = JSON.parse(text) as { E: number; T: number; o?: { T: number } };
    assert.deepEqual([E, T, o?.T ?? T], Array(3).fill(OPENED_AT - MINUTE));
  }
  world.client.wait(MINUTE);
  assert.equal(world.client.open("GET", "/fapi/v1/time").json.serverTime, OPENED_AT + MINUTE);
  assert.equal(world.order().status, 200);
});

test("legacy-url-silent: the unrouted forms open and hear nothing, the routed ones hear all", () => {
  const world = open();
  const key = world.key();
  const sockets = [`/ws/${key}`, `/stream?streams=${key}`, `/private/ws/${key}`].map((url) => world.client.socket(url));
  const { id } = world.start({ type: "legacy-url-silent", account: "demo" });
  world.trade();
  assert.deepEqual(
    sockets.map((session) => world.heard(session).length),
    [0, 0, EVENTS.length],
  );
  world.end(id);
  world.trade();
  assert.deepEqual(
    sockets.map((session) => world.heard(session).length),
    Array(3).fill(EVENTS.length),
  );
});

test("shutdown: streams are told, all sockets are closed later, and none opens until it is over", () => {
  const world = open();
  const key = world.key();
  const [raw, combined] = [world.stream(), world.client.socket(`/private/stream?streams=${key}`)];
  const api = world.client.socket("/ws-fapi/v1");
  assert.equal(world.start({ type: "shutdown", noticeMs: 2 * SECOND, forMs: 10 * SECOND }).struck, 3);
  const notice = `{"e":"serverShutdown","E":${OPENED_AT}}`;
  assert.deepEqual(
    [raw, combined, api].map((session) => world.heard(session)),
    [[notice], [`{"stream":"${key}","data":${notice}}`], []],
  );
  const refused = world.client.venue.open(`/private/ws/${key}`, "10.0.0.1", world.client.now());
  assert.ok(refused.outcome === "refused" && refused.response.status === 503);
  world.client.wait(2 * SECOND);
  for (const session of [raw, combined, api]) {
    assert.deepEqual(world.heard(session), ["<close 1001 Server is shutting down>"]);
  }
  world.client.wait(8 * SECOND);
  const later = world.stream();
  world.trade();
  assert.deepEqual(world.client.eventsHeard(later), EVENTS);
});

test("a jump of venue time ends what is over by then, and lets out what was held", () => {
  const world = open();
  const session = world.stream();
  world.start({ type: "delay", byMs: MINUTE, forMs: 5 * MINUTE });
  world.start({ type: "legacy-url-silent" });
  world.trade();
  world.client.native("/v1/paper/clock/advance", { ms: 10 * MINUTE });
  assert.deepEqual(world.client.eventsHeard(session), EVENTS);
  assert.equal(world.active().length, 1);
});

const ORDER = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };

/** A venue with the account `demo` and another one, and what these tests do to it. */
function open() {
  const client = new VenueClient({ marketMaker: { volatilityBps: 0 } });
  const made = client.native("/v1/paper/accounts", { name: "other", balances: { USDT: "10000" } });
  const other = { apiKey: String(made.apiKey), signer: hmacSigner(String(made.apiSecret)) };
  const key = (caller = DEMO) =>
    String(client.open("POST", "/fapi/v1/listenKey", {}, { apiKey: caller.apiKey }).json.listenKey);
  const order = (caller = DEMO) => client.call("POST", "/fapi/v1/order", ORDER, caller);
  let api: string | undefined;
  return {
    client,
    other,
    key,
    order,
    start: (wish: object) => client.native("/v1/paper/faults", wish) as { id: string; struck?: number },
    end: (id: string) => client.send("DELETE", `/v1/paper/faults/${id}`),
    active: () => (client.send("GET", "/v1/paper/faults").json.faults as { id: string }[]).map(({ id }) => id),
    heard: (session: string) => client.heard(session),
    stream: () => client.socket(`/private/ws/${key()}`),
    streamOfOther: () => client.socket(`/private/ws/${key(other)}`),
    put: () => client.open("PUT", "/fapi/v1/listenKey", {}, { apiKey: DEMO.apiKey }),
    trade: (caller = DEMO) => assert.equal(order(caller).status, 200),
    callAsOther: (path: string) => client.call("GET", path, {}, other),
    /** Places an order that rests; returns its id. */
    rest(offset = 0) {
      const rest = { ...ORDER, type: "LIMIT", timeInForce: "GTC", price: String(80_000 + offset) };
      const { status, json, text } = client.call("POST", "/fapi/v1/order", rest);
      assert.equal(status, 200, text);
      return json.orderId;
    },
    /** What the signed reads of `demo` say, without what follows from the price of now. */
    reads() {
      const read = (path: string, parameters: object = {}) => client.call("GET", path, parameters).json;
      const symbol = "BTCUSDT";
      return {
        positions: read("/fapi/v3/positionRisk").map(({ positionAmt, entryPrice }) => [positionAmt, entryPrice]),
        balances: read("/fapi/v3/balance").map(({ balance, updateTime }) => [balance, updateTime]),
        open: read("/fapi/v1/openOrders"),
        all: read("/fapi/v1/allOrders", { symbol }),
        trades: read("/fapi/v1/userTrades", { symbol }),
        income: read("/fapi/v1/income"),
      };
    },
    readsOverWsApi() {
      api ??= client.socket("/ws-fapi/v1?returnRateLimits=false");
      const answers = client.askSigned(api, "v2/account.position").result as readonly { positionAmt: string }[];
      return answers.map(({ positionAmt }) => positionAmt);
    },
  };
}

function shown(world: ReturnType<typeof open>): string {
  return JSON.stringify(world.reads());
}
