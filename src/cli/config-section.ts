/**
 * Reads settings from JSON, field by field; every complaint names the field. Secrets stand elsewhere: see
 * {@link Section.secret}.
 */
import { readFileSync } from "node:fs";
import { UsageError } from "../kernel/errors.ts";

/** The text of a file; `undefined` when it is not there. @throws {UsageError} when it cannot be read */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new UsageError(path, "a file that can be read", code ?? error);
  }
}

/** A name that stands twice in one object, and where; `undefined` when none does. @param text of JSON */
export function repeatedName(text: string): { readonly at: string; readonly name: string } | undefined {
  const open: { readonly at: string; readonly names: Set<string>; last: string }[] = [];
  for (const [token, , name] of text.matchAll(/("(?:[^"\\]|\\.)*")(?:\s*(:))?|[{}[\]]/g)) {
    const inner = open.at(-1);
    if (token === "{" || token === "[") {
      const at = [inner?.at ?? "", inner?.last ?? ""].filter((part) => part !== "").join(".");
      open.push({ at, names: new Set(), last: "" });
    } else if (token === "}" || token === "]") open.pop();
    else if (name !== undefined && inner !== undefined) {
      inner.last = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
      if (inner.names.has(inner.last)) return { at: inner.at, name: inner.last };
      inner.names.add(inner.last);
    }
  }
  return undefined;
}

/** How a secret is named. */
export const SECRET_FORM = '{ "env": "NAME" } or { "file": "PATH" }';

/** The environment of the process, as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a section stands. */
export interface SectionPlace {
  /** The file, or what else was read: for complaints. */
  readonly file: string;
  /** Where in it; empty: the whole. */
  readonly at: string;
  readonly env: Environment;
  /** A secret may stand there itself, as `{ "value": … }`: for what is kept nowhere. */
  readonly takesValues?: boolean;
}

/** One object of the file: what is in it, and what of it was looked at. */
export class Section {
  readonly #place: SectionPlace;
  readonly #found: Readonly<Record<string, unknown>>;
  readonly #seen = new Set<string>();

  /** @throws {UsageError} when it is no object */
  constructor(place: SectionPlace, found: unknown) {
    this.#place = place;
    if (typeof found !== "object" || found === null || Array.isArray(found)) throw this.wrong("", "an object", found);
    this.#found = found as Readonly<Record<string, unknown>>;
  }

  /** What is named in it. */
  get names(): readonly string[] {
    return Object.keys(this.#found);
  }

  /** A complaint about a field; about the whole object when the name is empty. */
  wrong(name: string, expected: string, found: unknown): UsageError {
    const { file, at: here } = this.#place;
    const at = [here, name].filter((part) => part !== "").join(".");
    return new UsageError(at === "" ? file : `${file} ${at}`, expected, found);
  }

  /** Lets somebody else check what stands here. @throws {UsageError} theirs, which names the place now */
  holds(check: () => unknown): void {
    try {
      check();
    } catch (error) {
      const { file, at } = this.#place;
      if (error instanceof UsageError) error.message = `${file} ${at === "" ? "" : `${at}.`}${error.message}`;
      throw error;
    }
  }

  /** What stands there, looked at by nobody yet. */
  peek(name: string): unknown {
    return this.#found[name];
  }

  /** A text that is not empty; `undefined` when it is absent. @throws {UsageError} when it is none */
  text(name: string): string | undefined {
    const found = this.#take(name);
    if (found === undefined || (typeof found === "string" && found !== "")) return found;
    throw this.wrong(name, "a text", found);
  }

  /** A number within bounds. @throws {UsageError} when it is none */
  number(name: string, min: number, max: number, isWhole = false): number | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    const isRight = typeof found === "number" && found >= min && found <= max && (!isWhole || Number.isInteger(found));
    if (!isRight) throw this.wrong(name, `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`, found);
    return found;
  }

  /** One of some words. @throws {UsageError} when it is another */
  oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
    const found = this.#take(name);
    const word = words.find((one) => one === found);
    if (found !== undefined && word === undefined) throw this.wrong(name, words.join(" or "), found);
    return word;
  }

  /** A list of texts; empty when it is absent. @throws {UsageError} when it is none */
  texts(name: string): readonly string[] {
    const found = this.#take(name) ?? [];
    if (Array.isArray(found) && found.every((one) => typeof one === "string" && one !== "")) return found;
    throw this.wrong(name, "a list of texts", found);
  }

  /** An object in this one; `undefined` when it is absent. @throws {UsageError} when it is none */
  section(name: string): Section | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    return new Section(this.#within(name), found);
  }

  /** A list of objects; empty when it is absent. @throws {UsageError} when it is none */
  list(name: string): Section[] {
    const found = this.#take(name) ?? [];
    if (!Array.isArray(found)) throw this.wrong(name, "a list", found);
    return found.map((one, index) => new Section(this.#within(`${name}[${index}]`), one));
  }

  /**
   * What a variable or a file holds. What stands here instead may be the secret itself: it is not shown.
   * @throws {UsageError} when there is none
   */
  secret(name: string): string | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    const named = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
    const { env, file, value: itself } = named;
    if (this.#place.takesValues === true && typeof itself === "string" && itself !== "") return itself;
    if (typeof env === "string") {
      const value = Object.hasOwn(this.#place.env, env) ? this.#place.env[env] : undefined;
      if (value === undefined || value === "") throw this.wrong(name, `the variable ${env} to be set`, "none");
      return value;
    }
    if (typeof file === "string") {
      const value = readText(file)?.trimEnd();
      if (value === undefined || value === "") throw this.wrong(name, `a secret in the file ${file}`, "none");
      return value;
    }
    throw this.wrong(name, SECRET_FORM, "something else");
  }

  /** What nobody asked for was meant for something. @throws {UsageError} when there is any */
  end(): void {
    for (const name of this.names) {
      if (!this.#seen.has(name)) throw this.wrong("", `only ${[...this.#seen].join(", ")}`, name);
    }
  }

  #within(name: string): SectionPlace {
    return { ...this.#place, at: [this.#place.at, name].filter((part) => part !== "").join(".") };
  }

  #take(name: string): unknown {
    this.#seen.add(name);
    return this.#found[name];
  }
}
