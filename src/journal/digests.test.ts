import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, referenceDigest } from "../../test/journal-fixtures.ts";
import type { WallMs } from "../kernel/scalars.ts";
import { digestText, FIRST_DIGEST, snapshotDigestText } from "./digests.ts";
import { sha256 } from "./io/sha256.ts";

test("the form of what is digested is frozen: journals of all versions are proved by it", () => {
  const text = digestText(FIRST_DIGEST, entryOf("demo", 1));
  const event = '{"e":"ORDER_TRADE_UPDATE","E":1782864000091,"T":1782864000090,"o":{"s":"ETHUSDT","i":8886774000001}}';
  assert.equal(
    text,
    `${"0".repeat(64)}\n` +
      '["demo",1,1782864000100,"event","stream","ORDER_TRADE_UPDATE","ETHUSDT",1782864000091,1782864000090]\n' +
      `{"seq":1,"account":"demo","kind":"event","origin":"stream","at":1782864000100,"event":${event}}`,
  );
  const snapshot = { account: "demo", asOfSeq: 7, at: 9 as WallMs, text: "{}" };
  assert.equal(snapshotDigestText("ab", snapshot), 'ab\n["snapshot","demo",7,9]\n{}');
});

test("digests are SHA-256 over UTF-8", () => {
  for (const text of ["", "a", "é“漢🙂", digestText(FIRST_DIGEST, entryOf("ä", 7))]) {
    assert.equal(sha256(text), referenceDigest(text));
  }
  assert.equal(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
