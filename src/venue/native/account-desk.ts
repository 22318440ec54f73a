/** Opens accounts and makes their API keys. Pure. */
import { fixed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/ports.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { Credential, Verifier } from "../../protocol/signing.ts";
import type { VenueParts } from "../keeping/recording.ts";
import type { AccountWish, MadeKey } from "./native-calls.ts";
import { makeSecret } from "./secrets.ts";

/** What the desk works with. */
export interface AccountDeskParts extends Pick<VenueParts, "exchange" | "keys" | "transfers"> {
  /** Makes keys and secrets. */
  readonly random: Random;
  readonly verifier: Verifier;
}

/** Where accounts are opened. Each may have several keys. */
export class AccountDesk {
  readonly #parts: AccountDeskParts;

  constructor(parts: AccountDeskParts) {
    this.#parts = parts;
  }

  /** An account of the wished name, or that with a number when it is taken. @throws {UsageError} */
  create({ name = "account", balances, publicKey }: AccountWish, now: TransactMs): MadeKey {
    const credential = this.#credential(publicKey);
    const base = name.replace(/[^A-Za-z0-9._-]+/g, "-");
    let id = base;
    for (let n = 2; this.#parts.exchange.hasAccount(id); n++) id = `${base}-${n}`;
    this.open(id, balances ?? {}, now);
    return this.#register(id, credential);
  }

  /** One more key. @throws {UsageError} when the text is no public key */
  addKey(account: string, publicKey: string | undefined): MadeKey {
    return this.#register(account, this.#credential(publicKey));
  }

  /** An account without keys. @throws {UsageError} */
  open(id: string, balances: Readonly<Record<string, string>>, now: TransactMs): void {
    const { exchange, transfers } = this.#parts;
    exchange.createAccount({ id, balances }, now);
    for (const [asset, amount] of Object.entries(balances)) {
      const deposited = fixed(amount);
      if (deposited !== 0n) transfers.record(id, asset, deposited, now);
    }
  }

  #credential(publicKey: string | undefined): Credential {
    const { random, verifier } = this.#parts;
    if (publicKey === undefined) return { keyType: "HMAC", secret: makeSecret(random) };
    const keyType = verifier.typeOf(publicKey);
    if (keyType !== undefined) return { keyType, publicKey };
    const remedy = "Send the public half, from -----BEGIN PUBLIC KEY----- on. The private key stays with you.";
    throw new UsageError("body.publicKey", "an RSA or Ed25519 public key in PEM", "other text", remedy);
  }

  #register(account: string, credential: Credential): MadeKey {
    const apiKey = makeSecret(this.#parts.random);
    this.#parts.keys.add({ apiKey, account, credential });
    return { id: account, apiKey, ...(credential.keyType === "HMAC" ? { apiSecret: credential.secret } : {}) };
  }
}
