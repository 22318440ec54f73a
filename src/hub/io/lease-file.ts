/**
 * Keeps the listenKeys of bots in a file that only its owner may read. It is replaced whole, so that a death in between
 * leaves the one before.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../kernel/ports.ts";
import type { BotLease, LeaseStore } from "../bot-leases.ts";

const FILE = "bot-keys.json";

/** Read and written by its owner, and by nobody else. */
const OWNER_ONLY = 0o600;

/** Leases in a folder. */
export class LeaseFile implements LeaseStore {
  readonly #path: string;
  readonly #log: Log;

  /** @param folder one that is there */
  constructor(folder: string, log: Log) {
    this.#path = join(folder, FILE);
    this.#log = log;
  }

  load(): readonly BotLease[] {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") this.#log.warn("the listenKeys of bots cannot be read: they ask for new ones", { code });
      return [];
    }
    const leases = parsed(text);
    if (leases === undefined) this.#log.warn("the listenKeys of bots are damaged: they ask for new ones");
    return leases ?? [];
  }

  save(leases: readonly BotLease[]): void {
    const next = `${this.#path}.next`;
    try {
      writeFileSync(next, JSON.stringify({ leases }), { mode: OWNER_ONLY });
      renameSync(next, this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#log.warn("the listenKeys of bots cannot be kept: a restart would forget them", { code });
    }
  }
}

function parsed(text: string): readonly BotLease[] | undefined {
  try {
    const { leases } = JSON.parse(text) as { leases?: unknown };
    return Array.isArray(leases) && leases.every(isLease) ? leases : undefined;
  } catch {
    return undefined;
  }
}

function isLease(value: unknown): value is BotLease {
  const { bot, account, by, key, expiresAt } = (value ?? {}) as Partial<Record<keyof BotLease, unknown>>;
  return [bot, account, by, key].every((one) => typeof one === "string") && Number.isSafeInteger(expiresAt);
}
