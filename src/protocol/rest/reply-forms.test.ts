/** Bare decimals: what is read and written is the very text that came. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WireFormatError } from "../../kernel/errors.ts";
import { type Codec, Place } from "../codec.ts";
import { parseJson, parseJsonNumbersAsText } from "../json.ts";
import { LeverageBrackets } from "./account-settings.ts";
import { bareDecimal, bareInteger } from "./reply-forms.ts";

const nowhere = new Place("$", "reply", undefined);

test("L4 a bare decimal keeps every digit and its spelling, however long or small", () => {
  const spellings = ["0", "0.0", "0.10", "-0.5", "1.5", "100000000000000.123456", "0.0000001", "9007199254740993"];
  for (const spelling of spellings) {
    assert.equal(bareDecimal.read(parseJsonNumbersAsText(spelling), nowhere), spelling);
    assert.equal(bareDecimal.write(bareDecimal.read(spelling, nowhere)), spelling);
  }
});

test("a bare number that was parsed already, or has no decimal spelling, is refused", () => {
  const rows: readonly [Codec<never> | Codec<unknown>, unknown, string][] = [
    [bareDecimal, 0.1, "the text of a number, found 0.1"],
    [bareDecimal, 7, "the text of a number, found 7"],
    [bareDecimal, "1e-7", 'the text of a number, found "1e-7"'],
    [bareDecimal, "007", 'the text of a number, found "007"'],
    [bareDecimal, "", 'the text of a number, found ""'],
    [bareDecimal, null, "the text of a number, found null"],
    [bareInteger, 7, "the text of an integer, found 7"],
    [bareInteger, "1.0", 'the text of an integer, found "1.0"'],
    [bareInteger, "9007199254740993", 'the text of an integer, found "9007199254740993"'],
  ];
  for (const [codec, value, says] of rows) {
    const isTold = (error: unknown) => error instanceof WireFormatError && error.message === `$: expected ${says}`;
    assert.throws(() => codec.read(value, nowhere), isTold, says);
  }
});

test("L4 the brackets of a symbol are written as they were read, digit for digit", () => {
  const cap = "100000000000000.123456";
  const bracket = `{"bracket":1,"initialLeverage":75,"notionalCap":${cap},"notionalFloor":0.0000001,`;
  const answer = `[{"symbol":"A","notionalCoef":1.50,"brackets":[${bracket}"maintMarginRatio":0.10,"cum":0.0}]}]`;
  const read = LeverageBrackets.read(parseJsonNumbersAsText(answer), nowhere);
  assert.ok(Array.isArray(read));
  assert.deepEqual(read[0]?.brackets[0], {
    bracket: 1,
    initialLeverage: 75,
    notionalCap: cap,
    notionalFloor: "0.0000001",
    maintMarginRatio: "0.10",
    cum: "0.0",
  });
  assert.equal(LeverageBrackets.write(read), answer);
  assert.throws(() => LeverageBrackets.read(parseJson(answer), nowhere), WireFormatError);
});
