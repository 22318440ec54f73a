/**
 * What a hub is told by its file, `listenkey.config.json`: which accounts it follows and who may read them. Secrets
 * stand in variables of the environment or in files of their own, never in it.
 *
 * Every complaint names the field: `listenkey.config.json accounts.main.apiKey: expected …`.
 */
import { readFileSync } from "node:fs";
import { type AccessToken, TOKEN_CHARS_MIN } from "../hub/access.ts";
import type { Acknowledge } from "../hub/account-desk.ts";
import { isAccountName } from "../hub/hub.ts";
import { UsageError } from "../kernel/errors.ts";
import type { AccountStreamOptions, ExchangeUrls } from "../stream-options.ts";

/** The file that is read when no other is named, if it is there. */
export const CONFIG_FILE = "listenkey.config.json";

/** An account, and what follows it. */
export type AccountConfig =
  /** An account of the paper venue in this process: `demo`, or one that was made by `POST /v1/paper/accounts`. */
  | { readonly on: "paper"; readonly apiKey: string; readonly apiSecret: string }
  | { readonly on: "exchange"; readonly options: AccountStreamOptions }
  | { readonly on: "hub"; readonly url: string; readonly account: string; readonly token: string | undefined };

/** What the file says, checked, with every default filled in. */
export interface HubConfig {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly data: string | undefined;
  readonly accounts: ReadonlyMap<string, AccountConfig>;
  readonly tokens: readonly AccessToken[];
  readonly allowedOrigins: readonly string[];
  readonly journal: JournalConfig;
}

/** How the journal is kept. */
export interface JournalConfig {
  readonly acknowledge: Acknowledge;
  readonly durability: "normal" | "full";
  /** `undefined`: for ever. */
  readonly keepDays: number | undefined;
  /** `undefined`: whatever it takes. */
  readonly keepGigabytes: number | undefined;
}

/** The environment of the process, as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The demo account of the paper venue, and nobody who may not read it. */
export function defaultConfig(demo: {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}): HubConfig {
  const { id, apiKey, apiSecret } = demo;
  return {
    host: undefined,
    port: undefined,
    data: undefined,
    accounts: new Map([[id, { on: "paper", apiKey, apiSecret }]]),
    tokens: [],
    allowedOrigins: [],
    journal: { acknowledge: "committed", durability: "normal", keepDays: undefined, keepGigabytes: undefined },
  };
}

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

/**
 * Reads the text of a file.
 * @param path for complaints
 * @throws {UsageError} when something in it is not what it should be
 */
export function parseConfig(path: string, text: string, env: Environment, defaults: HubConfig): HubConfig {
  let wire: unknown;
  try {
    wire = JSON.parse(text);
  } catch (error) {
    throw new UsageError(path, "JSON", (error as Error).message);
  }
  const top = new Section(path, "", wire, env);
  const config: HubConfig = {
    host: top.text("host"),
    port: top.number("port", 0, 65_535, true),
    data: top.text("data"),
    accounts: accountsOf(top.section("accounts")) ?? defaults.accounts,
    tokens: top.list("tokens").map(tokenOf),
    allowedOrigins: top.texts("allowedOrigins"),
    journal: journalOf(top.section("journal"), defaults.journal),
  };
  top.end();
  return config;
}

function journalOf(section: Section | undefined, defaults: JournalConfig): JournalConfig {
  if (section === undefined) return defaults;
  const journal = {
    acknowledge: section.oneOf("acknowledge", ["committed", "received"]) ?? defaults.acknowledge,
    durability: section.oneOf("durability", ["normal", "full"]) ?? defaults.durability,
    keepDays: section.number("keepDays", 0.01, 36_500),
    keepGigabytes: section.number("keepGigabytes", 0.01, 100_000),
  };
  section.end();
  return journal;
}

function accountsOf(section: Section | undefined): ReadonlyMap<string, AccountConfig> | undefined {
  if (section === undefined) return undefined;
  const accounts = new Map<string, AccountConfig>();
  for (const name of section.names) {
    const account = section.section(name);
    if (account === undefined) continue;
    if (!isAccountName(name)) throw section.wrong(name, "a name of 1 to 64 letters, digits, ., - or _", name);
    accounts.set(name, accountOf(name, account));
    account.end();
  }
  if (accounts.size === 0) throw section.wrong("", "at least one account", "none");
  return accounts;
}

function accountOf(name: string, section: Section): AccountConfig {
  const hub = section.text("hub");
  if (hub !== undefined) {
    return { on: "hub", url: hub, account: section.text("account") ?? name, token: section.secret("token") };
  }
  const apiKey = section.secret("apiKey");
  if (apiKey === undefined) throw section.wrong("apiKey", SECRET_FORM, undefined);
  const apiSecret = section.secret("apiSecret");
  if (section.peek("environment") === "paper") {
    section.text("environment");
    if (apiSecret === undefined) throw section.wrong("apiSecret", SECRET_FORM, undefined);
    return { on: "paper", apiKey, apiSecret };
  }
  const options: Record<string, unknown> = {
    account: name,
    apiKey,
    apiSecret,
    privateKey: section.secret("privateKey"),
    passphrase: section.secret("passphrase"),
    environment: environmentOf(section),
    keyService: section.oneOf("keyService", ["rest", "ws-api"]),
    redundancy: section.number("redundancy", 1, 2, true),
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { on: "exchange", options: Object.fromEntries(given) as unknown as AccountStreamOptions };
}

function environmentOf(section: Section): "production" | "demo" | ExchangeUrls | undefined {
  const found = section.peek("environment");
  if (found === undefined || typeof found === "string") return section.oneOf("environment", ["production", "demo"]);
  const urls = section.section("environment");
  const rest = urls?.text("rest");
  const stream = urls?.text("stream");
  if (urls === undefined || rest === undefined || stream === undefined) {
    throw section.wrong("environment", "paper, production, demo or { rest, stream, wsApi }", found);
  }
  const wsApi = urls.text("wsApi");
  urls.end();
  return { rest, stream, ...(wsApi === undefined ? {} : { wsApi }) };
}

function tokenOf(section: Section): AccessToken {
  const token = section.secret("token");
  if (token === undefined) throw section.wrong("token", SECRET_FORM, undefined);
  if (token.length < TOKEN_CHARS_MIN)
    throw section.wrong("token", `at least ${TOKEN_CHARS_MIN} characters`, token.length);
  const accounts = section.peek("accounts") === undefined ? "all" : section.texts("accounts");
  const may = section.oneOf("may", ["read", "administer"]) ?? "read";
  section.end();
  return { token, accounts, may };
}

const SECRET_FORM = '{ "env": "NAME" } or { "file": "PATH" }';

/** One object of the file: what is in it, and what of it was looked at. */
class Section {
  readonly #file: string;
  readonly #at: string;
  readonly #found: Readonly<Record<string, unknown>>;
  readonly #env: Environment;
  readonly #seen = new Set<string>();

  constructor(file: string, at: string, found: unknown, env: Environment) {
    this.#file = file;
    this.#at = at;
    this.#env = env;
    if (typeof found !== "object" || found === null || Array.isArray(found)) throw this.wrong("", "an object", found);
    this.#found = found as Readonly<Record<string, unknown>>;
  }

  get names(): readonly string[] {
    return Object.keys(this.#found);
  }

  /** A complaint about a field; about the whole object when the name is empty. */
  wrong(name: string, expected: string, found: unknown): UsageError {
    const at = [this.#at, name].filter((part) => part !== "").join(".");
    return new UsageError(at === "" ? this.#file : `${this.#file} ${at}`, expected, found);
  }

  peek(name: string): unknown {
    return this.#found[name];
  }

  text(name: string): string | undefined {
    const found = this.#take(name);
    if (found === undefined || (typeof found === "string" && found !== "")) return found;
    throw this.wrong(name, "a text", found);
  }

  number(name: string, min: number, max: number, isWhole = false): number | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    const isRight = typeof found === "number" && found >= min && found <= max && (!isWhole || Number.isInteger(found));
    if (!isRight) throw this.wrong(name, `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`, found);
    return found;
  }

  oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
    const found = this.#take(name);
    const word = words.find((one) => one === found);
    if (found !== undefined && word === undefined) throw this.wrong(name, words.join(" or "), found);
    return word;
  }

  texts(name: string): readonly string[] {
    const found = this.#take(name) ?? [];
    if (Array.isArray(found) && found.every((one) => typeof one === "string" && one !== "")) return found;
    throw this.wrong(name, "a list of texts", found);
  }

  section(name: string): Section | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    return new Section(this.#file, [this.#at, name].filter((part) => part !== "").join("."), found, this.#env);
  }

  list(name: string): Section[] {
    const found = this.#take(name) ?? [];
    if (!Array.isArray(found)) throw this.wrong(name, "a list", found);
    const at = [this.#at, name].filter((part) => part !== "").join(".");
    return found.map((one, index) => new Section(this.#file, `${at}[${index}]`, one, this.#env));
  }

  /** What a variable or a file holds. What stands here instead may be the secret itself: it is not shown. */
  secret(name: string): string | undefined {
    const found = this.#take(name);
    if (found === undefined) return undefined;
    const { env, file } = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
    if (typeof env === "string") {
      const value = this.#env[env];
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

  /** What nobody asked for was meant for something. */
  end(): void {
    for (const name of this.names) {
      if (!this.#seen.has(name)) throw this.wrong("", `only ${[...this.#seen].join(", ")}`, name);
    }
  }

  #take(name: string): unknown {
    this.#seen.add(name);
    return this.#found[name];
  }
}
