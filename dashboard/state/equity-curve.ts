/** Equity over time: the hub's samples, and what the page has heard since. Pure. */

/** Points that are kept: a day of minutes, and three hours at one every three seconds. */
const POINTS_MAX = 5_040;

/** One point. */
export interface EquityPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** In USDT. */
  readonly equity: string;
}

/** Points in order of time, one a second at most. */
export class EquityCurve {
  #points: EquityPoint[] = [];
  /** Called when there is another point, or all are others (then without one). */
  changed: (point: EquityPoint | undefined) => void = () => {};

  /** Oldest first. */
  get points(): readonly EquityPoint[] {
    return this.#points;
  }

  /** What was just heard. */
  add(point: EquityPoint): void {
    if (second(point) <= second(this.#points.at(-1))) return;
    this.#points.push(point);
    if (this.#points.length > POINTS_MAX) this.#points.shift();
    this.changed(point);
  }

  /** What was sampled before. */
  addOlder(points: readonly EquityPoint[]): void {
    const first = this.#points[0];
    const older = points.filter((point) => first === undefined || second(point) < second(first));
    this.#points = [...older.filter((point, index) => second(point) > second(older[index - 1])), ...this.#points];
    this.changed(undefined);
  }
}

function second(point: EquityPoint | undefined): number {
  return point === undefined ? Number.NEGATIVE_INFINITY : Math.floor(point.at / 1000);
}
