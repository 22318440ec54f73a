/**
 * Self-trade prevention as Binance's own FAQ tells it, scenario by scenario. The order records of that page are the
 * fixtures; its numbers were copied between scenarios in places, so status, filled quantity and price are compared, and
 * where a record contradicts itself (B's makers: FILLED or expired, with nothing filled) the quantity alone.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isRefused } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { Exchange } from "../exchange/exchange.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { OrderRequest } from "./order-request.ts";

const NOW = 1_763_000_000_000 as TransactMs;

interface Told {
  readonly clientOrderId: string;
  readonly status: string;
  readonly side: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  readonly timeInForce: string;
}

interface Scenario {
  readonly rule: string;
  /** Who owns testMaker1 and testMaker2, and what the taker asks for. */
  readonly makers: readonly string[];
  readonly taker: Partial<OrderRequest>;
  /** Fixtures without what they share. */
  readonly told: readonly string[];
  /** Client order ids whose told status contradicts the quantity. */
  readonly contradictory?: readonly string[];
}

const SCENARIOS: readonly Scenario[] = [
  {
    rule: "EXPIRE_MAKER: others' orders fill, own ones expire, the taker's rest stays in the book",
    makers: ["other", "own"],
    taker: { quantity: "2", selfTradePreventionMode: "EXPIRE_MAKER" },
    told: ["A.maker1-filled", "A.maker2-expired-in-match", "A.taker-partially-filled"],
  },
  {
    rule: "EXPIRE_TAKER: the taker expires, own resting orders stay",
    makers: ["own", "own"],
    taker: { quantity: "3", selfTradePreventionMode: "EXPIRE_TAKER" },
    told: ["B.maker1", "B.maker2", "B.taker-expired-in-match"],
    contradictory: ["testMaker1", "testMaker2"],
  },
  {
    rule: "EXPIRE_BOTH: the own resting order and the taker expire",
    makers: ["own"],
    taker: { quantity: "3", selfTradePreventionMode: "EXPIRE_BOTH" },
    told: ["C.maker-expired-in-match", "C.taker-expired-in-match"],
  },
  {
    rule: "the taker's mode decides, not the maker's EXPIRE_MAKER",
    makers: ["own"],
    taker: { quantity: "3", selfTradePreventionMode: "EXPIRE_TAKER" },
    told: ["D.maker-new", "D.taker-expired-in-match"],
  },
  {
    rule: "a market order whose only counterparties were its own expires for want of others",
    makers: ["own"],
    taker: { quantity: "3", type: "MARKET", timeInForce: undefined, price: undefined },
    told: ["E.maker-expired-in-match", "E.market-taker-expired"],
  },
];

for (const { rule, makers, taker, told, contradictory = [] } of SCENARIOS) {
  test(rule, () => {
    const exchange = new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: NOW, marketMaker: "none" });
    for (const id of ["own", "other"]) exchange.createAccount({ id, balances: { USDT: "1000000" } }, NOW);
    assert(!isRefused(exchange.moveMarket("BTCUSDT", { price: "20002" }, NOW)));
    const limit = { symbol: "BTCUSDT", type: "LIMIT", timeInForce: "GTC" };
    for (const [index, owner] of makers.entries()) {
      const price = String(20_002 - index);
      const id = `testMaker${index + 1}`;
      const order = { ...limit, side: "BUY", quantity: "1", price, newClientOrderId: id };
      assert(!isRefused(exchange.placeOrder(owner, order, NOW)));
    }
    const order = { ...limit, side: "SELL", quantity: "3", price: "20000", newClientOrderId: "testTaker1", ...taker };
    assert(!isRefused(exchange.placeOrder("own", order, NOW)));
    for (const name of told) {
      const expected = JSON.parse(readFileSync(`test/fixtures/protocol/stp-faq.order.${name}.json`, "utf8")) as Told;
      const owner = makers[Number(/testMaker(\d)/.exec(expected.clientOrderId)?.[1]) - 1] ?? "own";
      const which = { symbol: "BTCUSDT", origClientOrderId: expected.clientOrderId };
      const found = exchange.order(owner, which, NOW);
      assert(!isRefused(found));
      const status = contradictory.includes(found.clientOrderId) ? "NEW" : expected.status;
      assert.deepEqual(
        [found.side, found.status, trimmed(found.origQty), trimmed(found.executedQty), found.timeInForce],
        [expected.side, status, expected.origQty, expected.executedQty, expected.timeInForce],
      );
      if (found.type === "LIMIT") assert.equal(trimmed(found.price), expected.price);
    }
    assert.equal(exchange.auditMoney().discrepancy, 0n);
  });
}
