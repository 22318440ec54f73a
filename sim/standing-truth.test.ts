import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepairedEvents } from "../src/account/repaired-events.ts";
import { StandingTruth } from "./standing-truth.ts";

type Change = RepairedEvents["ACCOUNT_UPDATE"]["a"];

const position = (pa: string, iw: string) =>
  ({ B: [], P: [{ s: "BTCUSDT", ps: "BOTH", pa, iw }] }) as unknown as Change;
const wallet = (wb: string) => ({ B: [{ a: "USDT", wb, cw: wb }], P: [] }) as unknown as Change;

/** The venue pushed these, as the events 0, 1, 2. */
function watched(...pushed: Change[]): StandingTruth {
  const truth = new StandingTruth();
  for (const [place, change] of pushed.entries()) truth.pushed(place, { ...change, m: "ORDER" });
  return truth;
}

test("L3 repair may tell what is newer than what was told, or the same in other words", () => {
  const truth = watched(position("1", "43"), position("1", "53"));
  truth.told(0);
  truth.repaired(position("1.00", "53.0"));
  truth.repaired(position("1", "53"));
});

for (const [what, pushed] of [
  ["margin", [position("1", "43"), position("1", "53")]],
  ["wallet", [wallet("10"), wallet("12")]],
] as const) {
  test(`L3 a ${what} that the stream told, or repair, is not taken back`, () => {
    for (const who of ["stream", "repair"]) {
      const truth = watched(...pushed);
      if (who === "stream") truth.told(1);
      else truth.repaired(pushed[1]);
      assert.throws(() => truth.repaired(pushed[0]), /L3 repair took back what was told of /);
      truth.forget();
      truth.repaired(pushed[0]);
    }
  });
}

test("L3 what comes back to where it stood before is no older for that", () => {
  const truth = watched(wallet("10"), wallet("12"), wallet("10.0"));
  truth.told(1);
  truth.repaired(wallet("10"));
});

test("L3 what goes to and fro is told as any of the times that it stood so, in their order", () => {
  const truth = watched(wallet("10"), wallet("12"), wallet("10"), wallet("12"), wallet("13"));
  for (const wb of ["10", "12", "10", "12"]) truth.repaired(wallet(wb));
  truth.repaired(wallet("13"));
  assert.throws(() => truth.repaired(wallet("10")), /L3 repair took back/);
});

test("L3 what a booking changed says nothing of how a wallet stands", () => {
  const truth = watched(wallet("10"), wallet("12"));
  truth.told(1);
  truth.repaired({ ...wallet("10"), m: "DEPOSIT" });
});
