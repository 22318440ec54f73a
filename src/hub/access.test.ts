import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, KeptLog } from "../../test/fake-world.ts";
import { Access, mayRead } from "./access.ts";
import { ATTEMPTS_MAX, ATTEMPTS_WINDOW_MS } from "./attempts.ts";
import { tokenDigest } from "./io/token-digest.ts";

const READER = { token: "reader-0123456789", accounts: ["a"], may: "read" } as const;
const OWNER = { token: "owner-0123456789!", accounts: "all", may: "administer" } as const;

function access(clock = new FakeClock()): Access {
  return new Access([READER, OWNER], tokenDigest, clock);
}

const ENTRIES: readonly [authorization: string | undefined, outcome: string, accounts: unknown][] = [
  ["Bearer reader-0123456789", "granted", ["a"]],
  ["bearer   owner-0123456789! ", "granted", "all"],
  ["Bearer reader-012345678", "refused", undefined],
  ["Bearer reader-01234567899", "refused", undefined],
  ["Basic reader-0123456789", "refused", undefined],
  ["Bearer ", "refused", undefined],
  [undefined, "refused", undefined],
];

for (const [authorization, outcome, accounts] of ENTRIES) {
  test(`L9 ${authorization ?? "no token"} is ${outcome}`, () => {
    const entry = access().enter(authorization, "1.2.3.4");
    assert.deepEqual(
      [entry.outcome, entry.outcome === "granted" ? entry.scope.accounts : undefined],
      [outcome, accounts],
    );
    assert.doesNotMatch(JSON.stringify(entry), /0123456/);
  });
}

test("without tokens everybody may do everything; a scope names what may be read", () => {
  const open = new Access([], tokenDigest, new FakeClock());
  assert.equal(open.isGuarded, false);
  const entry = open.enter(undefined, "1.2.3.4");
  assert.ok(entry.outcome === "granted" && mayRead(entry.scope, "anything"));
  assert.deepEqual([mayRead(READER, "a"), mayRead(READER, "b"), mayRead(OWNER, "b")], [true, false, true]);
});

test("L9 whoever guesses too often is told to wait, for as long as the window lasts, and nobody else is", async () => {
  const clock = new FakeClock();
  const log = new KeptLog();
  const door = new Access([READER, OWNER], tokenDigest, clock, log);
  const guess = (ip: string) => {
    const entry = door.enter("Bearer guess-0123456789", ip);
    return entry.outcome === "refused" ? entry.status : 200;
  };
  for (let i = 0; i < ATTEMPTS_MAX; i++) assert.equal(guess("1.1.1.1"), 401);
  assert.deepEqual([guess("1.1.1.1"), guess("2.2.2.2"), guess("1.1.1.1")], [429, 401, 429]);
  assert.equal(log.lines.length, 1, "it is said once");
  assert.match(log.lines[0] ?? "", /^warn: too many wrong tokens.*1\.1\.1\.1/);
  assert.doesNotMatch(JSON.stringify(log.lines), /0123456789/);
  assert.equal(door.enter("Bearer reader-0123456789", "1.1.1.1").outcome, "granted");
  await clock.advance(ATTEMPTS_WINDOW_MS);
  assert.equal(guess("1.1.1.1"), 401);
});

test("a token that could be guessed is refused", () => {
  const wish = (token: string) => () => new Access([{ ...READER, token }], tokenDigest, new FakeClock());
  assert.throws(wish("short"), { message: /^token: expected a token of 16 characters or more.* found "one of 5"/ });
  assert.throws(wish("with blanks in it, long enough"), { message: /found "one with blanks, or none"/ });
});
