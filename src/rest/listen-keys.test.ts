import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EPOCH_MS,
  FakeClock,
  FakeDialer,
  FakeHttp,
  FakeKeys,
  type FakeSocket,
  settled,
} from "../../test/fake-world.ts";
import { type ListenkeyError, NetworkError, RateLimited, VenueRejected, WireFormatError } from "../kernel/errors.ts";
import type { HttpResponse } from "../kernel/ports.ts";
import type { ListenKey } from "../kernel/scalars.ts";
import type { ListenKeyService } from "../protocol/listen-key-service.ts";
import { eitherListenKeys, restListenKeys, wsApiListenKeys } from "./listen-keys.ts";
import { RestClient } from "./rest-client.ts";
import { WeightBudget } from "./weight-budget.ts";

const API_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
const KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1" as ListenKey;
const NO_KEY = `{"code":-1125,"msg":"This listenKey does not exist."}`;

test("over REST: three unsigned calls with the API key, without parameters", async () => {
  const { keys, http } = overRest(() => ({ body: `{"listenKey":"${KEY}"}` }));
  assert.equal(await keys.acquire(), KEY);
  assert.equal(await keys.renew(KEY), KEY);
  assert.equal(await keys.release(KEY), undefined);
  const call = { url: "https://fake/fapi/v1/listenKey", headers: { "X-MBX-APIKEY": API_KEY } };
  assert.deepEqual(
    http.requests,
    ["POST", "PUT", "DELETE"].map((method) => ({ method, ...call })),
  );
});

test("a renewal that names no key, as before 2024, is a renewal", async () => {
  for (const body of ["{}", "null", "[]", `{"listenKey":""}`, `{"listenKey":7}`]) {
    assert.equal(await overRest(() => ({ body })).keys.renew(KEY), undefined, body);
  }
});

test("a grant without a key is an error that shows nothing of the answer", async () => {
  for (const body of ["{}", "null", `{"listenKey":""}`, `{"listenkey":"${KEY}"}`]) {
    await assert.rejects(overRest(() => ({ body })).keys.acquire(), {
      name: "WireFormatError",
      message: "$.listenKey: expected a listenKey in the answer to POST /fapi/v1/listenKey, found undefined",
    });
  }
});

test("L9 not even an answer that was cut off in the middle shows the key", async () => {
  for (const body of [`{"listenKey":"${KEY}`, `"${KEY}"x`, `<p>${KEY}</p>`]) {
    await assert.rejects(overRest(() => ({ body })).keys.acquire(), (error: Error) => {
      assert(error instanceof WireFormatError);
      assert(!error.message.includes(KEY.slice(0, 20)), error.message);
      return true;
    });
  }
});

test("over the WS API: one connection a call, closed in any case, with the API key and nothing else", async () => {
  const asked: string[] = [];
  const { keys, dialer, clock } = overWsApi((socket) => {
    socket.open();
    asked.push(...socket.sent);
    socket.say(`{"id":1,"status":200,"result":{"listenKey":"${KEY}"},"rateLimits":[]}`);
  });
  assert.equal(await keys.acquire(), KEY);
  assert.equal(await keys.renew(KEY), KEY);
  assert.equal(await keys.release(KEY), undefined);
  await settled();
  assert.deepEqual(
    asked.map((frame) => JSON.parse(frame)),
    ["start", "ping", "stop"].map((what) => ({ id: 1, method: `userDataStream.${what}`, params: { apiKey: API_KEY } })),
  );
  assert.deepEqual(
    dialer.sockets.map(({ url }) => url),
    Array(3).fill("wss://fake/ws-fapi/v1"),
  );
  assert.deepEqual([dialer.aliveCount, clock.alarms.length], [0, 0]);
});

/** The reply frame, and the error that comes of it. */
const REPLIES: readonly (readonly [frame: string, kind: string, text: string])[] = [
  [
    `{"id":1,"status":400,"error":${NO_KEY}}`,
    "VenueRejected",
    "userDataStream.ping was refused: This listenKey does not exist. (-1125)",
  ],
  [
    `{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}`,
    "VenueRejected",
    "userDataStream.ping was refused: Invalid API-key, IP, or permissions for action. (-2015)",
  ],
  [
    `{"id":1,"status":429,"error":{"code":-1003,"msg":"Too many requests."}}`,
    "RateLimited",
    "userDataStream.ping was refused: Too many requests. (HTTP 429)",
  ],
  [
    `{"id":1,"status":418,"error":{"code":-1003,"msg":"IP banned until ${EPOCH_MS + 77_000}."}}`,
    "RateLimited",
    `userDataStream.ping was refused: IP banned until ${EPOCH_MS + 77_000}. (HTTP 418)`,
  ],
  [
    `{"id":1,"status":500}`,
    "WireFormatError",
    `$: expected a reply with status and result or error, found "{\\"id\\":1,\\"status\\":500}"`,
  ],
  ["null", "WireFormatError", `$: expected a reply with status and result or error, found "null"`],
  ["7", "WireFormatError", `$: expected a reply with status and result or error, found "7"`],
  [
    `{"id":1,"status":"200","result":{}}`,
    "WireFormatError",
    `$: expected a reply with status and result or error, found "{\\"id\\":1,\\"status\\":\\"200\\",\\"result\\":{}}"`,
  ],
  ["<html>", "WireFormatError", `$: expected JSON, found "<html>"`],
];

for (const [frame, name, message] of REPLIES) {
  test(`the reply ${frame.slice(0, 60)} is a ${name}, and the connection is closed`, async () => {
    const { keys, dialer, clock } = overWsApi((socket) => socket.open().say(frame));
    await assert.rejects(keys.renew(KEY), { name, message });
    await settled();
    assert.deepEqual([dialer.aliveCount, clock.alarms.length], [0, 0]);
  });
}

test("L9 a strange reply with a key in it does not show the key", async () => {
  const { keys } = overWsApi((socket) => socket.open().say(`{"id":1,"result":{"listenKey":"${KEY}"}}`));
  await assert.rejects(
    keys.acquire(),
    (error: Error) => error instanceof WireFormatError && !error.message.includes(KEY),
  );
});

test("a notice of the server is no answer: the reply is the frame that carries the request's id", async () => {
  const { keys } = overWsApi((socket) => {
    socket.open().say(`{"event":{"e":"serverShutdown","E":1}}`);
    socket.say(`{"id":2,"status":200,"result":{"listenKey":"of another"}}`);
    socket.say(`{"id":1,"status":200,"result":{"listenKey":"${KEY}"}}`);
  });
  assert.equal(await keys.acquire(), KEY);
});

test("a connection that cannot be made was not asked; one that breaks off after that may have been", async () => {
  const refused = overWsApi((socket) => socket.cut(1006, "connect ECONNREFUSED 127.0.0.1:1"));
  await assert.rejects(refused.keys.acquire(), {
    name: "NetworkError",
    message: "userDataStream.start failed: the connection closed with 1006 connect ECONNREFUSED 127.0.0.1:1",
    outcome: "not-sent",
  });
  const broken = overWsApi((socket) => socket.open().cut(1001));
  await assert.rejects(broken.keys.acquire(), {
    name: "NetworkError",
    message: "userDataStream.start failed: the connection closed with 1001",
    outcome: "unknown",
  });
  assert.deepEqual([refused.clock.alarms.length, broken.clock.alarms.length], [0, 0]);
});

test("a reply that is overdue after 10 s is given up, and the connection is closed", async () => {
  for (const isOpened of [false, true]) {
    const { keys, dialer, clock } = overWsApi((socket) => void (isOpened && socket.open()));
    const asking = keys.renew(KEY);
    asking.catch(() => {});
    await clock.advance(9_999);
    assert.equal(dialer.aliveCount, 1);
    await clock.advance(1);
    await assert.rejects(asking, {
      name: "NetworkError",
      message: "userDataStream.ping failed: no reply in 10 s",
      outcome: isOpened ? "unknown" : "not-sent",
    });
    assert.deepEqual([dialer.aliveCount, clock.alarms.length], [0, 0]);
    dialer.last.say(`{"id":1,"status":200,"result":{}}`);
  }
});

test("L6 the WS API draws on the budget of the address: 6 a call, and none during a ban", async () => {
  const { keys, dialer, budget, clock } = overWsApi((socket) =>
    socket.open().say(`{"id":1,"status":418,"error":{"code":-1003,"msg":"IP banned until ${EPOCH_MS + 5000}."}}`),
  );
  await assert.rejects(keys.acquire(), { name: "RateLimited", waitMs: 5000 });
  assert.deepEqual(budget.state(clock.now()), { used: 6, limit: 2400, blockedForMs: 5000 });
  await assert.rejects(keys.acquire(), {
    name: "RateLimited",
    message: "userDataStream.start was refused: this address is over its weight or banned; not sent (HTTP 429)",
    waitMs: 5000,
  });
  assert.equal(dialer.sockets.length, 1);
});

/** What the first service says, and whether the second one is asked. */
const TROUBLES: readonly (readonly [what: string, trouble: Error, isSecondAsked: boolean])[] = [
  ["no route", new NetworkError("POST", "connect ECONNREFUSED", "not-sent"), true],
  ["no answer", new NetworkError("POST", "no answer in 10 s", "unknown"), true],
  ["HTTP 503", rejected(503, -1008), true],
  ["HTTP 500", rejected(500, 0), true],
  ["-1125", rejected(400, -1125), false],
  ["a wrong API key", rejected(401, -2015), false],
  ["a firewall's 403", rejected(403, 0), true],
  ["HTTP 408 -1007", rejected(408, -1007), true],
  ["429", new RateLimited("POST", { status: 429, waitMs: 1, msg: "slow" }), false],
  ["a ban", new RateLimited("POST", { status: 418, waitMs: 1, msg: "banned" }), false],
  ["an answer that is none", new WireFormatError("$", "JSON", "<html>"), true],
];

for (const [what, trouble, isSecondAsked] of TROUBLES) {
  test(`after ${what} the other way is ${isSecondAsked ? "tried" : "not tried: a refusal is an answer"}`, async () => {
    const second = new FakeKeys(KEY);
    const keys = eitherListenKeys(failing(trouble), second);
    for (const [call, found] of [
      ["acquire", KEY],
      ["renew", KEY],
      ["release", undefined],
    ] as const) {
      if (isSecondAsked) assert.equal(await keys[call](KEY), found);
      else await assert.rejects(keys[call](KEY), trouble);
    }
    assert.deepEqual(second.asked, isSecondAsked ? ["acquire", "renew", "release"] : []);
  });
}

test("while the first answers, the second is left alone; when both fail, the second's error is told", async () => {
  const second = new FakeKeys(KEY);
  await eitherListenKeys(new FakeKeys(KEY), second).acquire();
  assert.deepEqual(second.asked, []);
  const last = rejected(400, -1125);
  await assert.rejects(eitherListenKeys(failing(rejected(503, 0)), failing(last)).renew(KEY), last);
});

test("L9 no error of the WS API holds the API key", async () => {
  const frames = [`{"id":1,"status":400,"error":${NO_KEY}}`, API_KEY, `{"id":1,"was":"${API_KEY}"}`];
  for (const frame of frames) {
    const { keys } = overWsApi((socket) => socket.open().say(frame));
    await assert.rejects(keys.renew(KEY), (error: ListenkeyError) => !`${error.stack}`.includes(API_KEY));
  }
});

function rejected(status: number, code: number): VenueRejected {
  return new VenueRejected("POST /fapi/v1/listenKey", { status, code, msg: "refused" });
}

function failing(trouble: Error): ListenKeyService {
  const fail = () => Promise.reject(trouble);
  return { acquire: fail, renew: fail, release: fail };
}

function overRest(answer: () => Partial<HttpResponse>) {
  const http = new FakeHttp(answer);
  const deps = { http, clock: new FakeClock(), budget: new WeightBudget(), baseUrl: "https://fake", apiKey: API_KEY };
  return { keys: restListenKeys(new RestClient(deps)), http };
}

function overWsApi(onDial: (socket: FakeSocket) => void) {
  const clock = new FakeClock();
  const dialer = new FakeDialer(onDial);
  const budget = new WeightBudget();
  const keys = wsApiListenKeys({ dialer, clock, budget, url: "wss://fake/ws-fapi/v1", apiKey: API_KEY });
  return { keys, dialer, clock, budget };
}
