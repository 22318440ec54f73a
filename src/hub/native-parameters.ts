/** Query parameters of the native face. Pure. */
import { UsageError } from "../kernel/errors.ts";
import { readForm } from "../protocol/form-text.ts";
import type { RecordFilter } from "./filter.ts";

/** Names in one list of a filter. */
const NAMES_MAX = 500;

/** Characters of one of them. */
const NAME_CHARS_MAX = 128;

/** The caller's mistake. */
export class BadParameter extends UsageError {}

/** What was given, and what of it was looked at. */
export class Parameters {
  readonly #given: ReadonlyMap<string, string>;
  readonly #known = new Set<string>();

  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given;
  }

  /** The text; `undefined` when it was not given. */
  text(name: string): string | undefined {
    this.#known.add(name);
    return this.#given.get(name);
  }

  /** One of some words. @throws {BadParameter} when it is another */
  oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
    const found = this.text(name);
    const word = words.find((one) => one === found);
    if (found !== undefined && word === undefined) throw new BadParameter(name, words.join(", "), found);
    return word;
  }

  /** What nobody asked for was meant for something. @throws {BadParameter} when there is any */
  mustBeAllKnown(): void {
    for (const name of this.#given.keys()) {
      if (!this.#known.has(name)) throw new BadParameter("query", `only ${[...this.#known].join(", ")}`, name);
    }
  }
}

/** Reads a query. @throws {BadParameter} when it is none */
export function readParameters(query: string): Parameters {
  const form = readForm(query);
  if (form.outcome === "malformed") throw new BadParameter("query", "percent-encoded UTF-8", query);
  if (form.outcome === "duplicate") throw new BadParameter("query", "each name once", form.name);
  return new Parameters(form.parameters);
}

/** A whole number within bounds; `undefined` when it was not given. @throws {BadParameter} when it is none */
export function wholeNumber(parameters: Parameters, name: string, min: number, max: number): number | undefined {
  const found = parameters.text(name);
  if (found === undefined) return undefined;
  const value = /^\d{1,16}$/.test(found) ? Number(found) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new BadParameter(name, `a whole number from ${min} to ${max}`, found);
}

/**
 * Where to go on: after `Last-Event-ID`, which a browser sends when it comes back, else after `since`; `undefined` when
 * neither was given.
 * @throws {BadParameter} when it is no cursor
 */
export function sinceOf(parameters: Parameters, lastEventId: string | undefined): number | undefined {
  const since = wholeNumber(parameters, "since", 0, Number.MAX_SAFE_INTEGER);
  if (lastEventId === undefined || lastEventId === "") return since;
  const header = new Parameters(new Map([["Last-Event-ID", lastEventId]]));
  return wholeNumber(header, "Last-Event-ID", 0, Number.MAX_SAFE_INTEGER);
}

/**
 * `events` and `symbols`, names with commas between; `undefined` when neither was given. Symbols may be written in
 * small letters, as in names of market streams.
 * @throws {BadParameter}
 */
export function recordFilter(parameters: Parameters): RecordFilter | undefined {
  const events = names(parameters, "events");
  const symbols = names(parameters, "symbols")?.map((symbol) => symbol.toUpperCase());
  if (events === undefined && symbols === undefined) return undefined;
  return { ...(events === undefined ? {} : { events }), ...(symbols === undefined ? {} : { symbols }) };
}

function names(parameters: Parameters, name: string): readonly string[] | undefined {
  const found = parameters.text(name);
  if (found === undefined) return undefined;
  const list = found.split(",");
  const isRight = list.length <= NAMES_MAX && list.every((one) => one !== "" && one.length <= NAME_CHARS_MAX);
  if (!isRight) throw new BadParameter(name, `1 to ${NAMES_MAX} names with commas between`, found);
  return list;
}
