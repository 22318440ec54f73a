/** Error texts: the published ones, and how values get into them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { InvariantViolation } from "../kernel/errors.ts";
import { ERROR_TEXTS, type ErrorBody, type ErrorCode, errorBody, errorVariant } from "./error-codes.ts";

const FIXTURES = "test/fixtures/protocol";
const ERROR_FILES = readdirSync(FIXTURES).filter((name) => /^(rest|wsapi)\.error\./.test(name));

for (const file of ERROR_FILES) {
  test(`the table knows code and text of ${file}`, () => {
    const json = JSON.parse(readFileSync(`${FIXTURES}/${file}`, "utf8"));
    const { code, msg } = (json.error ?? json) as ErrorBody;
    const texts: readonly string[] | undefined = ERROR_TEXTS[code as ErrorCode];
    assert.ok(texts !== undefined, `${code} is known`);
    // The texts of -5021 and -5022 went on in the change log; the error page ends them sooner.
    const isOneOfThem = texts.some((text) => pattern(text).test(msg));
    assert.ok(isOneOfThem, `"${msg}" is one of ${JSON.stringify(texts)}`);
  });
}

const FILLED: readonly [found: ErrorBody, msg: string][] = [
  [errorBody(-1102), "A mandatory parameter was not sent, was empty/null, or malformed."],
  [errorBody(-1102, "price"), "Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
  [
    errorBody(-1102, "orderId", "origClientOrderId"),
    "Param 'orderId' or 'origClientOrderId' must be sent, but both were empty/null!",
  ],
  [errorBody(-1015, 300, "TEN_SECONDS"), "Too many new orders; current limit is 300 orders per TEN_SECONDS."],
  [errorVariant(-1021, 1), "Timestamp for this request was 1000ms ahead of the server's time."],
  [
    errorVariant(-1003, 1, 1780000000000),
    "Way too many requests; IP banned until 1780000000000. Please use the websocket for live updates to avoid bans.",
  ],
];

for (const [found, msg] of FILLED) {
  test(`${found.code} says "${msg}"`, () => assert.equal(found.msg, msg));
}

test("a text that does not take the values is a bug, not an answer", () => {
  assert.throws(() => errorBody(-1121, "BTCUSDT"), InvariantViolation);
  assert.throws(() => errorVariant(-1121, 7), InvariantViolation);
  assert.throws(() => errorVariant(-1003, 0), InvariantViolation);
});

test("every text ends as a line of its own: no blank at either end", () => {
  for (const code of Object.keys(ERROR_TEXTS).map(Number) as ErrorCode[]) {
    for (const text of ERROR_TEXTS[code]) assert.equal(text.trim(), text);
  }
});

function pattern(text: string): RegExp {
  return new RegExp(`^${text.split("%s").map(escaped).join(".*")}`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
