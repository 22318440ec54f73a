/**
 * When what has come is shown: once for all of it, with an animation frame, no more often than eyes can follow, and so
 * rarely that most of the time is left for the person, however slow the machine is.
 */

/** Least time from one showing to the next. */
const EVERY_MS = 60;

/** However dear a showing is, it comes this often. */
const EVERY_MAX_MS = 500;

/** So much longer than a showing takes, layout and drawing included, is the time to the next. */
const REST = 3;

/** A page that nobody sees is kept up to date this often, so that it is right when it is looked at. */
const HIDDEN_EVERY_MS = 1_000;

/**
 * Makes what is called for each thing that comes; `show` follows, once for many.
 * @param everyMs the least time from one showing to the next
 * @param gatherMs what comes in so short a time is shown together, however long nothing was shown
 */
export function shownInFrames(show: () => void, everyMs = EVERY_MS, gatherMs = 0): () => void {
  let isDue = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  const run = () => {
    isDue = false;
    const since = performance.now();
    nextAt = since + everyMs;
    show();
    // After the frame was laid out and drawn, its cost is known.
    requestAnimationFrame(() =>
      setTimeout(() => {
        const tookMs = performance.now() - since;
        nextAt = since + Math.min(EVERY_MAX_MS, Math.max(everyMs, tookMs * REST));
      }),
    );
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.hidden) return void setTimeout(run, HIDDEN_EVERY_MS);
    const waitMs = Math.max(gatherMs, nextAt - performance.now());
    if (waitMs <= 0) requestAnimationFrame(run);
    else setTimeout(() => (document.hidden ? run() : requestAnimationFrame(run)), waitMs);
  };
}
