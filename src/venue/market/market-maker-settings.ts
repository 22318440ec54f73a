/** How the built-in market maker behaves. Pure. */
import { type Fixed, fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";

/** What may be set; each has a default. */
export interface MarketMakerSettings {
  /** Milliseconds between two moves of the price. 100 to 3 600 000. */
  readonly tickMs: number;
  /** Quoted prices a side. 1 to 200. */
  readonly levels: number;
  /** One standard deviation of one tick's move, in hundredths of a percent; 0 holds the price still. At most 1000. */
  readonly volatilityBps: number;
  /** About how much stands at the best price, in the quote asset; deeper levels hold more. */
  readonly levelNotional: string;
  /** Distance of neighbouring levels, in hundredths of a percent of the price, at least one tick. 0 to 1000. */
  readonly spacingBps: number;
}

/** 2 basis points a second are about 6 % a day. */
const DEFAULT_MARKET_MAKER: MarketMakerSettings = {
  tickMs: 1000,
  levels: 20,
  volatilityBps: 2,
  levelNotional: "50000",
  spacingBps: 1,
};

/** The settings in numbers. */
export interface MakerRules extends Omit<MarketMakerSettings, "levelNotional"> {
  readonly levelNotional: Fixed;
}

/** Fills in the defaults. @throws {UsageError} when a setting is out of range */
export function makerRules(settings: Partial<MarketMakerSettings>): MakerRules {
  const all = { ...DEFAULT_MARKET_MAKER, ...settings };
  for (const [name, least, most] of [
    ["tickMs", 100, 3_600_000],
    ["levels", 1, 200],
    ["volatilityBps", 0, 1000],
    ["spacingBps", 0, 1000],
  ] as const) {
    const value = all[name];
    const isWhole = name === "volatilityBps" || name === "spacingBps" || Number.isSafeInteger(value);
    if (isWhole && value >= least && value <= most) continue;
    throw new UsageError(`marketMaker.${name}`, `a number from ${least} to ${most}`, value);
  }
  const levelNotional = fixed(all.levelNotional);
  if (levelNotional <= 0n) throw new UsageError("marketMaker.levelNotional", "a positive decimal", all.levelNotional);
  return { ...all, levelNotional };
}
