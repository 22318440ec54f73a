/**
 * Calls of a repair. After a gap with a thousand missed fills the exchange is asked as little as certainty allows: how
 * everything stands is asked twice, since the first answers may lag; what happened is asked once, page by page, and
 * once more for what the first answers may have been too early for.
 */
import { FollowerWorld } from "../test/follower-world.ts";
import type { Entry, Result } from "./harness.ts";

const FILLS = 1_000;
const ORDERS = 50;
const PAGE_ROWS = 1_000;

/** Calls ÷ the least: at most 1.25, told as its inverse, since above 1 is better in every line. */
const AT_LEAST = 1 / 1.25;

/** The time, modes, leverages, balances, positions, open orders, open conditional orders. */
const STANDING = 7;
/** Orders placed, income, conditional orders of the symbol, fills of the symbol. */
const HAPPENED = 4;

/** A page that was full says nothing about what follows it, so fills and their income take one more each. */
function least(): number {
  const pages = Math.ceil(FILLS / PAGE_ROWS);
  const full = FILLS % PAGE_ROWS === 0 ? 1 : 0;
  const first = STANDING + HAPPENED + 2 * (pages - 1 + full);
  const second = STANDING + HAPPENED;
  return first + second;
}

async function run(): Promise<Result> {
  const { answer, reads } = new FollowerWorld();
  const say = (line: string) => {
    const [name = "", ...words] = line.split(" ");
    return answer({ name, words, named: {} });
  };
  for (const line of ["live", "wait 62s"]) await say(line);
  for (let order = 1; order <= ORDERS; order++) await say(`told order ${order} NEW`);
  for (const line of ["told fill 1 1", "wait 10s", "gap closed 1006"]) await say(line);
  for (let fill = 2; fill <= FILLS + 1; fill++) {
    await say(`missed fill ${1 + (fill % ORDERS)} ${fill}`);
    await say("wait 1s");
  }
  await say("wait 70s");
  reads.asked.splice(0);
  await say("live");
  const told = await say("wait 70s");
  if (!told.some((line) => / repair of gaps .* no hole$/.test(line)))
    throw new Error(`not repaired: ${told.join("; ")}`);
  const calls = reads.asked.length;
  return {
    value: calls,
    unit: "calls",
    versus: { what: `the least, ${least()}`, ratio: least() / calls, atLeast: AT_LEAST },
  };
}

/** The entries of this file. */
export const REPAIR_ENTRIES: readonly Entry[] = [{ name: "repair, 1 000 missed fills", run }];
