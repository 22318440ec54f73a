import assert from "node:assert/strict";
import { test } from "node:test";
import { after, type MonotonicMs, redact } from "./scalars.ts";

test("L9 redact shows four characters of a secret, and none of one that is too short to spare them", () => {
  assert.equal(redact("XaEAKTsQSRLZAGH9tuIu37plSRsdjmlAVBoNYPUITlTAko1WI22PgmBMpI1rS8Yh"), "XaEA…");
  assert.equal(redact("0123456789abcdef"), "0123…");
  assert.equal(redact("0123456789abcde"), "…");
  assert.equal(redact(""), "…");
});

test("after makes a deadline on the same clock", () => {
  assert.equal(after(1000 as MonotonicMs, 500), 1500);
});
