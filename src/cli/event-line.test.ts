import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { EventMs, WallMs } from "../kernel/scalars.ts";
import { decodeEvent } from "../protocol/user-data-event.ts";
import { eventLine } from "./event-line.ts";

const BASE = { seq: 7, account: "demo", at: Date.UTC(2026, 0, 5, 12, 3, 11, 251) as WallMs } as const;

test("each documented event is one line that says what matters of it", () => {
  const lines = readdirSync("test/fixtures/protocol")
    .filter((name) => /^event\.(?!combined)/.test(name))
    .sort()
    .map((name) => {
      const raw = readFileSync(`test/fixtures/protocol/${name}`, "utf8");
      return eventLine({ ...BASE, kind: "event", origin: "stream", event: decodeEvent(raw), raw });
    });
  assert.deepEqual(
    lines.map((line) => line.replace("12:03:11.251 #7 ", "")),
    [
      "CONFIG   BTCUSDT leverage 25",
      "CONFIG   multi-assets mode on",
      "ACCOUNT  DEPOSIT: BNB 0.02575839",
      "ACCOUNT  ORDER: USDT 122624.12345678 · BUSD 1.00000000 · BTCUSDT flat · BTCUSDT LONG 20 from 6563.66500 · " +
        "BTCUSDT SHORT -10 from 6563.86000",
      "ACCOUNT  ADMIN_DEPOSIT: USDT 685.31478079",
      "ALGO     BNBUSDT SELL 0.01 TAKE_PROFIT trigger 750 CANCELED: Reduce Only reject",
      "REJECT   ETHUSDT order 155618472834: Due to the order could not be filled immediately, the FOK order has been " +
        "rejected. The order will not be recorded in the order history",
      "GRID     176057039 BTCUSDT WORKING realised -0.00300716",
      "MARGIN   ETHUSDT LONG 1.327 at mark 187.17127 needs 1.614445",
      "ORDER    BTCUSDT SELL 0.001 TRAILING_STOP_MARKET NEW (order 8886774)",
      "ORDER    BTCUSDT SELL 0.001 TRAILING_STOP_MARKET EXPIRED_IN_MATCH: none",
      "STRATEGY GRID 176054594 BTCUSDT NEW",
      "FILL     BTCUSDT BUY 0.040 at 64089.20 (trade 109100866)",
      "KEY      the listenKey expired",
    ],
  );
});

test("a fill names its share, its fee and its profit; an unknown event its name; a gap its time and cause", () => {
  const order =
    '{"e":"ORDER_TRADE_UPDATE","T":1,"E":2,"o":{"s":"ETHUSDT","c":"x","S":"SELL","o":"LIMIT","f":"GTC",' +
    '"q":"0.5","p":"2000","ap":"2000.5","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","i":8389766145050669870,' +
    '"l":"0.1","z":"0.3","L":"2000.5","n":"0.04001","N":"USDT","T":1,"t":5,"m":true,"R":false,"wt":"CONTRACT_PRICE",' +
    '"ot":"LIMIT","ps":"BOTH","rp":"-0.25"}}';
  const shown = (raw: string) =>
    eventLine({ ...BASE, kind: "event", origin: "stream", event: decodeEvent(raw), raw }).replace(
      "12:03:11.251 #7 ",
      "",
    );
  assert.equal(
    shown(order),
    "ORDER    ETHUSDT SELL 0.5 LIMIT at 2000 PARTIALLY_FILLED: 0.1 at 2000.5 as maker, 0.3 of 0.5 done, " +
      "fee 0.04001 USDT, realised -0.25",
  );
  assert.equal(shown('{"e":"NEWS","E":3}'), "NEWS (new to this version; passed through)");
  const from = (BASE.at - 1000) as number as EventMs;
  assert.equal(
    eventLine({ ...BASE, kind: "gap", from, why: "closed 1006" }),
    "12:03:11.251 #7 GAP      events after 12:03:10.251 may be missing: the socket was cut (1006)",
  );
  const tomorrow = (BASE.at + 86_400_000) as number as EventMs;
  assert.match(
    eventLine({ ...BASE, kind: "gap", from: tomorrow, why: "silent" }),
    /events after \d{4}-\d\d-\d\d 12:03:11\.251 may be missing/,
  );
  assert.equal(
    eventLine({ ...BASE, kind: "gap", from: undefined, why: "silent" }),
    "12:03:11.251 #7 GAP      events after the beginning may be missing: the socket fell silent",
  );
  assert.equal(eventLine({ ...BASE, kind: "status", status: "live" }), "12:03:11.251 #7 LIVE     events arrive");
});
