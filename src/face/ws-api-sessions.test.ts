/** What becomes of a session whose API key is revoked, and of API keys that cannot be. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { UsageError } from "../kernel/errors.ts";
import type { MonotonicMs, TransactMs } from "../kernel/scalars.ts";
import { encodedWsPayload, wsPayload } from "../protocol/signing.ts";
import { privateKeySigner } from "../rest/io/signers.ts";
import { ApiKeys } from "./api-keys.ts";
import { CallFace } from "./call-face.ts";
import { nodeVerifier } from "./io/verifiers.ts";
import { RateLimits } from "./rate-limits.ts";
import type { SessionEffect } from "./session-effect.ts";
import { WsApiSessions } from "./ws-api-sessions.ts";

const NOW = 1_782_864_000_000 as TransactMs;
const CLOCKS = { now: NOW, unjumped: NOW };

test("a session whose key was revoked is told at its next request, without its id, and is logged off", () => {
  const { keys, ask, signer } = logOn();
  assert.equal(
    ask({ id: 1, method: "account.status", params: { timestamp: NOW } }),
    '{"id":1,"status":200,"result":{"name":"a"}}',
  );
  keys.revoke("key");
  assert.equal(
    ask({ id: 2, method: "session.status" }),
    '{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}',
  );
  const after = JSON.parse(ask({ id: 3, method: "session.status" }));
  assert.deepEqual([after.id, after.status, after.result.apiKey], [3, 200, null]);
  assert.equal(JSON.parse(ask({ id: 4, method: "session.logon", params: signed(signer) })).error.code, -2015);
});

test("a session that is closed is answered nothing", () => {
  const { sessions, effects } = logOn();
  sessions.onClosed("s1");
  sessions.onText("s1", '{"id":1,"method":"session.status"}', CLOCKS);
  assert.equal(effects.length, 0);
  assert.equal(sessions.count, 0);
  assert.deepEqual(sessions.nextDeadline(), { venue: undefined, monotonic: undefined });
});

test("an API key that is malformed or taken is not added", () => {
  const keys = new ApiKeys();
  const credential = { keyType: "HMAC", secret: "s" } as const;
  keys.add({ apiKey: "a-B_9", account: "a", credential });
  for (const apiKey of ["", "a b", "é", "a".repeat(129), "a-B_9"]) {
    assert.throws(() => keys.add({ apiKey, account: "a", credential }), UsageError);
  }
});

/** A session of an Ed25519 key, logged on; `account.status` answers the account's name. */
function logOn() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signer = privateKeySigner(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const keys = new ApiKeys();
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  keys.add({ apiKey: "key", account: "a", credential: { keyType: "ED25519", publicKey: pem } });
  const limits = new RateLimits();
  const verifier = nodeVerifier();
  const handlers = { accountV2: ({ account }: { account: string }) => ({ name: account }) as never };
  const face = new CallFace({ limits, keys, verifier, handlers, sendsRetryAfter: true });
  const effects: SessionEffect[] = [];
  const sessions = new WsApiSessions({ face, limits, keys, verifier, emit: (effect) => void effects.push(effect) });
  sessions.open("s1", "10.0.0.1", "returnRateLimits=false", NOW, 0 as MonotonicMs);
  const ask = (request: object) => {
    sessions.onText("s1", JSON.stringify(request), CLOCKS);
    const effect = effects.shift();
    assert.ok(effect?.type === "send");
    return effect.text;
  };
  assert.equal(JSON.parse(ask({ id: 0, method: "session.logon", params: signed(signer) })).status, 200);
  return { keys, sessions, effects, ask, signer };
}

test("a signature is right over plain values, as documented, and over percent-encoded ones, as seen", () => {
  const { ask, signer } = logOn();
  const parameters = { apiKey: "key", symbol: "A:B/C", timestamp: NOW };
  const given = new Map(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  for (const payload of [wsPayload(given), encodedWsPayload(given), `${wsPayload(given)}x`]) {
    const params = { ...parameters, signature: signer.sign(payload) };
    const { status } = JSON.parse(ask({ id: 1, method: "account.status", params })) as { status: number };
    assert.equal(status, payload.endsWith("x") ? 400 : 200, payload);
  }
});

function signed(signer: ReturnType<typeof privateKeySigner>) {
  const payload = wsPayload(
    new Map([
      ["apiKey", "key"],
      ["timestamp", String(NOW)],
    ]),
  );
  return { apiKey: "key", timestamp: NOW, signature: signer.sign(payload) };
}
