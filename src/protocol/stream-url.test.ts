import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { STREAMS_PER_SOCKET_MAX } from "./limits.ts";
import { readStreamUrl, type StreamTarget, streamUrl } from "./stream-url.ts";

const K1 = "XaEAKTsQSRLZAGH9tuIu37plSRsdjmlAVBoNYPUITlTAko1WI22PgmBMpI1rS8Yh";
const K2 = "WsCMN0a4KHUPTQuX6IUnqEZfB1inxmv1qR4kbf1LuEjur5VdbzqvyxqG9TSjVVxv";

/** Subscriptions are written as the name, and behind a colon the events let through. */
const ACCEPTED: readonly [url: string, route: string, framing: string, ...subscriptions: string[]][] = [
  [`/ws/${K1}`, "legacy", "raw", K1],
  [`/ws/${K1}/${K2}`, "legacy", "raw", K1, K2],
  ["/ws", "legacy", "raw"],
  ["/stream", "legacy", "combined"],
  [`/stream?streams=${K1}`, "legacy", "combined", K1],
  [`/stream?streams=${K1}/${K2}`, "legacy", "combined", K1, K2],
  [`/stream?streams=${K1}%2F${K2}`, "legacy", "combined", K1, K2],
  [`/private/ws/${K1}`, "private", "raw", K1],
  ["/private/ws", "private", "raw"],
  [`/private/ws?listenKey=${K1}`, "private", "raw", K1],
  [
    `/private/ws?listenKey=${K1}&events=TRADE_LITE/listenKeyExpired`,
    "private",
    "raw",
    `${K1}:TRADE_LITE,listenKeyExpired`,
  ],
  [`/private/ws?listenKey=${K1}&events=A%2FB`, "private", "raw", `${K1}:A,B`],
  [`/private/ws?listenKey=${K1}&events=`, "private", "raw", K1],
  [`/private/ws?events=A&listenKey=${K1}`, "private", "raw", K1],
  [`/private/stream?listenKey=${K1}&events=A&listenKey=${K2}&events=B`, "private", "combined", `${K1}:A`, `${K2}:B`],
  [`/private/stream?listenKey=${K1}&listenKey=${K2}&events=B`, "private", "combined", K1, `${K2}:B`],
  [`/private/stream?listenKey=${K1}&events=A&listenKey=${K1}&events=B`, "private", "combined", `${K1}:A,B`],
  [`/private/stream?listenKey=${K1}&events=A&listenKey=${K1}`, "private", "combined", K1],
  [`/private/stream?streams=${K1}`, "private", "combined", K1],
  ["/private/stream?streams=", "private", "combined"],
  ["/private/stream?", "private", "combined"],
  ["/private/stream", "private", "combined"],
  ["/private/stream?foo=1&streams=a", "private", "combined", "a"],
  ["/public/stream?streams=", "public", "combined"],
  [
    "/market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s",
    "market",
    "combined",
    "btcusdt@aggTrade",
    "btcusdt@markPrice@1s",
  ],
  ["/market/ws/%E5%B8%81usdt@aggTrade", "market", "raw", "币usdt@aggTrade"],
];

for (const [url, route, framing, ...subscriptions] of ACCEPTED) {
  test(`readStreamUrl reads ${url.replaceAll(K1, "K1").replaceAll(K2, "K2")}`, () => {
    const read = readStreamUrl(url);
    assert.equal(read.outcome, "accepted");
    if (read.outcome !== "accepted") return;
    assert.deepEqual([read.route, read.framing], [route, framing]);
    const found = read.subscriptions.map(({ name, events }) => (events ? `${name}:${[...events].join(",")}` : name));
    assert.deepEqual(found, subscriptions);
  });
}

const REFUSED: readonly [url: string, status: number, reason: RegExp][] = [
  ["", 404, /no stream path/],
  ["/", 404, /no stream path/],
  ["ws/abc", 404, /no stream path/],
  ["/private", 404, /no stream path/],
  ["/private/", 404, /no stream path/],
  ["/foo/ws/abc", 404, /no stream path/],
  ["/private/foo/ws", 404, /no stream path/],
  ["/fapi/v1/order", 404, /no stream path/],
  ["/WS/abc", 404, /no stream path/],
  ["/ws/", 400, /trailing slash/],
  ["/ws/abc/", 400, /trailing slash/],
  ["/stream/", 400, /trailing slash/],
  ["/private/ws/?listenKey=abc", 400, /trailing slash/],
  ["/private/stream/?streams=abc", 400, /trailing slash/],
  ["/stream/abc", 400, /belong into/],
  ["/ws?btcusdt@aggTrade", 400, /named in the path/],
  ["/private/ws?abc", 400, /named in the path/],
  ["/ws?streams=abc", 400, /belongs to \/stream/],
  ["/ws//abc", 400, /empty/],
  ["/stream?streams=a//b", 400, /empty/],
  ["/private/ws?listenKey=", 400, /empty/],
  [`/ws/${"a".repeat(257)}`, 400, /over 256 characters/],
  ["/ws/%", 400, /percent/],
  ["/private/ws?listenKey=%ff", 400, /percent/],
  [
    `/stream?streams=${Array.from({ length: STREAMS_PER_SOCKET_MAX + 1 }, (_, i) => `s${i}`).join("/")}`,
    400,
    /more than 1024/,
  ],
];

for (const [url, status, reason] of REFUSED) {
  test(`readStreamUrl refuses ${JSON.stringify(url.slice(0, 50))}`, () => {
    const read = readStreamUrl(url);
    assert.equal(read.outcome, "refused");
    if (read.outcome !== "refused") return;
    assert.equal(read.status, status);
    assert.match(read.reason, reason);
  });
}

test("readStreamUrl answers any text, and its reasons repeat nothing of it", () => {
  const piece = fc.constantFrom(
    "/",
    "?",
    "&",
    "=",
    "%",
    "ws",
    "stream",
    "private",
    "listenKey=",
    "events=",
    "streams=",
    "Secret",
    "é",
  );
  const url = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(url, (text) => {
      const read = readStreamUrl(text);
      if (read.outcome === "refused") assert.doesNotMatch(read.reason, /Secret/);
    }),
    { numRuns: 2000 },
  );
});

test("what streamUrl builds, readStreamUrl reads back", () => {
  const name = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("/"));
  const events = fc.uniqueArray(name, { minLength: 1 }).map((names) => new Set(names));
  const target: fc.Arbitrary<StreamTarget> = record({
    route: fc.constantFrom("private", "public", "market", "legacy"),
    framing: fc.constantFrom("raw", "combined"),
    subscriptions: fc.uniqueArray(fc.oneof(record({ name }), record({ name, events })), {
      selector: (one) => one.name,
    }),
  });
  fc.assert(
    fc.property(target, (one) => {
      assert.deepEqual(readStreamUrl(streamUrl(one)), { outcome: "accepted", ...one });
    }),
  );
});

function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

test("streamUrl builds the documented forms", () => {
  const private1 = { route: "private", subscriptions: [{ name: K1 }] } as const;
  assert.equal(streamUrl({ ...private1, framing: "raw" }), `/private/ws/${K1}`);
  assert.equal(streamUrl({ ...private1, framing: "combined" }), `/private/stream?streams=${K1}`);
  const filtered = [{ name: K1, events: new Set(["ACCOUNT_UPDATE", "MARGIN_CALL"]) }];
  assert.equal(
    streamUrl({ route: "private", framing: "raw", subscriptions: filtered }),
    `/private/ws?listenKey=${K1}&events=ACCOUNT_UPDATE/MARGIN_CALL`,
  );
  assert.equal(streamUrl({ route: "legacy", framing: "raw", subscriptions: [] }), "/ws");
});
