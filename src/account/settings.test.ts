import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, ms } from "../../test/account-news.ts";
import type { EventMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import { Mirror } from "./mirror.ts";
import { leverageChanged, marginTypeChanged, multiAssetsChanged, type RepairedEvent } from "./repaired-events.ts";

const MODES = { feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: true, tradeGroupId: -1, updateTime: ms(0) };
const BTC = { symbol: "BTCUSDT", isAutoAddMargin: false, maxNotionalValue: amount("1") };
const HEAD = { e: "ACCOUNT_CONFIG_UPDATE" as const, T: ms(9), E: 9 as EventMs };

test("an answer about settings is believed against each that is old enough, and against no other", () => {
  const mirror = new Mirror();
  mirror.mergeAccountConfig({ ...MODES, dualSidePosition: false, multiAssetsMargin: false }, { source: "snapshot" });
  mirror.mergeSymbolConfig([{ ...BTC, leverage: 20, marginType: "CROSSED" }], { source: "snapshot" });
  mirror.apply({ ...HEAD, ai: { j: false } }, "stream");
  mirror.apply({ ...HEAD, ac: { s: "BTCUSDT", l: 20 } }, "stream");
  const terms = { source: "repair", undatedBefore: ms(5) } as const;
  mirror.mergeAccountConfig({ ...MODES, dualSidePosition: true, multiAssetsMargin: true }, terms);
  mirror.mergeSymbolConfig([{ ...BTC, leverage: 5, marginType: "ISOLATED" }], terms);
  const { hedgeMode, multiAssetsMode, leverage, marginType } = mirror.view;
  assert.deepEqual([hedgeMode?.value, multiAssetsMode?.value], [true, false]);
  assert.deepEqual([leverage.get("BTCUSDT")?.value, marginType.get("BTCUSDT")?.value], [20, "isolated"]);
});

test("a setting that repair tells without a date is believed, each time, and keeps the date that is known", () => {
  const mirror = new Mirror();
  mirror.apply({ ...HEAD, ac: { s: "BTCUSDT", l: 20 } }, "stream");
  const tell = (event: RepairedEvent) => mirror.apply(event as UserDataEvent, "repair");
  for (const l of [5, 6, 7]) {
    const isEven = l === 6;
    tell(leverageChanged("BTCUSDT", l));
    tell(leverageChanged("ETHUSDT", l));
    tell(multiAssetsChanged(isEven));
    tell(marginTypeChanged("BTCUSDT", isEven ? "isolated" : "cross"));
    const { leverage, multiAssetsMode, marginType } = mirror.view;
    const facts = [leverage.get("BTCUSDT"), leverage.get("ETHUSDT"), multiAssetsMode, marginType.get("BTCUSDT")];
    assert.deepEqual(
      facts.map((fact) => [fact?.value, fact?.at, fact?.source]),
      [
        [l, 9, "repair"],
        [l, 0, "repair"],
        [isEven, 0, "repair"],
        [isEven ? "isolated" : "cross", 0, "repair"],
      ],
    );
  }
});
