/** The hub that serves this page: its accounts, the one that is shown, the token. */
import { computed, type Signal, signal } from "@preact/signals";
import { AccountSession } from "./account-session.ts";
import type { ListedAccount } from "./hub-answers.ts";
import { HubApi, Refusal } from "./hub-api.ts";
import { Polling } from "./polling.ts";

const ACCOUNTS_EVERY_MS = 5_000;

/** What the hub wants before it shows anything: `wrong` after a token it does not know. */
export type TokenWish = "none" | "asked" | "wrong";

/** One hub, one account of it at a time. */
export class HubSession {
  /** Its calls. */
  readonly api = new HubApi();
  /** All that may be seen; `undefined` until the hub has said. */
  readonly accounts: Signal<readonly ListedAccount[] | undefined> = signal(undefined);
  /** The one that is shown. */
  readonly shown: Signal<AccountSession | undefined> = signal(undefined);
  /** Is a token asked for? */
  readonly token: Signal<TokenWish> = signal("none");
  /** What the paper venue calls the account that is shown; `undefined` when it is not on paper. */
  readonly paper = computed(() => this.accounts.value?.find(({ id }) => id === this.shown.value?.id)?.paper);
  readonly #poll = new Polling(ACCOUNTS_EVERY_MS, () => this.#askAccounts());

  /** Begins. */
  start(): void {
    addEventListener("hashchange", () => this.#showNamed());
    this.#poll.start();
  }

  /** Shows another account, and names it in the page's address. */
  choose(id: string): void {
    location.hash = encodeURIComponent(id);
    this.#showNamed();
  }

  /** Tries a token that the person gave. */
  async enter(token: string): Promise<void> {
    this.api.token = token;
    this.shown.value?.stop();
    this.shown.value = undefined;
    try {
      await this.#askAccounts();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.token.value = "wrong";
    }
  }

  async #askAccounts(): Promise<undefined> {
    try {
      const { accounts } = await this.api.get<{ accounts: ListedAccount[] }>("v1/accounts");
      this.token.value = "none";
      this.accounts.value = accounts;
      this.#showNamed();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      if (this.token.value === "none") this.token.value = this.api.token === "" ? "asked" : "wrong";
      throw error;
    }
  }

  #showNamed(): void {
    const accounts = this.accounts.value ?? [];
    const named = location.hash.slice(1);
    const id = (accounts.find((account) => encodeURIComponent(account.id) === named) ?? accounts[0])?.id;
    const shown = this.shown.value;
    if (id === undefined || shown?.id === id) return;
    shown?.stop();
    const session = new AccountSession(this.api, id);
    this.shown.value = session;
    session.start();
  }
}
