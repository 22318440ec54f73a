/**
 * Parameters of calls: each is text on the wire, whatever it means. One row per parameter says how its text is read and
 * written, and whether a call can do without it. Pure.
 */
import type { Id64 } from "../../kernel/scalars.ts";

/** How the text of one parameter is read and written. */
export interface ParameterForm<T> {
  /** What it is, as a noun phrase. */
  readonly expected: string;
  /** The value, or `undefined` when the text is malformed. */
  read(text: string): T | undefined;
  /** The text, before percent-encoding. */
  write(value: T): string;
}

/** One parameter of a call. */
export interface Parameter<T, Required extends boolean = boolean> extends ParameterForm<T> {
  readonly required: Required;
}

/** The parameters of a call: name → row. `timestamp`, `recvWindow` and `signature` are not among them. */
export type ParameterRows = { readonly [name: string]: Parameter<never> | Parameter<unknown> };

type RequiredNames<P> = { [K in keyof P]: P[K] extends { required: true } ? K : never }[keyof P];
type Meant<P> = P extends ParameterForm<infer T> ? T : never;

/** The values of a call's parameters: the required ones, and those others that were sent. */
export type ParameterValues<P> = { readonly [K in RequiredNames<P> & keyof P]: Meant<P[K]> } & {
  readonly [K in Exclude<keyof P, RequiredNames<P>>]?: Meant<P[K]> | undefined;
};

/** A parameter the call cannot do without: missing or malformed it gives `-1102`. */
export function required<T>(form: ParameterForm<T>): Parameter<T, true> {
  return { ...form, required: true };
}

/** A parameter that may be left out: malformed it gives `-1130`. */
export function optional<T>(form: ParameterForm<T>): Parameter<T, false> {
  return { ...form, required: false };
}

/** Any text, as sent. Used as well for what the exchange itself judges, digit by digit: sides, types, prices. */
export const text: ParameterForm<string> = {
  expected: "text",
  read: (value) => value,
  write: (value) => value,
};

/** A whole number within bounds; both included. Digits only. */
export function wholeNumber(least = 0, most = Number.MAX_SAFE_INTEGER): ParameterForm<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read(value) {
      if (!/^\d{1,16}$/.test(value)) return undefined;
      const number = Number(value);
      return number >= least && number <= most ? number : undefined;
    },
    write: String,
  };
}

/** A 64-bit id. */
export const id: ParameterForm<Id64> = {
  expected: "an integer id",
  read: (value) => (/^\d{1,20}$/.test(value) ? (value as Id64) : undefined),
  write: (value) => value,
};

/** A point in time, in milliseconds. */
export const milliseconds: ParameterForm<number> = { ...wholeNumber(), expected: "a time in milliseconds" };

/** `true` or `false`, in any case. */
export const truth: ParameterForm<boolean> = {
  expected: "true or false",
  read(value) {
    const lower = value.toLowerCase();
    return lower === "true" ? true : lower === "false" ? false : undefined;
  },
  write: String,
};

/** One of these numbers. */
export function oneOfNumbers(...values: readonly number[]): ParameterForm<number> {
  return {
    expected: `one of ${values.join(", ")}`,
    read: (value) => values.find((one) => String(one) === value),
    write: String,
  };
}
