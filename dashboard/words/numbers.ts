/** Numbers and times as people read them. Digits are never rounded unless the name says so. Pure. */
import { abs, div, type Fixed, fixed, mul, trimmed } from "../../src/kernel/decimal.ts";
import type { Decimal } from "../../src/kernel/scalars.ts";

/** As wide as a digit in fonts with tabular figures. */
const FIGURE_SPACE = "\u2007";

/** `"-12345.600"` → `"−12,345.6"`: without needless zeros, with at least so many places. */
export function plainly(amount: string, placesMin = 0): string {
  const { sign, whole, fraction } = parts(amount);
  const places = fraction.padEnd(placesMin, "0");
  return `${sign}${whole.replace(/\B(?=(?:\d{3})+$)/g, ",")}${places === "" ? "" : `.${places}`}`;
}

/** The same with exactly so many places; what lies beyond them is cut off. */
export function shortened(amount: string, places: number): string {
  const { sign, whole, fraction } = parts(amount);
  const cut = fraction.slice(0, places);
  const isNothing = !/[1-9]/.test(whole + cut);
  return plainly(`${isNothing ? "" : sign}${whole}.${cut}`.replace("−", "-"), places);
}

/** Signed, whatever the sign is: `"+1.20"`. Nothing has none. */
export function signed(text: string): string {
  return text.startsWith("−") || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** Texts of one column, made as long behind the point as the longest, so that all points stand in one line. */
export function aligned(texts: readonly string[]): string[] {
  const behind = (text: string) => (text.includes(".") ? text.length - text.indexOf(".") : 0);
  const longest = Math.max(0, ...texts.map(behind));
  return texts.map((text) => {
    const missing = longest - behind(text);
    // The point itself is narrower than a digit, and takes a space of its own width.
    if (behind(text) === 0 && missing > 0) return `${text}\u2008${FIGURE_SPACE.repeat(missing - 1)}`;
    return text + FIGURE_SPACE.repeat(missing);
  });
}

/** Profit of a position at a mark price; `undefined` when a number has more places than can be reckoned with. */
export function profit(amount: string, entry: string, mark: string): Decimal | undefined {
  try {
    return trimmed(mul(fixed(amount), fixed(mark) - fixed(entry)));
  } catch {
    return undefined;
  }
}

/** `part ÷ whole` in percent, with one place: `"12.3"`; `undefined` when there is no whole. */
export function percent(part: string, whole: string): string | undefined {
  try {
    const divisor = abs(fixed(whole));
    return divisor === 0n ? undefined : shortened(trimmed(div(mul(fixed(part), 100_00000000n as Fixed), divisor)), 1);
  } catch {
    return undefined;
  }
}

/** How far a mark price is from a liquidation price, in percent of the mark price. */
export function distance(mark: string, liquidation: string): string | undefined {
  try {
    return percent(trimmed(abs(fixed(mark) - fixed(liquidation))), mark);
  } catch {
    return undefined;
  }
}

/** `12:03:11` of the person's own day. */
export function clockTime(ms: number): string {
  const at = new Date(ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** `12:03:11.042`. */
export function exactTime(ms: number): string {
  return `${clockTime(ms)}.${String(Math.floor(ms) % 1000).padStart(3, "0")}`;
}

/** The time, with its day when that is not today's. */
export function dayTime(ms: number, now: number): string {
  const [at, today] = [new Date(ms), new Date(now)];
  if (at.toDateString() === today.toDateString()) return clockTime(ms);
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(ms)}`;
}

/** The time with its day, whichever day it is. */
export function anyDayTime(ms: number): string {
  return dayTime(ms, 0);
}

/** What units of time are called in a language. */
interface Units {
  readonly units: Readonly<Record<"d" | "h" | "m" | "s" | "ms", string>>;
}

/** A duration in its two greatest units: `1 h 4 m`, `3.2 s`, `250 ms`. */
export function duration(ms: number, { units: { d, h, m, s, ms: milli } }: Units): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ${milli}`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} ${s}`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} ${s}`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} ${m} ${two(seconds % 60)} ${s}`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} ${h} ${two(Math.floor((seconds % 3_600) / 60))} ${m}`;
  return `${Math.floor(seconds / 86_400)} ${d} ${Math.floor((seconds % 86_400) / 3_600)} ${h}`;
}

/** A whole number with commas. */
export function counted(count: number): string {
  return plainly(String(Math.round(count)));
}

function parts(amount: string): { readonly sign: string; readonly whole: string; readonly fraction: string } {
  const [whole = "", fraction = ""] = amount.replace(/^-/, "").split(".");
  return { sign: amount.startsWith("-") ? "−" : "", whole, fraction: fraction.replace(/0+$/, "") };
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
