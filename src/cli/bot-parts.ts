/** The real parts behind the Binance face of a hub: who its bots are, and the ways out to their exchanges. */
import { nodeVerifier } from "../face/io/verifiers.ts";
import type { Access } from "../hub/access.ts";
import { steadyTime } from "../hub/binance-face.ts";
import type { LeaseStore } from "../hub/bot-leases.ts";
import { type BotSetting, Bots } from "../hub/bots.ts";
import type { Exit } from "../hub/exit.ts";
import type { Hub } from "../hub/hub.ts";
import type { BinanceSettings } from "../hub/io/hub-server.ts";
import { tokenDigest } from "../hub/io/token-digest.ts";
import { PassThrough } from "../hub/pass-through.ts";
import { UsageError } from "../kernel/errors.ts";
import { systemClock, systemRandom } from "../kernel/io/system-clock.ts";
import type { Log } from "../kernel/ports.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { budgetFor } from "../rest/io/budgets.ts";
import { hmacSigner, privateKeySigner } from "../rest/io/signers.ts";
import { silenceMs } from "../rest/rest-client.ts";
import { wsDialer } from "../stream/io/ws-dialer.ts";
import { type AccountStreamOptions, readOptions } from "../stream-options.ts";
import type { BotConfig, HubConfig } from "./hub-config.ts";

/** Serves the bots of one hub. */
export class BotParts {
  /** For the server. */
  readonly settings: BinanceSettings;
  readonly #hub: Hub;
  readonly #bots: Bots;
  readonly #calls: PassThrough;
  readonly #exits = new Map<string, Exit>();

  /**
   * @param leases where listenKeys of bots outlive the process
   * @throws {UsageError} when a key of a bot is not what it should be
   */
  constructor(
    { bots, passThrough, accounts: configured }: HubConfig,
    hub: Hub,
    access: Access,
    log: Log,
    leases?: LeaseStore,
  ) {
    this.#hub = hub;
    // What an earlier hub granted is given back before any account is open.
    const accounts = () => (hub.accounts.length === 0 ? [...configured.keys()] : hub.accounts.map(({ id }) => id));
    this.#bots = new Bots(bots.map(botSetting), { access, digest: tokenDigest, random: systemRandom, accounts });
    const parts = { bots: this.#bots, verifier: VERIFIER, clock: systemClock };
    const exits = () => new Map([...this.#exits].filter(([id]) => hub.account(id) !== undefined));
    this.#calls = new PassThrough(passThrough, { ...parts, exits });
    const dialled = { calls: this.#calls, dialer: wsDialer, log };
    const kept = leases === undefined ? {} : { leases };
    this.settings = { ...parts, ...kept, random: systemRandom, time: steadyTime(systemClock), passThrough: dialled };
  }

  /** An account is followed from now on. @param exit by whose key its calls go where; `undefined`: they go nowhere */
  follow(id: string, exit: AccountStreamOptions | undefined): void {
    if (exit === undefined) this.#exits.delete(id);
    else this.#exits.set(id, exitOf(id, exit, this.#hub));
  }

  /** The configuration is another. @throws {UsageError} as the constructor; then nothing is changed */
  renew({ bots, passThrough }: HubConfig): void {
    this.#bots.renew(bots.map(botSetting));
    this.#calls.who = passThrough;
  }
}

const VERIFIER = nodeVerifier();

/** Finds out the kind of a public key. */
function botSetting({ credential, ...bot }: BotConfig): BotSetting {
  if (credential === undefined || "keyType" in credential) return { ...bot, credential };
  const { publicKey } = credential;
  const keyType = VERIFIER.typeOf(publicKey);
  if (keyType !== undefined) return { ...bot, credential: { keyType, publicKey } };
  throw new UsageError(`bots.${bot.name}.publicKey`, "an RSA or Ed25519 public key in PEM", "something else");
}

/** The account's own key and clock, and the one budget of this address. */
function exitOf(id: string, options: AccountStreamOptions, hub: Hub): Exit {
  const { urls, apiKey, credential } = readOptions(options);
  return {
    rest: urls.rest,
    stream: urls.stream,
    wsApi: urls.wsApi,
    apiKey,
    signer: credential === undefined ? undefined : signerOf(credential),
    budget: budgetFor(urls.rest),
    silenceMs,
    time() {
      const offsetMs = hub.account(id)?.health.upstream?.clock?.offsetMs ?? 0;
      return Math.floor(systemClock.wall() + offsetMs) as TransactMs;
    },
  };
}

function signerOf(credential: NonNullable<ReturnType<typeof readOptions>["credential"]>) {
  if ("apiSecret" in credential) return hmacSigner(credential.apiSecret);
  return privateKeySigner(credential.privateKey, credential.passphrase);
}
