/** What a trader does, and how often: drawn from the seed, for each world a mix of its own. Pure. */
import type { Random } from "../src/kernel/ports.ts";

/** One thing that a trader can do. */
export type Action =
  /** Takes liquidity, then reads the order back. */
  | "market order"
  /** Rests a little away from the best price. */
  | "limit order"
  | "trailing stop"
  | "cancel all"
  | "cancel stops"
  /** Moves the last limit order, price or quantity. */
  | "amend"
  /** Takes the last amendment back. */
  | "amend back"
  /** Two orders of the account, which may trade with one another. */
  | "trade with itself"
  | "cancel one"
  /** A stop or a take-profit, near enough to trigger now and then. */
  | "stop order"
  | "batch"
  | "leverage"
  | "margin type"
  | "position margin"
  /** Closes a position, whatever it is. */
  | "close position";

/** Action → its share. */
export type Shares = Readonly<Partial<Record<Action, number>>>;

/** What is done on the account of one world. */
export interface Workload {
  readonly isHedge: boolean;
  readonly isMultiAssets: boolean;
  readonly shares: Shares;
  /** The mean time between two things that others do to the account; `undefined`: nobody else does anything. */
  readonly othersEveryMs: number | undefined;
  /** Does somebody once trade more in a moment than a page of REST shows, while nobody hears it? */
  readonly hasBurst: boolean;
}

/** Orders, trailing stops, and their end. */
const PLAIN_SHARES: Shares = {
  "market order": 55,
  "limit order": 20,
  "trailing stop": 10,
  "cancel all": 10,
  "cancel stops": 5,
};

/** The workload that every world had once. */
export const PLAIN_WORKLOAD: Workload = {
  isHedge: false,
  isMultiAssets: false,
  shares: PLAIN_SHARES,
  othersEveryMs: undefined,
  hasBurst: false,
};

/** What a world may have beside the plain shares: each with a coin of its own. */
const MORE: readonly { readonly chance: number; readonly shares: Shares }[] = [
  { chance: 0.6, shares: { amend: 12, "cancel one": 8, "limit order": 10 } },
  { chance: 0.6, shares: { "stop order": 12, "cancel stops": 3 } },
  { chance: 0.4, shares: { batch: 8 } },
  { chance: 0.4, shares: { leverage: 4 } },
  { chance: 0.4, shares: { "margin type": 4, "position margin": 6, "close position": 10 } },
  { chance: 0.4, shares: { "close position": 12 } },
  { chance: 0.4, shares: { amend: 6, "amend back": 12, "limit order": 6 } },
  { chance: 0.3, shares: { "trade with itself": 8 } },
];

const MINUTE = 60_000;

/** Draws one. */
export function drawWorkload(random: Random): Workload {
  const isHedge = random.next() < 0.35;
  const isMultiAssets = random.next() < 0.25;
  const hasOthers = random.next() < 0.6;
  const othersEveryMs = MINUTE * (20 + 100 * random.next());
  const hasBurst = random.next() < 0.04;
  const shares: Partial<Record<Action, number>> = { ...PLAIN_SHARES };
  for (const { chance, shares: more } of MORE) {
    if (random.next() >= chance) continue;
    for (const [action, share] of Object.entries(more) as [Action, number][]) {
      shares[action] = (shares[action] ?? 0) + share;
    }
  }
  return { isHedge, isMultiAssets, shares, othersEveryMs: hasOthers ? othersEveryMs : undefined, hasBurst };
}
