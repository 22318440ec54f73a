import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../kernel/random.ts";
import type { ListenKey, TransactMs } from "../kernel/scalars.ts";
import { LISTEN_KEY_VALID_MS } from "../protocol/limits.ts";
import { ListenKeys } from "./listen-keys.ts";

const MINUTE_MS = 60_000;
const at = (ms: number) => (1_700_000_000_000 + ms) as TransactMs;
const fresh = () => new ListenKeys(seededRandom(1));

test("a key is 64 alphanumerics, and no two are alike", () => {
  const keys = fresh();
  const granted = Array.from({ length: 200 }, (_, i) => keys.grant(`account ${i}`, at(0)));
  for (const key of granted) assert.match(key, /^[A-Za-z0-9]{64}$/);
  assert.equal(new Set(granted).size, 200);
  assert.equal(new Set(granted.join("")).size, 62);
});

test("grant on an active key returns the same key and extends it to 60 minutes from now", () => {
  const keys = fresh();
  const key = keys.grant("a", at(0));
  assert.equal(keys.grant("a", at(59 * MINUTE_MS)), key);
  assert.equal(keys.lookup(key, at(118 * MINUTE_MS)), "a");
  assert.equal(keys.nextDeadline(), at(119 * MINUTE_MS));
});

test("a key lives up to, not including, the sixtieth minute", () => {
  const keys = fresh();
  const key = keys.grant("a", at(0));
  assert.equal(keys.keyOf("a", at(LISTEN_KEY_VALID_MS - 1)), key);
  assert.deepEqual(keys.due(at(LISTEN_KEY_VALID_MS - 1)), []);
  assert.equal(keys.keyOf("a", at(LISTEN_KEY_VALID_MS)), undefined);
  assert.equal(keys.lookup(key, at(LISTEN_KEY_VALID_MS)), undefined);
  assert.equal(keys.extend("a", at(LISTEN_KEY_VALID_MS)), undefined);
  assert.equal(keys.end("a", at(LISTEN_KEY_VALID_MS)), undefined);
  assert.deepEqual(keys.due(at(LISTEN_KEY_VALID_MS)), [key]);
});

test("a new key granted before the old one's death was told takes nothing from that news", () => {
  const keys = fresh();
  const old = keys.grant("a", at(0));
  const key = keys.grant("a", at(LISTEN_KEY_VALID_MS));
  assert.notEqual(key, old);
  assert.deepEqual(keys.due(at(LISTEN_KEY_VALID_MS)), [old]);
  assert.equal(keys.lookup(old, at(LISTEN_KEY_VALID_MS)), undefined);
  assert.equal(keys.keyOf("a", at(LISTEN_KEY_VALID_MS)), key);
});

test("an ended key is gone at once, and its expiry is never told", () => {
  const keys = fresh();
  const key = keys.grant("a", at(0));
  assert.equal(keys.end("a", at(1)), key);
  assert.equal(keys.end("a", at(2)), undefined);
  assert.equal(keys.lookup(key, at(2)), undefined);
  assert.deepEqual(keys.due(at(2 * LISTEN_KEY_VALID_MS)), []);
  assert.notEqual(keys.grant("a", at(3)), key);
});

test("lookup knows nothing but keys", () => {
  const keys = fresh();
  const key = keys.grant("a", at(0));
  for (const text of ["", "a", key.toLowerCase(), `${key}a`]) assert.equal(keys.lookup(text, at(0)), undefined);
});

test("against a naive model: who holds what, the order of expiry, the next deadline", () => {
  const action = fc.constantFrom("grant", "extend", "end", "due");
  const step = fc.tuple(action, fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const keys = fresh();
      const model = new Model();
      let now = 0;
      for (const [call, account, minutes] of steps) {
        now += minutes * MINUTE_MS;
        const found = call === "due" ? keys.due(at(now)) : keys[call](account, at(now));
        assert.deepEqual(found, model[call](account, at(now), found as ListenKey));
        for (const one of ["a", "b", "c"]) assert.equal(keys.keyOf(one, at(now)), model.active(one, at(now)));
        assert.equal(keys.nextDeadline(), model.next());
      }
    }),
  );
});

/** Twenty naive lines: every lease ever made, in the order of the last renewal. A new key is believed, then held to. */
class Model {
  leases: { account: string; key: ListenKey; expiresAt: number }[] = [];

  active(account: string, now: number): ListenKey | undefined {
    return this.leases.find((lease) => lease.account === account && lease.expiresAt > now)?.key;
  }

  grant(account: string, now: number, found: ListenKey): ListenKey {
    const key = this.active(account, now) ?? found;
    this.leases = this.leases.filter((lease) => lease.key !== key);
    this.leases.push({ account, key, expiresAt: now + LISTEN_KEY_VALID_MS });
    return key;
  }

  extend(account: string, now: number, found: ListenKey): ListenKey | undefined {
    return this.active(account, now) === undefined ? undefined : this.grant(account, now, found);
  }

  end(account: string, now: number): ListenKey | undefined {
    const key = this.active(account, now);
    this.leases = this.leases.filter((lease) => lease.key !== key);
    return key;
  }

  due(_account: string, now: number): ListenKey[] {
    const dead = this.leases.filter((lease) => lease.expiresAt <= now);
    this.leases = this.leases.filter((lease) => lease.expiresAt > now);
    return dead.map((lease) => lease.key);
  }

  next(): number | undefined {
    return this.leases[0]?.expiresAt;
  }
}
