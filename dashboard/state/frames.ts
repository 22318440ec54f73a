/** When what has come is shown: once for all of it, with an animation frame, and no more often than eyes can follow. */

/** Least time from one showing to the next. */
const EVERY_MS = 60;

/** A page that nobody sees is kept up to date this often, so that it is right when it is looked at. */
const HIDDEN_EVERY_MS = 1_000;

/** Makes what is called for each thing that comes; `show` follows, once for many. */
export function shownInFrames(show: () => void): () => void {
  let isDue = false;
  let shownAt = Number.NEGATIVE_INFINITY;
  const run = () => {
    isDue = false;
    shownAt = performance.now();
    show();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.hidden) return void setTimeout(run, HIDDEN_EVERY_MS);
    const waitMs = EVERY_MS - (performance.now() - shownAt);
    if (waitMs <= 0) requestAnimationFrame(run);
    else setTimeout(() => (document.hidden ? run() : requestAnimationFrame(run)), waitMs);
  };
}
