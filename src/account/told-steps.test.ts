import assert from "node:assert/strict";
import { test } from "node:test";
import { algoEvent, amount, id, ms, orderEvent, walletEvent } from "../../test/account-news.ts";
import { STEPS_MAX, stepOf, Told } from "./told-steps.ts";

test("a step is named by what happened to what, with trailing zeros left aside", () => {
  const fill = orderEvent(1, "FILLED", { t: id("9007199254740993") });
  for (const [event, step] of [
    [orderEvent(1, "NEW"), "O|BTCUSDT|5|NEW"],
    [fill, "F|BTCUSDT|5|9007199254740993"],
    [{ ...fill, o: { ...fill.o, x: "CALCULATED" } } as typeof fill, "F|BTCUSDT|5|9007199254740993"],
    [orderEvent(1, "NEW", { x: "AMENDMENT", p: amount("100.50"), q: amount("2.0") }), "O|BTCUSDT|5|AMENDMENT|100.5|2"],
    [algoEvent(1, "TRIGGERED"), "A|3000|TRIGGERED"],
    [walletEvent(1, "USDT", "5"), undefined],
  ] as const) {
    assert.equal(stepOf(event), step);
  }
});

test("L12 two generations are remembered, and it is said since when", () => {
  const memory = new Told();
  const note = (at: number) => memory.note(orderEvent(at, "NEW", { i: id(String(at)) }));
  for (let at = 1; at <= STEPS_MAX; at++) note(at);
  assert.deepEqual([memory.hasStep("O|BTCUSDT|1|NEW"), memory.coversSince], [true, 0]);
  for (let at = STEPS_MAX + 1; at <= 2 * STEPS_MAX; at++) note(at);
  assert.deepEqual([memory.hasStep("O|BTCUSDT|1|NEW"), memory.coversSince], [false, STEPS_MAX]);
  memory.turn(ms(STEPS_MAX));
  assert(memory.hasStep(`O|BTCUSDT|${2 * STEPS_MAX}|NEW`), "what may still be asked about is not forgotten");
});
