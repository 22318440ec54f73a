import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  algoEvent,
  algoRow,
  id,
  ms,
  orderEvent,
  orderRow,
  positionEvent,
  riskRow,
  walletEvent,
  walletRow,
} from "../../test/account-news.ts";
import { EVENT_FIXTURES } from "../../test/event-fixtures.ts";
import type { AccountView } from "../account/account-view.ts";
import { Mirror } from "../account/mirror.ts";
import { copyUntold } from "../account/untold-facts.ts";
import { decodeEvent } from "../protocol/user-data-event.ts";
import { readSnapshotText, snapshotText } from "./mirror-text.ts";
import { NOWHERE } from "./standing.ts";

const TERMS = { source: "snapshot" } as const;

type News = (mirror: Mirror) => unknown;

/** Ways in which a mirror can learn something. */
const NEWS: readonly News[] = [
  ...EVENT_FIXTURES.map(
    ({ text }): News =>
      (mirror) =>
        mirror.apply(decodeEvent(text), "stream"),
  ),
  ...["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED"].flatMap((status, index): News[] => [
    (mirror) => mirror.apply(orderEvent(10 + index, status as "NEW"), "stream"),
    (mirror) => mirror.mergeOrders([orderRow(20 + index, status as "NEW")], TERMS),
    (mirror) => mirror.mergeOrders([orderRow(20 + index, status as "NEW", { orderId: id("7") })], TERMS),
  ]),
  (mirror) => mirror.apply(walletEvent(5, "USDT", "12.50"), "stream"),
  (mirror) => mirror.mergeBalances([walletRow(9, "BNB", "0.10000000")], TERMS),
  (mirror) => mirror.apply(positionEvent(5, "-0.3"), "stream"),
  (mirror) => mirror.mergePositionRisk([riskRow(8, "1", { positionSide: "LONG" })], TERMS, ""),
  (mirror) => mirror.apply(algoEvent(5, "NEW"), "stream"),
  (mirror) => mirror.mergeConditionalOrders([algoRow(7, "FINISHED")], TERMS),
  (mirror) => mirror.mergeSymbolConfig([{ symbol: "BTCUSDT", leverage: 20, marginType: "CROSSED" } as never], TERMS),
  (mirror) => mirror.mergeAccountConfig({ dualSidePosition: true, multiAssetsMargin: false } as never, TERMS),
];

const mirrors = fc.array(fc.constantFrom(...NEWS), { maxLength: 40 }).map((news) => {
  const mirror = new Mirror();
  for (const tell of news) tell(mirror);
  return mirror;
});

/** All that a view shows, as plain data. */
function shown(view: AccountView): unknown {
  return Object.entries(view).map(([name, value]) => [name, isMap(value) ? [...value] : value]);
}

function isMap(value: unknown): value is ReadonlyMap<string, unknown> {
  return typeof (value as { entries?: unknown } | undefined)?.entries === "function";
}

test("L4 a mirror's text is read back as a mirror that shows the same, fact by fact", () => {
  fc.assert(
    fc.property(mirrors, fc.nat(), (mirror, asOfSeq) => {
      const { view } = mirror;
      const lastTradeIds = mirror.lastTradeIds();
      const standing = {
        completeUpTo: ms(3),
        promisedSince: undefined,
        lastEventAt: 7,
        openGaps: [2, 5],
        lastTradeIds,
      };
      const untold = copyUntold();
      for (const kind of ["orders", "conditionals", "balances", "positions"] as const) untold[kind].set("x", undefined);
      for (const [asset, balance] of view.balances) untold.balances.set(asset, balance);
      for (const [key, position] of view.positions) untold.positions.set(key, position);
      const text = snapshotText({ account: "a", asOfSeq, view, standing, untold });
      const read = readSnapshotText(text);
      assert.deepEqual(read.untold, untold);
      assert.deepEqual(shown(read.mirror.view), shown(view));
      assert.deepEqual(read.mirror.lastTradeIds(), lastTradeIds);
      assert.deepEqual([read.account, read.asOfSeq, read.standing], ["a", asOfSeq, standing]);
      const again = { account: "a", asOfSeq, view: read.mirror.view, standing: read.standing, untold: read.untold };
      assert.equal(snapshotText(again), text);
    }),
  );
});

test("a mirror that was read back goes on like the one it was", () => {
  fc.assert(
    fc.property(mirrors, fc.array(fc.constantFrom(...NEWS), { maxLength: 20 }), (mirror, news) => {
      const { mirror: twin } = readSnapshotText(
        snapshotText({ account: "a", asOfSeq: 1, view: mirror.view, standing: NOWHERE }),
      );
      for (const tell of news) assert.deepEqual(tell(twin), tell(mirror));
      assert.deepEqual(shown(twin.view), shown(mirror.view));
    }),
  );
});

test("what is no snapshot is refused, with the place", () => {
  const { view } = new Mirror();
  const good = JSON.parse(snapshotText({ account: "a", asOfSeq: 0, view, standing: NOWHERE })) as object;
  const rows: [wrong: unknown, message: RegExp][] = [
    [[], /^\$: expected what an account holds/],
    [{ ...good, asOfSeq: -1 }, /^\$\.asOfSeq: expected a whole number, found -1/],
    [{ ...good, balances: {} }, /^\$\.balances: expected an array/],
    [
      { ...good, balances: [{ asset: "USDT", wallet: 5 }] },
      /^\$\.balances\[0\]\.wallet: expected a decimal string, found 5/,
    ],
    [{ ...good, openOrders: [null] }, /^\$\.openOrders\[0\]: expected an object/],
    [{ ...good, hedgeMode: { value: true, at: 0, source: "me" } }, /^\$\.hedgeMode\.source: expected stream, snapshot/],
    [{ ...good, openGaps: ["1"] }, /^\$\.openGaps: expected an array of whole numbers/],
    [{ ...good, completeUpTo: null }, /^\$\.completeUpTo: expected a time in milliseconds/],
    [{ ...good, lastTradeIds: { BTCUSDT: 5 } }, /^\$\.lastTradeIds: expected trade ids by symbol/],
  ];
  for (const [wrong, message] of rows) {
    assert.throws(() => readSnapshotText(JSON.stringify(wrong)), { name: "WireFormatError", message });
  }
});
