/**
 * Measures two ways of doing the same work against each other. Both run in one process, in short turns on the same
 * fresh inputs, and only the ratio inside a turn counts: a machine that is busy with other things slows both alike.
 */

/** One printed number. */
export interface Result {
  /** What was measured, in `unit`. */
  readonly value: number;
  readonly unit: string;
  /** Set when there is something to compare with. */
  readonly versus?: Versus;
}

/** How a number stands to another one. */
export interface Versus {
  /** What it is compared with, as a noun phrase. */
  readonly what: string;
  /** Speed of ours ÷ speed of theirs: above 1 is faster. */
  readonly ratio: number;
  /** The ratio we promise; absent when none is. */
  readonly atLeast?: number;
}

/** One line of the report. */
export interface Entry {
  readonly name: string;
  run(): Result | Promise<Result>;
}

/** Two ways of doing one piece of work. */
export interface Duel<Input> {
  readonly unit: string;
  readonly versus: string;
  readonly atLeast?: number;
  /** Fresh inputs for one turn; what it costs is not measured. */
  inputs(turn: number): readonly Input[];
  ours(input: Input): unknown;
  theirs(input: Input): unknown;
}

const WARM_UP_TURNS = 40;
const TURNS = 300;

/** Lets ours and theirs take turns, who begins alternating, and takes the median over all turns. */
export function duel<Input>(rules: Duel<Input>): Result {
  const oursNs: number[] = [];
  const ratios: number[] = [];
  for (let turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
    const inputs = rules.inputs(turn);
    const theirsFirst = turn % 2 === 0 ? nanoseconds(inputs, rules.theirs) : 0;
    const ours = nanoseconds(inputs, rules.ours);
    const theirs = theirsFirst || nanoseconds(inputs, rules.theirs);
    if (turn < 0) continue;
    oursNs.push(ours / inputs.length);
    ratios.push(theirs / ours);
  }
  const { versus: what, atLeast } = rules;
  const versus = { what, ratio: median(ratios), ...(atLeast === undefined ? {} : { atLeast }) };
  return { value: 1e9 / median(oursNs), unit: rules.unit, versus };
}

/** Results go here, so that no compiler finds out that nobody needs them. */
const sink: unknown[] = [undefined];

function nanoseconds<Input>(inputs: readonly Input[], work: (input: Input) => unknown): number {
  const since = process.hrtime.bigint();
  for (const input of inputs) sink[0] = work(input);
  return Number(process.hrtime.bigint() - since);
}

/** The middle one; of an even count the upper of the two. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
