/** How late events came in the last two minutes, as a small line. */
import type { AccountSession } from "../state/account-session.ts";
import type { LagSecond } from "../state/lag-meter.ts";
import { words } from "../words/chosen.ts";
import { duration } from "../words/numbers.ts";
import { now } from "./ticking.ts";

const SECONDS = 120;
const HEIGHT = 24;

/** The line, and the latest number. */
export function LagLine({ session }: { readonly session: AccountSession }) {
  const w = words.value;
  const { seconds, lastMs } = session.lag;
  const from = Math.floor(now.value / 1000) - SECONDS;
  const recent = seconds.filter(({ second }) => second >= from);
  const worst = Math.max(1, ...recent.map(({ worstMs }) => worstMs));
  return (
    <span class="lag">
      <b>{lastMs === undefined ? "–" : duration(Math.max(0, lastMs), w)}</b>
      <svg viewBox={`0 0 ${SECONDS} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={w.health.lagTitle}>
        <path d={barsOf(recent, from, worst)} />
      </svg>
      <small>{recent.length === 0 ? "" : `≤ ${duration(worst, w)}`}</small>
    </span>
  );
}

function barsOf(seconds: readonly LagSecond[], from: number, worst: number): string {
  return seconds
    .map(({ second, worstMs }) => {
      const height = Math.max(1.5, (Math.max(0, worstMs) / worst) * (HEIGHT - 2));
      return `M${second - from + 0.5} ${HEIGHT}V${(HEIGHT - height).toFixed(1)}`;
    })
    .join("");
}
