import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvariantViolation,
  assert as invariant,
  ListenkeyError,
  NetworkError,
  RateLimited,
  StorageError,
  show,
  UsageError,
  unreachable,
  VenueRejected,
  WireFormatError,
} from "./errors.ts";

const KEY = "XaEAKTsQSRLZAGH9tuIu37plSRsdjmlAVBoNYPUITlTAko1WI22PgmBMpI1rS8Yh";

/** Everything an error says, as one row. */
const facts = (error: ListenkeyError): unknown[] => {
  return [error.name, error.code, error.origin, error.retryable, error.message, error.remedy];
};

test("every error says whose fault it is, whether to try again, and one whole sentence", () => {
  const table: readonly [ListenkeyError, unknown[]][] = [
    [
      new WireFormatError("$.o.i", "an integer id", "abc"),
      [
        "WireFormatError",
        "WIRE_FORMAT",
        "venue",
        false,
        '$.o.i: expected an integer id, found "abc"',
        "Keep the raw frame. If Binance changed the field, the table of that message needs the new shape.",
      ],
    ],
    [
      new VenueRejected("PUT listenKey", { status: 400, code: -1125, msg: "This listenKey does not exist." }),
      [
        "VenueRejected",
        "VENUE_REJECTED",
        "venue",
        false,
        "PUT listenKey was refused: This listenKey does not exist. (-1125)",
        undefined,
      ],
    ],
    [
      new RateLimited("POST order", { status: 429, waitMs: 1000, msg: "Too many requests." }),
      [
        "RateLimited",
        "RATE_LIMITED",
        "venue",
        true,
        "POST order was refused: Too many requests. (HTTP 429)",
        undefined,
      ],
    ],
    [
      new NetworkError("POST order", "the socket was closed", "unknown", new Error("ECONNRESET")),
      ["NetworkError", "NETWORK", "network", true, "POST order failed: the socket was closed", undefined],
    ],
    [
      new UsageError("port", "0 to 65535", 70_000, "Choose another port."),
      ["UsageError", "USAGE", "caller", false, "port: expected 0 to 65535, found 70000", "Choose another port."],
    ],
    [
      new InvariantViolation("seq has no holes"),
      ["InvariantViolation", "INVARIANT", "bug", false, "invariant broken: seq has no holes", undefined],
    ],
  ];
  for (const [error, wanted] of table) {
    assert.deepEqual(facts(error), wanted);
    assert.equal(error instanceof ListenkeyError && error instanceof Error, true);
  }
});

test("an error of the disk says so, and only a busy file is worth another try", () => {
  for (const [error, said] of [
    [
      new StorageError("data/venue.db", "the disk is full", "failed"),
      ["StorageError", "STORAGE", "disk", false, "storing in data/venue.db failed: the disk is full", undefined],
    ],
    [
      new StorageError("data/venue.db", "it is locked", "busy", undefined, "Wait."),
      ["StorageError", "STORAGE", "disk", true, "storing in data/venue.db failed: it is locked", "Wait."],
    ],
  ] as const) {
    assert.deepEqual(facts(error), said);
  }
});

test("errors carry what a caller decides by", () => {
  assert.equal(new WireFormatError("$.a.P[0].pa", "a decimal string", 1).path, "$.a.P[0].pa");
  const limited = new RateLimited("GET order", { status: 418, waitMs: 60_000, msg: "Banned." });
  assert.deepEqual([limited.status, limited.waitMs], [418, 60_000]);
  const cause = new Error("ECONNREFUSED");
  const unsent = new NetworkError("GET order", "nobody answered", "not-sent", cause);
  assert.deepEqual([unsent.outcome, unsent.cause], ["not-sent", cause]);
  assert.equal("cause" in new UsageError("a", "b", "c"), false);
});

test("VenueRejected is worth another try when the trouble is the exchange's own", () => {
  const table: readonly [status: number, code: number, retryable: boolean][] = [
    [400, -1000, true],
    [400, -1001, true],
    [400, -1007, true],
    [503, -1008, true],
    [500, -9999, true],
    [400, -1125, false],
    [400, -2019, false],
  ];
  for (const [status, code, retryable] of table) {
    const error = new VenueRejected("POST order", { status, code, msg: "" });
    assert.deepEqual([error.retryable, error.venueCode, error.status], [retryable, code, status]);
    assert.equal(error.isUnknownListenKey, code === -1125);
  }
});

test("assert and unreachable stop with an InvariantViolation that names the rule", () => {
  invariant(true, "never shown");
  assert.throws(
    () => invariant(false, "one key per account"),
    /^InvariantViolation: invariant broken: one key per account$/,
  );
  assert.throws(
    () => unreachable("sideways" as never),
    /^InvariantViolation: invariant broken: unreachable: "sideways"$/,
  );
});

test("show tells what a value is, shortly, and never throws", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const table: readonly [unknown, string][] = [
    ["0.1", '"0.1"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["\ud800", '"\\ud800"'],
    [1.5, "1.5"],
    [-0, "0"],
    [Number.NaN, "NaN"],
    [12n, "12"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [[], "an array of 0"],
    [[1, 2], "an array of 2"],
    [{}, "an object with no keys"],
    [{ a: 1, b: 2 }, "an object with a, b"],
    [Object.fromEntries([..."abcdefghij"].map((key) => [key, 1])), "an object with a, b, c, d, e, f, g, h"],
    [cyclic, "an object with self"],
    [Object.create(null), "an object with no keys"],
    ["-".repeat(78), `"${"-".repeat(78)}"`],
    ["-".repeat(79), `"${"-".repeat(79)}…`],
    ["-".repeat(1_000_000), `"${"-".repeat(79)}…`],
    ["\n".repeat(100), `"${"\\n".repeat(39)}\\…`],
  ];
  for (const [value, text] of table) assert.equal(show(value), text);
});

test("L9 show never shows a whole listenKey, wherever it stands in the value", () => {
  assert.equal(show(KEY), '"XaEA…"');
  assert.equal(show(`{"stream":"${KEY}","data":{`), '"{\\"stream\\":\\"XaEA…\\",\\"data\\":{"');
  assert.equal(show({ [KEY]: 1 }), "an object with XaEA…");
  for (let before = 0; before < 400; before++) {
    const shown = show(`${KEY} ${KEY} ${"-".repeat(before)}${KEY}${KEY}`);
    assert.equal(
      shown.replaceAll("XaEA…", "").includes(KEY.slice(0, 5)),
      false,
      `after ${before} characters: ${shown}`,
    );
  }
});
