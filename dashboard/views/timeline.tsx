/** Gaps and repairs, newest first, each certificate in plain words. */
import { useComputed } from "@preact/signals";
import type { AccountSession } from "../state/account-session.ts";
import type { Episode } from "../state/episodes.ts";
import { words } from "../words/chosen.ts";
import type { Words } from "../words/en.ts";
import { counted, dayTime, duration } from "../words/numbers.ts";
import { isOvertaken } from "./certainty.ts";
import { HourStrip } from "./hour-strip.tsx";
import { now } from "./ticking.ts";

/** Episodes in the page. */
const SHOWN_MAX = 50;

/** The list; the newest is open. */
export function Timeline({ session }: { readonly session: AccountSession }) {
  void session.episodeNews.value;
  const w = words.value.timeline;
  const list = session.episodes.list;
  const isKnown = useComputed(() => session.view.value !== undefined).value;
  return (
    <section class="part timeline" aria-labelledby="timeline-title" id="timeline">
      <h2 id="timeline-title">
        {w.title} <span class="count">{list.length === 0 ? "" : counted(list.length)}</span>
      </h2>
      <HourStrip episodes={list} isKnown={isKnown} />
      {list.length === 0 ? <p class="quiet">{isKnown ? w.none : words.value.nothingKnown}</p> : null}
      <ol class="episodes" tabIndex={0} aria-labelledby="timeline-title">
        {list.slice(0, SHOWN_MAX).map((episode, index) => (
          <EpisodeView key={`${episode.seq}`} session={session} episode={episode} isNewest={index === 0} />
        ))}
      </ol>
    </section>
  );
}

interface EpisodeProps {
  readonly session: AccountSession;
  readonly episode: Episode;
}

type EpisodeState = "open" | "confirming" | "holes" | "confirmed" | "repaired";

const SIGNS: Readonly<Record<EpisodeState, string>> = {
  open: "⟳",
  confirming: "⋯",
  holes: "!",
  confirmed: "✓",
  repaired: "✓",
};

function EpisodeView({ session, episode, isNewest }: EpisodeProps & { readonly isNewest: boolean }) {
  const w = words.value.timeline;
  const { gaps, repair, seq } = episode;
  const state = stateOf({ session, episode });
  const holes = w.holes(repair?.holes.length ?? 0);
  const titles = { open: w.open, confirming: w.confirm, holes, confirmed: w.confirmed, repaired: w.repaired };
  return (
    <li class={`episode ${state}`} data-state={state} data-seq={seq}>
      <details open={isNewest}>
        <summary>
          <span class="sign" aria-hidden="true">
            {SIGNS[state]}
          </span>
          <b>{titles[state]}</b>
          <span class="why">{gaps[0] === undefined ? "" : words.value.cause(gaps[0].why)}</span>
          <time>{dayTime((gaps[0] ?? repair)?.at ?? 0, now.value)}</time>
        </summary>
        <Story session={session} episode={episode} />
      </details>
    </li>
  );
}

function stateOf({ session, episode: { gaps, repair } }: EpisodeProps): EpisodeState {
  if (repair === undefined) {
    const health = session.health.value?.value;
    return health?.upstream?.sync === "confirming" && !isOvertaken(health, gaps) ? "confirming" : "open";
  }
  if (repair.holes.length > 0) return "holes";
  return gaps.length === 0 ? "confirmed" : "repaired";
}

/** What happened, sentence by sentence. */
function Story({ session, episode }: EpisodeProps) {
  const all = words.value;
  const w = all.timeline;
  const { gaps, repair } = episode;
  const time = (ms: number) => dayTime(ms, now.value);
  return (
    <div class="story">
      {gaps.map(({ seq, from, why }) => (
        <p key={seq}>{w.lost(from === undefined ? w.unknownFrom : time(from), all.cause(why))}</p>
      ))}
      {repair === undefined ? <OpenStory session={session} episode={episode} /> : null}
      {repair === undefined ? null : (
        <>
          <p>{gaps.length === 0 ? w.start : foundIn(repair.recovered, all)}</p>
          <p>{w.complete(time(repair.completeUpTo))}</p>
          {repair.holes.length === 0 ? null : (
            <div class="holes">
              {w.holesAre}
              <ul>
                {repair.holes.map((hole) => (
                  <li key={hole}>{all.hole(hole)}</li>
                ))}
              </ul>
            </div>
          )}
          <p class="cost">
            {w.cost(duration(repair.tookMs, all), counted(repair.requests), counted(repair.weightUsed))}
          </p>
        </>
      )}
    </div>
  );
}

/** While the certificate is waited for. */
function OpenStory({ session, episode }: EpisodeProps) {
  const w = words.value.timeline;
  const told = session.episodes.toldSoFar;
  return (
    <>
      <p>{stateOf({ session, episode }) === "confirming" ? w.confirming : w.asking}</p>
      {told === 0 ? null : <p>{w.toldSoFar(counted(told))}</p>}
    </>
  );
}

function foundIn(recovered: Readonly<Record<string, number>>, words: Words): string {
  const found = Object.entries(recovered).map(
    ([name, count]) => `${counted(count)} × ${words.eventNames[name] ?? name}`,
  );
  return found.length === 0 ? words.timeline.foundNothing : words.timeline.found(found.join(", "));
}
