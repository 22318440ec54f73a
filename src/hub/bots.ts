/**
 * The bots: consumers that speak Binance's protocol, known by the API keys they send. Pure.
 *
 *     a bot of the configuration   an API key of its own, and perhaps what its signatures are checked with
 *     a token of the hub           sent as API key, when its scope is one account
 *     anybody                      while neither bots nor tokens are set up: then only this machine can knock
 *
 * L9: API keys are known by their digests, and compared in the same time whatever they are.
 */
import type { ApiKey, KnownKeys } from "../face/api-keys.ts";
import { UsageError } from "../kernel/errors.ts";
import type { Random } from "../kernel/ports.ts";
import { alphanumerics } from "../kernel/random.ts";
import type { Credential } from "../protocol/signing.ts";
import { type Access, isSameDigest, type Scope } from "./access.ts";

/** What a bot may ask of the exchange: what only reads, or everything. */
export type BotScope = "read" | "trade";

/** What becomes of a bot that cannot keep up. There is no word in its protocol for what was skipped. */
export type BotPolicy = "disconnect" | "drop-oldest";

/** One bot. */
export interface Bot {
  /** Unique in its hub, and no secret: a name, or the beginning of a digest. */
  readonly id: string;
  /** What makes it one: the digest of its API key, the scope of a token, or that nobody is asked for either. */
  readonly origin: string | Scope | "anybody";
  /** The beginning of its API key's digest. */
  readonly by: string;
  /** The account it hears. */
  readonly account: string;
  readonly may: BotScope;
  /**
   * What its signatures are checked with: then the hub signs its calls anew with the account's own key. `undefined`:
   * its key is one of the exchange's, and what it signs is passed on as it is.
   */
  readonly credential: Credential | undefined;
  /** Is its API key one that the exchange knows? */
  readonly isKnownUpstream: boolean;
  readonly policy: BotPolicy;
  /** Events that may wait for each of its sockets. */
  readonly queueEntries: number;
}

/** A bot of the configuration. */
export interface BotSetting extends Omit<Bot, "id" | "origin" | "by" | "isKnownUpstream"> {
  readonly name: string;
  /** 16 to 128 letters, digits, `-` or `_`. */
  readonly apiKey: string;
}

/** Events that may wait for a socket when nothing else is said. */
export const BOT_QUEUE_ENTRIES = 5_000;

/** Bots of the configuration. */
const BOTS_MAX = 10_000;

/** Bots that nobody set up, of a hub without tokens: more API keys are not known. */
const ANYBODY_MAX = 1_000;

/** Shorter API keys of our own could be guessed. */
const API_KEY = /^[A-Za-z0-9_-]{16,128}$/;

/** What to do about two bots with one API key. */
const NO_SHARING = "Invent another one: a bot is known by it.";

/** Of a digest, enough to tell API keys apart. */
const BY_DIGITS = 16;

/** What the bots are made of. */
export interface BotsDeps {
  readonly access: Access;
  /** One that cannot be turned back, always as long. */
  readonly digest: (text: string) => string;
  readonly random: Random;
  /** Names of the accounts that the hub follows at this moment. */
  readonly accounts: () => readonly string[];
}

/** All bots of one hub. */
export class Bots implements KnownKeys {
  readonly #deps: BotsDeps;
  #known: readonly { readonly digest: string; readonly bot: Bot }[] = [];
  readonly #byId = new Map<string, Bot>();
  /** Stands where a secret is asked for and there is none: nothing is ever signed with it. */
  readonly #nobodysSecret: string;
  /** API keys that were looked up in vain. */
  #strangerCount = 0;

  /** @throws {UsageError} when an API key is too short, or that of another bot */
  constructor(settings: readonly BotSetting[], deps: BotsDeps) {
    this.#deps = deps;
    this.#nobodysSecret = alphanumerics(deps.random, 64);
    this.renew(settings);
  }

  /**
   * Other bots are good from now on. One that has its name, its API key and its account as before is the same.
   * @throws {UsageError} when an API key is too short, or that of another bot; then nothing is changed
   */
  renew(settings: readonly BotSetting[]): void {
    if (settings.length > BOTS_MAX) throw new UsageError("bots", `at most ${BOTS_MAX}`, settings.length);
    const known = settings.map(({ name, apiKey, ...setting }) => {
      const at = `bots.${name}.apiKey`;
      if (!API_KEY.test(apiKey)) throw new UsageError(at, "16 to 128 letters, digits, - or _", "something else");
      const digest = this.#deps.digest(apiKey);
      return {
        digest,
        bot: {
          ...setting,
          id: name,
          origin: digest,
          by: digest.slice(0, BY_DIGITS),
          isKnownUpstream: setting.credential === undefined,
        },
      };
    });
    const digests = new Set(known.map(({ digest }) => digest));
    if (digests.size < settings.length)
      throw new UsageError("bots", "an API key for each", "the same one twice", NO_SHARING);
    this.#known = known;
  }

  /** Is the bot that was looked up under this id still one, of the same account, by the same API key? */
  isGood(id: string): boolean {
    const bot = this.#byId.get(id);
    if (bot === undefined) return false;
    const { origin, account } = bot;
    if (origin === "anybody") return !this.isGuarded;
    if (typeof origin === "object") return this.#deps.access.grants(origin);
    return this.#known.some(({ digest, bot: now }) => digest === origin && now.id === id && now.account === account);
  }

  /** Is an API key more than a name? */
  get isGuarded(): boolean {
    return this.#known.length > 0 || this.#deps.access.isGuarded;
  }

  /** API keys that were looked up in vain, ever. */
  get strangerCount(): number {
    return this.#strangerCount;
  }

  /** Whose API key it is; `undefined` when it is nobody's, or does not say which account is meant. */
  bot(apiKey: string): Bot | undefined {
    const bot = this.#lookUp(apiKey);
    if (bot === undefined) this.#strangerCount++;
    else this.#byId.set(bot.id, bot);
    return bot;
  }

  /** A bot that was looked up before. */
  named(id: string): Bot | undefined {
    return this.#byId.get(id);
  }

  /** A bot that was looked up by an earlier hub, by the beginning of its API key's digest; `undefined`: no more. */
  recall(id: string, by: string): Bot | undefined {
    const known = this.#known.find(({ bot }) => bot.id === id);
    const bot = known?.bot ?? this.#unnamed(by, this.#deps.access.scopeOfDigest(by));
    if (bot?.id !== id || bot.by !== by) return undefined;
    this.#byId.set(id, bot);
    return bot;
  }

  /** The key, for the face; its account is the bot's id, since listenKeys are held by bots. */
  find(apiKey: string): ApiKey | undefined {
    const bot = this.bot(apiKey);
    if (bot === undefined) return undefined;
    const { credential = { keyType: "HMAC", secret: this.#nobodysSecret } } = bot;
    return { apiKey, account: bot.id, credential };
  }

  #lookUp(apiKey: string): Bot | undefined {
    const digest = this.#deps.digest(apiKey);
    let found: Bot | undefined;
    for (const known of this.#known) if (isSameDigest(known.digest, digest)) found = known.bot;
    if (found !== undefined) return found;
    return this.#unnamed(digest.slice(0, BY_DIGITS), this.#deps.access.scopeOf(apiKey));
  }

  /** One that is no bot of the configuration. */
  #unnamed(by: string, scope: Scope | undefined): Bot | undefined {
    if (scope === undefined && this.isGuarded) return undefined;
    const readable = scope === undefined || scope.accounts === "all" ? this.#deps.accounts() : scope.accounts;
    const [account] = readable;
    if (account === undefined || readable.length > 1) return undefined;
    const id = `${scope === undefined ? "key" : "token"}:${by}`;
    if (scope === undefined && !this.#byId.has(id) && this.#byId.size >= ANYBODY_MAX) return undefined;
    return {
      id,
      origin: scope ?? "anybody",
      by,
      account,
      // What somebody signs with a key of the exchange goes on as it is: the exchange says what it may do.
      may: scope === undefined ? "trade" : "read",
      credential: undefined,
      isKnownUpstream: scope === undefined,
      policy: "disconnect",
      queueEntries: BOT_QUEUE_ENTRIES,
    };
  }
}
