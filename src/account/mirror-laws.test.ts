/**
 * The laws of the mirror, for random histories told in random ways: late, twice, out of order, by events and answers.
 * Each fact has a history of states with different dates; the oracle is a reference model of a few naive lines.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  algoEvent,
  algoRow,
  amount,
  id,
  orderEvent,
  orderRow,
  positionEvent,
  riskRow,
  walletEvent,
  walletRow,
} from "../../test/account-news.ts";
import { fixed, trimmed } from "../kernel/decimal.ts";
import { compareAmounts } from "../kernel/digits.ts";
import type { EventMs, TransactMs } from "../kernel/scalars.ts";
import type { Outcome } from "./account-change.ts";
import { Mirror } from "./mirror.ts";

/** One state of one fact, and how it can be told. */
interface State {
  readonly fact: string;
  readonly at: number;
  readonly says: string;
  byEvent(mirror: Mirror): Outcome;
  /** The REST row that says the same; leverage has none with a date. */
  byAnswer(mirror: Mirror): Outcome;
}

const TERMS = { source: "snapshot" } as const;

function wallet(asset: string, at: number, n: number): State {
  return {
    fact: `balance ${asset}`,
    at,
    says: `${n}.5`,
    byEvent: (mirror) => mirror.apply(walletEvent(at, asset, `${n}.5`), "stream"),
    byAnswer: (mirror) => mirror.mergeBalances([walletRow(at, asset, `${n}.50000000`)], TERMS),
  };
}

function position(side: "LONG" | "SHORT", at: number, n: number): State {
  const held = String(side === "LONG" ? n : -n);
  return {
    fact: `position BTCUSDT/${side}`,
    at,
    says: held,
    byEvent: (mirror) => mirror.apply(positionEvent(at, held, { ps: side }), "stream"),
    // Of one symbol: what it does not list would be a finding, and that is no matter here.
    byAnswer: (mirror) => mirror.mergePositionRisk([riskRow(at, held, { positionSide: side })], TERMS),
  };
}

function order(orderId: string, at: number, step: number, end: "FILLED" | "CANCELED"): State {
  const status = step === 0 ? "NEW" : step === 3 ? end : "PARTIALLY_FILLED";
  const z = status === "FILLED" ? "10" : String(step);
  const fill = step > 0 && status !== "CANCELED" ? { t: id(`10${step}`) } : {};
  return {
    fact: `order BTCUSDT/${orderId}`,
    at,
    says: `${status} ${z}`,
    byEvent: (mirror) => mirror.apply(orderEvent(at, status, { i: id(orderId), z: amount(z), ...fill }), "stream"),
    byAnswer: (mirror) => {
      return mirror.mergeOrders(
        [orderRow(at, status, { orderId: id(orderId), executedQty: amount(`${z}.000`) })],
        TERMS,
      );
    },
  };
}

function conditional(at: number, step: number): State {
  const status = (["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"] as const)[step] ?? "FINISHED";
  const ai = step > 1 ? id("77") : ("" as const);
  return {
    fact: "conditional-order 3000",
    at,
    says: status,
    byEvent: (mirror) => mirror.apply(algoEvent(at, status, { ai }), "stream"),
    byAnswer: (mirror) => mirror.mergeConditionalOrders([algoRow(at, status, { actualOrderId: ai })], TERMS),
  };
}

function leverage(symbol: string, at: number, n: number): State {
  const head = { e: "ACCOUNT_CONFIG_UPDATE" as const, T: at as TransactMs, E: at as EventMs };
  const byEvent = (mirror: Mirror) => mirror.apply({ ...head, ac: { s: symbol, l: n } }, "stream");
  return { fact: `leverage ${symbol}`, at, says: String(n), byEvent, byAnswer: byEvent };
}

type Maker = (at: number, n: number, step: number) => State;

const FACTS: readonly Maker[] = [
  (at, n) => wallet("USDT", at, n),
  (at, n) => wallet("BNB", at, n),
  (at, n) => position("LONG", at, n),
  (at, n) => position("SHORT", at, n),
  (at, _n, step) => order("5", at, step, "FILLED"),
  (at, _n, step) => order("9007199254740993", at, step, "CANCELED"),
  (at, _n, step) => conditional(at, step),
  (at, n) => leverage("BTCUSDT", at, 1 + n),
];

/** Up to four states of each fact, the oldest first. */
const HISTORIES = fc.tuple(
  ...FACTS.map((make) =>
    fc
      .array(fc.record({ later: fc.integer({ min: 1, max: 20 }), n: fc.nat({ max: 5 }) }), {
        minLength: 1,
        maxLength: 4,
      })
      .map((steps) => {
        let at = 0;
        return steps.map(({ later, n }, step) => {
          at += later;
          return make(at, n, step);
        });
      }),
  ),
);

interface Telling {
  readonly state: State;
  readonly by: "byEvent" | "byAnswer";
}

/** All newest states, and older ones as often as it comes, in any order and in either way. */
const STORY = HISTORIES.chain((histories) => {
  const states = histories.flat();
  const newest = histories.map((history) => history.at(-1) as State);
  return fc
    .array(fc.constantFrom(...states), { maxLength: 40 })
    .chain((older) => fc.shuffledSubarray([...newest, ...older], { minLength: newest.length + older.length }))
    .chain((told) =>
      fc
        .array(fc.constantFrom("byEvent" as const, "byAnswer" as const), {
          minLength: told.length,
          maxLength: told.length,
        })
        .map((ways) => told.map((state, i): Telling => ({ state, by: ways[i] ?? "byEvent" }))),
    );
});

/** The reference model: of each fact what was told with the newest date. */
function newestOf(story: readonly Telling[]): Map<string, string> {
  const newest = new Map<string, State>();
  for (const { state } of story) {
    const known = newest.get(state.fact);
    if (known === undefined || known.at < state.at) newest.set(state.fact, state);
  }
  return new Map([...newest].sort(byKey).map(([fact, { says, at }]) => [fact, `${says} @${at}`]));
}

/** What a mirror knows, in the words of {@link State}. */
function known(mirror: Mirror): Map<string, string> {
  const { view } = mirror;
  const facts: [string, string][] = [];
  for (const [key, { wallet, at }] of view.balances) facts.push([`balance ${key}`, `${short(wallet)} @${at}`]);
  for (const [key, { amount, at }] of view.positions) facts.push([`position ${key}`, `${short(amount)} @${at}`]);
  for (const [key, { status, executed, at }] of [...view.openOrders, ...view.finishedOrders]) {
    facts.push([`order ${key}`, `${status} ${short(executed)} @${at}`]);
  }
  for (const [key, { status, at }] of [...view.conditionalOrders, ...view.finishedConditionalOrders]) {
    facts.push([`conditional-order ${key}`, `${status} @${at}`]);
  }
  for (const [key, { value, at }] of view.leverage) facts.push([`leverage ${key}`, `${value} @${at}`]);
  return new Map(facts.sort(byKey));
}

function short(text: string): string {
  return trimmed(fixed(text));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

test("in whatever order and way it is told, the newest of each fact is what is known", () => {
  fc.assert(
    fc.property(STORY, (story) => {
      const mirror = new Mirror();
      for (const { state, by } of story) state[by](mirror);
      assert.deepEqual(known(mirror), newestOf(story));
    }),
    { numRuns: 300 },
  );
});

test("what is told twice changes nothing the second time, not even the view", () => {
  fc.assert(
    fc.property(STORY, (story) => {
      const mirror = new Mirror();
      for (const { state, by } of story) {
        state[by](mirror);
        const { view } = mirror;
        assert.deepEqual(state[by](mirror).changes, []);
        assert.equal(mirror.view, view);
      }
    }),
    { numRuns: 100 },
  );
});

test("no fact ever gets older, no order ever opens again or is less filled, each change says what was before", () => {
  fc.assert(
    fc.property(STORY, (story) => {
      const mirror = new Mirror();
      const last = new Map<string, unknown>();
      let asOf = 0;
      for (const { state, by } of story) {
        const { view } = mirror;
        for (const { kind, key, before, after } of state[by](mirror).changes) {
          assert(after !== undefined, "only a verdict of the repair makes the mirror forget");
          assert(before === undefined || before.at <= after.at);
          if (kind === "order" && before !== undefined) {
            assert(compareAmounts(before.executed, after.executed) <= 0);
            assert(view.openOrders.has(key), "an ended order does not change");
          }
          assert.equal(before === undefined, !last.has(`${kind} ${key}`));
          last.set(`${kind} ${key}`, after);
        }
        assert((mirror.view.asOf ?? 0) >= asOf);
        asOf = mirror.view.asOf ?? 0;
      }
    }),
    { numRuns: 100 },
  );
});

test("a snapshot and the events after it are the same as the events and a stale snapshot after them", () => {
  fc.assert(
    fc.property(HISTORIES, fc.nat({ max: 3 }), (histories, seen) => {
      const [first, last] = [new Mirror(), new Mirror()];
      const snapshot = histories.map((history) => history[Math.min(seen, history.length - 1)] as State);
      for (const state of snapshot) state.byAnswer(first);
      for (const mirror of [first, last]) for (const state of histories.flat()) state.byEvent(mirror);
      for (const state of snapshot) {
        assert.deepEqual(state.byAnswer(last).changes, [], "it is stale");
      }
      assert.deepEqual(known(first), known(last));
      for (const mirror of [first, last]) assert.equal(mirror.view.balance("USDT")?.source, "stream");
    }),
    { numRuns: 200 },
  );
});
