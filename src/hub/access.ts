/**
 * Who may call the hub, and what for. Pure: digests and time come from outside.
 *
 * Rules kept here
 * - L9: tokens are known by their digests only. A digest is compared in the same time whatever it is compared with, and
 *   with every token there is.
 * - Whoever guesses is told to wait. A right token is let in all the same: one consumer with a wrong one must not lock
 *   out its neighbours, and tokens are too long to be guessed.
 */
import { UsageError } from "../kernel/errors.ts";
import type { Clock, Log } from "../kernel/ports.ts";
import { Attempts } from "./attempts.ts";

/** Shorter tokens are refused: they could be guessed. */
export const TOKEN_CHARS_MIN = 16;

/** Visible ASCII characters, and no blanks? */
export function isTokenText(token: string): boolean {
  return /^[!-~]+$/.test(token);
}

/** What a token is good for. */
export interface Scope {
  /** Names of accounts; `all` of them. */
  readonly accounts: readonly string[] | "all";
  readonly may: "read" | "administer";
}

/** One token. */
export interface AccessToken extends Scope {
  /** The token itself, at least {@link TOKEN_CHARS_MIN} visible ASCII characters. */
  readonly token: string;
}

/** What becomes of a caller at the door. */
export type Entrance =
  | { readonly outcome: "granted"; readonly scope: Scope }
  | { readonly outcome: "refused"; readonly status: 401 | 429; readonly error: UsageError; readonly waitMs?: number };

/** Without tokens everybody who can knock may do everything: then only this machine can knock. */
const EVERYTHING: Scope = { accounts: "all", may: "administer" };

/** The door. */
export class Access {
  /** Wrong tokens, by address. */
  readonly attempts: Attempts;
  readonly #digest: (text: string) => string;
  #tokens: readonly KnownToken[] = [];

  /**
   * @param digest one that cannot be turned back, such as SHA-256, always as long
   * @param log hears of addresses that guess; nobody does when absent
   * @throws {UsageError} when a token is too short, or none
   */
  constructor(
    tokens: readonly AccessToken[],
    digest: (text: string) => string,
    clock: Pick<Clock, "now">,
    log?: Pick<Log, "warn">,
  ) {
    this.#digest = digest;
    this.attempts = new Attempts(clock, log);
    this.renew(tokens);
  }

  /**
   * Other tokens are good from now on. A scope that one of them still gives is the same object as before.
   * @throws {UsageError} when a token is too short, or none; then nothing is changed
   */
  renew(tokens: readonly AccessToken[]): void {
    const before = this.#tokens;
    this.#tokens = tokens.map(({ token, accounts, may }) => {
      const expected = `a token of ${TOKEN_CHARS_MIN} characters or more, without blanks`;
      if (!isTokenText(token)) throw new UsageError("token", expected, "one with blanks, or none");
      if (token.length < TOKEN_CHARS_MIN) throw new UsageError("token", expected, `one of ${token.length}`);
      const digest = this.#digest(token);
      const kept = before.find((known) => known.digest === digest && isSameScope(known.scope, { accounts, may }));
      return kept ?? { digest, scope: { accounts, may } };
    });
  }

  /** Is what was granted once still granted? */
  grants(scope: Scope): boolean {
    return this.isGuarded ? this.#tokens.some((known) => known.scope === scope) : scope === EVERYTHING;
  }

  /** Is a token asked for? */
  get isGuarded(): boolean {
    return this.#tokens.length > 0;
  }

  /** Lets somebody in, or not. @param authorization the header; `undefined`: none */
  enter(authorization: string | undefined, address: string): Entrance {
    if (!this.isGuarded) return { outcome: "granted", scope: EVERYTHING };
    const [, token = ""] = /^Bearer +([!-~]+) *$/i.exec(authorization ?? "") ?? [];
    const scope = token === "" ? undefined : this.scopeOf(token);
    if (scope !== undefined) return { outcome: "granted", scope };
    const expected = "a token of this hub, as Authorization: Bearer TOKEN";
    const found = token === "" ? "none" : "a token that is not known";
    const error = new UsageError("Authorization", expected, found, "Ask whoever runs the hub for one.");
    const waitMs = token === "" ? undefined : this.attempts.failed(address);
    return waitMs === undefined
      ? { outcome: "refused", status: 401, error }
      : { outcome: "refused", status: 429, error, waitMs };
  }

  /** What the token is good for whose digest begins so; `undefined` when it is none of ours. */
  scopeOfDigest(beginning: string): Scope | undefined {
    return this.#tokens.find(({ digest }) => digest.startsWith(beginning))?.scope;
  }

  /** What a token is good for; `undefined` when it is none of ours. */
  scopeOf(token: string): Scope | undefined {
    const digest = this.#digest(token);
    let found: Scope | undefined;
    for (const known of this.#tokens) if (isSameDigest(known.digest, digest)) found = known.scope;
    return found;
  }
}

interface KnownToken {
  readonly digest: string;
  readonly scope: Scope;
}

function isSameScope(a: Scope, b: Scope): boolean {
  return a.may === b.may && String(a.accounts) === String(b.accounts);
}

/** May an account be read in this scope? */
export function mayRead({ accounts }: Scope, account: string): boolean {
  return accounts === "all" || accounts.includes(account);
}

/** Are two digests the same? Takes as long whatever the two are; they are equally long. */
export function isSameDigest(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
