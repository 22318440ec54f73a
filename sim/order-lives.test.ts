import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderLives } from "./order-lives.ts";

/** Execution type, status and executed quantity of each event of one order; and what is wrong with the life. */
const LIVES: readonly (readonly [life: string, broken: RegExp | undefined])[] = [
  ["NEW NEW 0, TRADE PARTIALLY_FILLED 1, TRADE FILLED 2", undefined],
  ["NEW NEW 0, AMENDMENT NEW 0, CANCELED CANCELED 0", undefined],
  ["NEW NEW 0, CANCELED CANCELED 0, TRADE FILLED 2", /an ended order speaks again/],
  ["NEW NEW 0, EXPIRED EXPIRED_IN_MATCH 0, NEW NEW 0", /an ended order speaks again/],
  ["NEW NEW 0, TRADE FILLED 2, CANCELED CANCELED 2", /an ended order speaks again/],
  ["TRADE FILLED 2", /begins with NEW/],
  ["NEW NEW 0, NEW NEW 0", /begins with NEW, once/],
  ["NEW NEW 0, TRADE PARTIALLY_FILLED 2, TRADE PARTIALLY_FILLED 1", /does not shrink/],
];

for (const [life, broken] of LIVES) {
  test(`${life}: ${broken === undefined ? "a life" : "no life"}`, () => {
    const play = () => {
      const lives = new OrderLives();
      for (const step of life.split(", ")) {
        const [x, X, z] = step.split(" ");
        lives.log(
          `{"e":"ORDER_TRADE_UPDATE","T":1,"o":{"s":"A","c":"x","x":"${x}","X":"${X}","i":7,"l":"1","z":"${z}"}}`,
        );
      }
      assert.deepEqual([lives.open, lives.endedCount], [[], 1]);
    };
    if (broken === undefined) play();
    else assert.throws(play, broken);
  });
}
