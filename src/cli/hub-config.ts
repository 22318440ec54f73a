/**
 * What a hub is told by its file, `listenkey.config.json`: which accounts it follows and who may read them. Secrets
 * stand in variables of the environment or in files of their own, never in it.
 *
 * Every complaint names the field: `listenkey.config.json accounts.main.apiKey: expected …`.
 */
import { type AccessToken, isTokenText, TOKEN_CHARS_MIN } from "../hub/access.ts";
import type { Acknowledge } from "../hub/account-desk.ts";
import { BOT_QUEUE_ENTRIES, type BotSetting } from "../hub/bots.ts";
import { ACCOUNT_NAME_FORM, isAccountName } from "../hub/hub.ts";
import type { TlsFiles } from "../hub/io/hub-server.ts";
import type { PassThroughWho } from "../hub/pass-through.ts";
import { REQUESTS_PER_SECOND } from "../hub/request-rate.ts";
import { HUB_URL_FORM, isHubUrl } from "../hub-client.ts";
import { UsageError } from "../kernel/errors.ts";
import type { Credential } from "../protocol/signing.ts";
import { type AccountStreamOptions, type ExchangeUrls, readOptions } from "../stream-options.ts";
import { type Environment, readText, repeatedName, SECRET_FORM, Section } from "./config-section.ts";

/** The file that is read when no other is named, if it is there. */
export const CONFIG_FILE = "listenkey.config.json";

/** An account, and what follows it. */
export type AccountConfig =
  /** An account of the paper venue in this process: `demo`, or one that was made by `POST /v1/paper/accounts`. */
  | { readonly on: "paper"; readonly apiKey: string; readonly apiSecret: string }
  | { readonly on: "exchange"; readonly options: AccountStreamOptions }
  | {
      readonly on: "hub";
      readonly url: string;
      readonly account: string;
      readonly token: string | undefined;
      /** A bot of that hub, by whose key calls are passed on; `undefined`: none are. */
      readonly calls: AccountStreamOptions | undefined;
    };

/** What the file says, checked, with every default filled in. */
export interface HubConfig {
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Where bots are served when an account is on paper, for then {@link port} is the paper venue's. */
  readonly botsPort: number | undefined;
  readonly data: string | undefined;
  readonly accounts: ReadonlyMap<string, AccountConfig>;
  readonly tokens: readonly AccessToken[];
  readonly bots: readonly BotConfig[];
  /** Whose other calls are passed on to the exchange. */
  readonly passThrough: PassThroughWho;
  readonly allowedOrigins: readonly string[];
  readonly journal: JournalConfig;
  /** Of one address. */
  readonly requestsPerSecond: number;
  /** A certificate and its key, in PEM; `undefined`: no TLS. */
  readonly tls: TlsFiles | undefined;
}

/** A bot, and what its signatures are checked with: a secret, or a public key whose kind is not looked at yet. */
export interface BotConfig extends Omit<BotSetting, "credential"> {
  readonly credential: Extract<Credential, { keyType: "HMAC" }> | { readonly publicKey: string } | undefined;
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

/** What a hub does without a file: it follows the demo account of the paper venue, for everybody on this machine. */
export function defaultConfig(demo: {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}): HubConfig {
  const { id, apiKey, apiSecret } = demo;
  return {
    host: undefined,
    port: undefined,
    botsPort: undefined,
    data: undefined,
    accounts: new Map([[id, { on: "paper", apiKey, apiSecret }]]),
    tokens: [],
    bots: [],
    passThrough: "everybody",
    allowedOrigins: [],
    requestsPerSecond: REQUESTS_PER_SECOND,
    tls: undefined,
    journal: { acknowledge: "committed", durability: "normal", keepDays: undefined, keepGigabytes: undefined },
  };
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
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw new UsageError(`${path} ${repeated.at}`.trimEnd(), "each name once", repeated.name);
  const top = new Section({ file: path, at: "", env }, wire);
  const config: HubConfig = {
    host: top.text("host"),
    port: top.number("port", 0, 65_535, true),
    botsPort: defaults.botsPort ?? top.number("botsPort", 0, 65_535, true),
    data: top.text("data"),
    accounts: accountsOf(top.section("accounts")) ?? defaults.accounts,
    tokens: tokensOf(top.list("tokens")),
    bots: [],
    passThrough: top.oneOf("passThrough", ["off", "bots", "everybody"]) ?? "off",
    allowedOrigins: top.texts("allowedOrigins"),
    journal: journalOf(top.section("journal"), defaults.journal),
    requestsPerSecond: top.number("requestsPerSecond", 1, 1_000_000) ?? defaults.requestsPerSecond,
    tls: tlsOf(top.section("tls")),
  };
  const bots = botsOf(top.section("bots"), config.accounts);
  top.end();
  mustHaveAPort(path, bots, config);
  return { ...config, bots };
}

/**
 * Reads one account, as it may be sent to a hub that runs.
 * @param env where the secrets are that it names
 * @throws {UsageError} when something in it is not what it should be
 */
export function parseAccount(name: string, wire: unknown, env: Environment): AccountConfig {
  const section = new Section({ file: "body", at: "", env, takesValues: true }, wire);
  const account = accountOf(name, section);
  section.end();
  return account;
}

function tlsOf(section: Section | undefined): TlsFiles | undefined {
  if (section === undefined) return undefined;
  const [cert, key] = (["cert", "key"] as const).map((name) => {
    const path = section.text(name);
    const text = path === undefined ? undefined : readText(path);
    if (text === undefined) throw section.wrong(name, "the path of a file in PEM", path);
    return text;
  });
  section.end();
  return { cert: cert ?? "", key: key ?? "" };
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
    if (!isAccountName(name)) throw section.wrong(name, `a name of ${ACCOUNT_NAME_FORM}`, name);
    accounts.set(name, accountOf(name, account));
    account.end();
  }
  if (accounts.size === 0) throw section.wrong("", "at least one account", "none");
  return accounts;
}

function accountOf(name: string, section: Section): AccountConfig {
  const hub = section.text("hub");
  if (hub !== undefined) {
    if (!isHubUrl(hub)) throw section.wrong("hub", HUB_URL_FORM, hub);
    const account = section.text("account") ?? name;
    return { on: "hub", url: hub, account, token: section.secret("token"), calls: callsBy(hub, section) };
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
    timing: timingOf(section.section("timing")),
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const checked = Object.fromEntries(given) as unknown as AccountStreamOptions;
  section.holds(() => readOptions(checked));
  return { on: "exchange", options: checked };
}

/** As whom calls are passed on to another hub: a bot of that hub. */
function callsBy(hub: string, section: Section): AccountStreamOptions | undefined {
  const apiKey = section.secret("apiKey");
  const apiSecret = section.secret("apiSecret");
  const privateKey = section.secret("privateKey");
  const passphrase = section.secret("passphrase");
  if (apiKey === undefined) return undefined;
  const stream = hub.replace(/^http/, "ws");
  const environment = { rest: hub, stream, wsApi: `${stream}/ws-fapi/v1` };
  const given = Object.entries({ apiKey, apiSecret, privateKey, passphrase, environment });
  const checked = Object.fromEntries(
    given.filter(([, value]) => value !== undefined),
  ) as unknown as AccountStreamOptions;
  section.holds(() => readOptions(checked));
  return checked;
}

/** Waits of the SDK, by name, in milliseconds. Which there are, and their bounds, the SDK says. */
function timingOf(section: Section | undefined): Readonly<Record<string, number>> | undefined {
  if (section === undefined) return undefined;
  return Object.fromEntries(section.names.map((name) => [name, section.number(name, 0, Number.MAX_SAFE_INTEGER) ?? 0]));
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

function tokensOf(sections: readonly Section[]): AccessToken[] {
  const tokens: AccessToken[] = [];
  for (const section of sections) {
    const one = tokenOf(section);
    const isThere = tokens.some(({ token }) => token === one.token);
    if (isThere) throw section.wrong("token", "each token once", "one that stands above");
    tokens.push(one);
  }
  return tokens;
}

function tokenOf(section: Section): AccessToken {
  const token = section.secret("token");
  if (token === undefined) throw section.wrong("token", SECRET_FORM, undefined);
  if (token.length < TOKEN_CHARS_MIN)
    throw section.wrong("token", `at least ${TOKEN_CHARS_MIN} characters`, token.length);
  if (!isTokenText(token)) throw section.wrong("token", "visible ASCII characters, without blanks", "others");
  const accounts = section.peek("accounts") === undefined ? "all" : section.texts("accounts");
  const may = section.oneOf("may", ["read", "administer"]) ?? "read";
  section.end();
  return { token, accounts, may };
}

function botsOf(section: Section | undefined, accounts: ReadonlyMap<string, AccountConfig>): readonly BotConfig[] {
  return (section?.names ?? []).flatMap((name) => {
    const bot = section?.section(name);
    if (section === undefined || bot === undefined) return [];
    if (!isAccountName(name)) throw section.wrong(name, `a name of ${ACCOUNT_NAME_FORM}`, name);
    const setting = botOf(name, bot);
    if (!accounts.has(setting.account)) {
      throw bot.wrong("account", `one of ${[...accounts.keys()].join(", ")}`, setting.account);
    }
    bot.end();
    return [setting];
  });
}

function botOf(name: string, section: Section): BotConfig {
  const account = section.text("account");
  const apiKey = section.secret("apiKey");
  if (account === undefined) throw section.wrong("account", "the name of an account", undefined);
  if (apiKey === undefined) throw section.wrong("apiKey", SECRET_FORM, undefined);
  const secret = section.secret("apiSecret");
  const publicKey = section.secret("publicKey");
  if (secret !== undefined && publicKey !== undefined) {
    throw section.wrong("publicKey", "an apiSecret or a publicKey", "both");
  }
  const signing = publicKey === undefined ? undefined : { publicKey };
  return {
    name,
    account,
    apiKey,
    may: section.oneOf("may", ["read", "trade"]) ?? "read",
    credential: secret === undefined ? signing : { keyType: "HMAC", secret },
    policy: section.oneOf("policy", ["disconnect", "drop-oldest"]) ?? "disconnect",
    queueEntries: section.number("queue", 1, 10_000, true) ?? BOT_QUEUE_ENTRIES,
  };
}

/** With an account on paper the port is the paper venue's, and without one bots are on the hub's. */
function mustHaveAPort(
  path: string,
  bots: readonly BotConfig[],
  { accounts, botsPort }: Pick<HubConfig, "accounts" | "botsPort">,
): void {
  const isOnPaper = [...accounts.values()].some(({ on }) => on === "paper");
  if (!isOnPaper && botsPort !== undefined) {
    const remedy = "Leave it out: bots are served on the hub's own port.";
    throw new UsageError(`${path} botsPort`, "none without an account on paper", botsPort, remedy);
  }
  if (!isOnPaper || botsPort !== undefined || bots.length === 0) return;
  const names = bots.map(({ name }) => name).join(", ");
  const remedy = "An account on paper gives the port to the paper venue, which answers /fapi and /ws itself.";
  throw new UsageError(`${path} bots`, "botsPort as well, beside an account on paper", names, remedy);
}
