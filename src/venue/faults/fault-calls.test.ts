/** The calls under `/v1/paper/faults`: what they answer, and what each refusal says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPENED_AT, VenueClient } from "../../../test/venue-client.ts";
import { FAULT_KINDS, FAULT_TYPES } from "./fault-kinds.ts";

const PATH = "/v1/paper/faults";

/** Method, path below {@link PATH} and body → status, message, and what the remedy names. */
const REFUSALS: readonly [
  method: string,
  path: string,
  body: string,
  status: number,
  message: string,
  remedy: RegExp,
][] = [
  ["POST", "", "{", 400, 'body: expected JSON, found "{"', /"type":"silence"/],
  ["POST", "", "", 400, 'body: expected JSON, found ""', /"type":"silence"/],
  ["POST", "", "[]", 400, "body: expected an object, found an array of 0", /"type":"silence"/],
  [
    "POST",
    "",
    "{}",
    400,
    "body.type: expected the name of a fault, found undefined",
    /cut, half-open, silence.*shutdown/,
  ],
  ["POST", "", '{"type":"quake"}', 400, 'body.type: expected the name of a fault, found "quake"', /cut, half-open/],
  [
    "POST",
    "",
    '{"type":"cut","account":5}',
    400,
    "body.account: expected the id of an account, found 5",
    /all accounts/,
  ],
  [
    "POST",
    "",
    '{"type":"cut","account":"nobody"}',
    400,
    'body.account: expected an account that exists, found "nobody"',
    /POST \/v1\/paper\/accounts/,
  ],
  [
    "POST",
    "",
    '{"type":"silence","forMs":0}',
    400,
    "body.forMs: expected milliseconds from 1 to 2678400000, found 0",
    /DELETE/,
  ],
  [
    "POST",
    "",
    '{"type":"change-key","forMs":5}',
    400,
    "body.forMs: expected no duration, since change-key happens at once, found 5",
    /Leave it out/,
  ],
  [
    "POST",
    "",
    '{"type":"delay","byMs":"5"}',
    400,
    'body.byMs: expected milliseconds from 1 to 600000, found "5"',
    /how late.*Left out it is 1000/,
  ],
  [
    "POST",
    "",
    '{"type":"delay","bySeconds":5}',
    400,
    'body: expected only type, account, forMs, byMs, found "bySeconds"',
    /Remove/,
  ],
  [
    "POST",
    "",
    '{"type":"expire-key","told":"often"}',
    400,
    'body.told: expected "once" or "twice" or "never", found "often"',
    /Left out it is "once"/,
  ],
  ["POST", "", '{"type":"ban","status":420}', 400, "body.status: expected 418 or 429, found 420", /over the limit/],
  [
    "POST",
    "",
    '{"type":"cut","sockets":null}',
    400,
    'body.sockets: expected "streams" or "ws-api" or "all", found null',
    /which/,
  ],
  ["PUT", "", "{}", 405, 'method: expected POST, GET or DELETE, found "PUT"', /starts a fault/],
  ["POST", "/f1", "{}", 405, 'method: expected GET or DELETE, found "POST"', /starts a fault/],
  ["GET", "/f1", "", 404, 'fault: expected one that is active, found "f1"', /GET \/v1\/paper\/faults/],
  ["DELETE", "/f1", "", 404, 'fault: expected one that is active, found "f1"', /GET \/v1\/paper\/faults/],
];

for (const [method, path, body, status, message, remedy] of REFUSALS) {
  test(`${method} ${PATH}${path} ${body} is refused: ${message}`, () => {
    const answer = new VenueClient().send(method, PATH + path, { body });
    const error = answer.json.error as { message: string; remedy: string };
    assert.deepEqual([answer.status, error.message], [status, message]);
    assert.match(error.remedy, remedy);
  });
}

for (const type of FAULT_TYPES) {
  test(`${type} starts with nothing but its name, shows every setting, and ends`, () => {
    const client = new VenueClient();
    const started = client.native(PATH, { type });
    const { lasts, settings } = FAULT_KINDS[type];
    const defaults = Object.fromEntries(Object.entries(settings).map(([name, { absent }]) => [name, absent]));
    const { struck, ...shown } = started;
    const endsAt = lasts === "while" ? null : OPENED_AT;
    assert.deepEqual(shown, { id: "f1", type, account: null, startedAt: OPENED_AT, endsAt, ...defaults });
    assert.ok(struck === undefined || struck === 0);
    const active = lasts === "while" ? [shown] : [];
    assert.deepEqual(client.send("GET", PATH).json, { faults: active });
    assert.deepEqual(client.send("DELETE", PATH).json, { ended: active });
    assert.deepEqual(client.send("GET", PATH).json, { faults: [] });
  });
}

test("a fault is listed until its time is over or it is ended, and shows to whom, since when and until when", () => {
  const client = new VenueClient();
  client.wait(5);
  const timed = client.native(PATH, { type: "silence", account: "demo", forMs: 1000 });
  assert.deepEqual(timed, {
    id: "f1",
    type: "silence",
    account: "demo",
    startedAt: OPENED_AT + 5,
    endsAt: OPENED_AT + 1005,
  });
  const open = client.native(PATH, { type: "delay", byMs: 7 });
  assert.deepEqual(client.send("GET", PATH).json, { faults: [timed, open] });
  assert.deepEqual(client.send("GET", `${PATH}/f2`).json, open);
  client.wait(1000);
  assert.deepEqual(client.send("GET", PATH).json, { faults: [open] });
  assert.deepEqual(client.send("DELETE", `${PATH}/f2`).json, open);
  assert.equal(client.send("DELETE", `${PATH}/f2`).status, 404);
  assert.deepEqual(client.venue.nextDeadline(client.now())?.why.includes("fault"), false);
});

test("L12 a hundred faults may be active at a time; one more is refused and changes nothing", () => {
  const client = new VenueClient();
  for (let i = 0; i < 100; i++) client.native(PATH, { type: "silence" });
  const refused = client.send("POST", PATH, { body: '{"type":"silence"}' });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /faults: expected at most 100 at a time, found 100.*DELETE \/v1\/paper\/faults ends all/);
  assert.equal(client.native(PATH, { type: "cut" }).struck, 0);
  assert.equal((client.send("DELETE", PATH).json.ended as unknown as unknown[]).length, 100);
});
