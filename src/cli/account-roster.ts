/** Which accounts a hub follows, and how that changes while it runs: by its file, and by whoever may administer it. */
import { isDeepStrictEqual } from "node:util";
import type { Administration, Changes } from "../hub/administration.ts";
import type { Hub } from "../hub/hub.ts";
import type { MakeUpstream } from "../hub/upstream.ts";
import type { AccountConfig, HubConfig } from "./hub-config.ts";

/** What a roster works on. */
export interface RosterDeps {
  readonly hub: Hub;
  /** What follows an account that is configured so. */
  readonly upstreamOf: (id: string, account: AccountConfig) => MakeUpstream;
  /** From now on calls of bots for this account go where it is configured to. */
  readonly callsGo: (id: string, account: AccountConfig) => void;
  /** @throws {UsageError} when this hub cannot follow an account that is configured so */
  readonly check: (id: string, account: AccountConfig) => void;
  /** An account as it was sent. @throws {UsageError} when it is not right */
  readonly parse: (id: string, wish: unknown) => AccountConfig;
  /** The configuration, read anew. @throws {UsageError} when it is not right */
  readonly configuration: () => HubConfig;
  /** Does what a configuration says besides its accounts. @throws {UsageError} when that cannot be */
  readonly apply: (config: HubConfig) => void;
  /** Accounts are others now. */
  readonly changed: () => void;
}

/**
 * The accounts. What is put by hand stays as long as the process does; a configuration that is read again decides about
 * the accounts that it names, or named before.
 */
export class AccountRoster implements Administration {
  readonly #deps: RosterDeps;
  readonly #followed = new Map<string, AccountConfig>();
  #configured: ReadonlySet<string> = new Set();
  #work: Promise<unknown> = Promise.resolve();

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  /** Follows what the first configuration names. */
  begin({ accounts }: HubConfig): Promise<Changes> {
    return this.#next(() => this.#follow(accounts));
  }

  async put(id: string, wish: unknown): Promise<Changes> {
    const account = this.#deps.parse(id, wish);
    return this.#next(async () => changesOf([await this.#set(id, account)]));
  }

  remove(id: string): Promise<Changes> {
    return this.#next(async () => changesOf([await this.#drop(id)]));
  }

  reload(): Promise<Changes> {
    return this.#next(async () => {
      const config = this.#deps.configuration();
      for (const [id, account] of config.accounts) this.#deps.check(id, account);
      this.#deps.apply(config);
      return this.#follow(config.accounts);
    });
  }

  async #follow(accounts: HubConfig["accounts"]): Promise<Changes> {
    const gone = [...this.#configured].filter((id) => !accounts.has(id));
    this.#configured = new Set(accounts.keys());
    const set = [...accounts].map(([id, account]) => this.#set(id, account));
    return changesOf(await Promise.all([...gone.map((id) => this.#drop(id)), ...set]));
  }

  async #set(id: string, account: AccountConfig): Promise<Change> {
    const before = this.#followed.get(id);
    if (isDeepStrictEqual(before, account)) return { id, is: "as-before" };
    const { hub, upstreamOf, callsGo } = this.#deps;
    const makeUpstream = upstreamOf(id, account);
    callsGo(id, account);
    if (before === undefined) await hub.add(id, makeUpstream);
    else await hub.change(id, makeUpstream);
    this.#followed.set(id, account);
    return { id, is: before === undefined ? "added" : "changed" };
  }

  async #drop(id: string): Promise<Change> {
    if (!this.#followed.delete(id)) return { id, is: "as-before" };
    await this.#deps.hub.remove(id);
    return { id, is: "removed" };
  }

  /** One change after the other, whatever became of the one before. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work, work).finally(() => this.#deps.changed());
    this.#work = done;
    return done;
  }
}

interface Change {
  readonly id: string;
  readonly is: "added" | "changed" | "removed" | "as-before";
}

function changesOf(changes: readonly Change[]): Changes {
  const those = (is: Change["is"]) => changes.filter((change) => change.is === is).map(({ id }) => id);
  return { added: those("added"), changed: those("changed"), removed: those("removed") };
}
