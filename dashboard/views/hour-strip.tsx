/** The last hour in one line: where it was certain, and where it was not. */
import type { Episode } from "../state/episodes.ts";
import { words } from "../words/chosen.ts";
import { clockTime } from "../words/numbers.ts";
import { now } from "./ticking.ts";

const HOUR_MS = 3_600_000;

/** Gaps of a second are seen, too: so wide they are at least, in thousandths of the hour. */
const WIDTH_MIN = 6;

interface StripProps {
  readonly episodes: readonly Episode[];
  /** Is it known what the account holds? If not, nothing was certain. */
  readonly isKnown: boolean;
}

/** A line with notches; what each of them was stands in the list below it. */
export function HourStrip({ episodes, isKnown }: StripProps) {
  const from = now.value - HOUR_MS;
  const gaps = episodes.filter(({ gaps, repair }) => gaps.length > 0 && (repair?.at ?? now.value) > from);
  return (
    <div class="strip">
      <svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={words.value.timeline.strip}>
        {isKnown ? <rect class="certain" x="0" y="8" width="1000" height="4" /> : null}
        {gaps.map((episode) => {
          const [start, end] = spanOf(episode, from);
          const holes = episode.repair === undefined || episode.repair.holes.length > 0;
          return (
            <rect
              key={episode.seq}
              class={holes ? "lost" : "mended"}
              x={start}
              y={holes ? 0 : 4}
              width={Math.max(WIDTH_MIN, end - start)}
              height={holes ? 20 : 12}
            />
          );
        })}
      </svg>
      <span aria-hidden="true">{clockTime(from).slice(0, 5)}</span>
      <span aria-hidden="true">{clockTime(now.value).slice(0, 5)}</span>
    </div>
  );
}

/** In thousandths of the hour. */
function spanOf({ gaps, repair }: Episode, from: number): [start: number, end: number] {
  const place = (at: number) => Math.round(Math.min(1, Math.max(0, (at - from) / HOUR_MS)) * 1000);
  const start = Math.min(1000 - WIDTH_MIN, place(gaps[0]?.at ?? from));
  return [start, place(repair?.at ?? now.value)];
}
