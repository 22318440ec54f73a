/** Changing a hub while it runs: which accounts it follows, and who may read them. Pure; the command line does it. */
import { UsageError } from "../kernel/errors.ts";

/** What a change has done: names of accounts. All empty when everything was so already. */
export interface Changes {
  readonly added: readonly string[];
  /** Followed another way from now on; their consumers stay, and the moment in between is a gap. */
  readonly changed: readonly string[];
  /** Followed no more; what was journalled stays. */
  readonly removed: readonly string[];
}

/** Whoever can do it. Each call is done when the one before is. */
export interface Administration {
  /** Follows an account. @param wish as in the configuration, parsed @throws {UsageError} when it is not right */
  put(id: string, wish: unknown): Promise<Changes>;
  /** Follows it no more. */
  remove(id: string): Promise<Changes>;
  /** Reads the configuration again. @throws {UsageError} when it is not right; then nothing is changed */
  reload(): Promise<Changes>;
}

/** The body of a request, parsed. @throws {UsageError} when it is no JSON */
export function parsedBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UsageError("body", "JSON", body === "" ? "nothing" : "something else");
  }
}
