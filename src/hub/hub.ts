/** The hub: accounts that are followed, journalled and handed on. Pure; sockets and files come from outside. */
import type { Journal } from "../journal/journal.ts";
import { UsageError } from "../kernel/errors.ts";
import type { Cancel, Clock, Log } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import type { Acknowledge } from "./account-desk.ts";
import { Consumer, type ConsumerSink, type ConsumerWish, type Outgoing } from "./consumer.ts";
import { HubAccount } from "./hub-account.ts";
import { type HubWatch, UNWATCHED } from "./hub-watch.ts";
import type { MakeUpstream } from "./upstream.ts";

/** Accounts of one hub. */
const ACCOUNTS_MAX = 10_000;

/** Consumers of one hub. */
export const CONSUMERS_MAX = 20_000;

/** How often each consumer is looked after. */
const BEAT_EVERY_MS = 15_000;

/** What a hub needs. */
export interface HubDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** @default "committed" */
  readonly acknowledge?: Acknowledge;
  /** @default nobody */
  readonly watch?: HubWatch;
}

/** A consumer as others may know it. Plain data. */
export interface ConsumerAbout {
  /** How it is connected. */
  readonly over: "websocket" | "events" | "bot";
  /** From where. */
  readonly address: string;
}

/** How a consumer is doing. Plain data. */
export interface ConsumerHealth extends ConsumerAbout {
  /** Since it came. */
  readonly connectedForMs: number;
  readonly policy: ConsumerWish["policy"];
  /** The last record it was given, or that its filter kept from it. */
  readonly cursor: number;
  /** Records that wait for it. */
  readonly lag: number;
  /** How many may wait before its policy decides. */
  readonly queueEntries: number;
  /** Bytes that its socket has not taken yet. */
  readonly unsentBytes: number;
}

/** All accounts of one process. */
export class Hub {
  readonly #deps: HubDeps;
  readonly #accounts = new Map<string, HubAccount>();
  readonly #consumers = new Map<Consumer, Connected>();
  #cancelBeat: Cancel = () => {};
  #isClosed = false;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#beatLater();
  }

  /** Those that are followed, in the order in which they were added. */
  get accounts(): readonly HubAccount[] {
    return [...this.#accounts.values()];
  }

  /** The account; `undefined` when there is none of that name. */
  account(id: string): HubAccount | undefined {
    return this.#accounts.get(id);
  }

  /** Every account is followed, and in sync. */
  get isReady(): boolean {
    return !this.#isClosed && this.accounts.every(({ isReady }) => isReady);
  }

  /** How many consumers are connected. */
  get consumerCount(): number {
    return this.#consumers.size;
  }

  /**
   * Begins to follow an account. Resolves when its journal was read, or could not be, which is tried again.
   * @throws {UsageError} when the name is taken or none, there are too many, or the hub was closed
   */
  async add(id: string, makeUpstream: MakeUpstream): Promise<HubAccount> {
    const { journal, clock, log, acknowledge = "committed", watch = UNWATCHED } = this.#deps;
    if (this.#isClosed) throw new UsageError("add()", "a hub that runs", "a closed one");
    if (!isAccountName(id)) throw new UsageError("account", ACCOUNT_NAME_FORM, id);
    if (this.#accounts.has(id)) throw new UsageError("account", "a name that is not taken", id);
    if (this.#accounts.size >= ACCOUNTS_MAX) throw new UsageError("accounts", `at most ${ACCOUNTS_MAX}`, ACCOUNTS_MAX);
    const account = new HubAccount({ id, journal, clock, log, acknowledge, watch, makeUpstream });
    this.#accounts.set(id, account);
    await account.open();
    return account;
  }

  /**
   * Follows an account another way. Its consumers stay; the moment in between is a gap like any other.
   * @throws {UsageError} when there is no account of this name
   */
  async change(id: string, makeUpstream: MakeUpstream): Promise<void> {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new UsageError("account", "one of this hub", id);
    await account.change(makeUpstream);
  }

  /** Ends following an account; its journal stays. Its consumers are sent away. */
  async remove(id: string): Promise<void> {
    const account = this.#accounts.get(id);
    this.#accounts.delete(id);
    await account?.close("ACCOUNT_REMOVED");
  }

  /** Is there room for one consumer more? */
  get hasRoom(): boolean {
    return this.#consumers.size < CONSUMERS_MAX;
  }

  /** Those of one account, in the order in which they came. */
  consumersOf(id: string): ConsumerHealth[] {
    const now = this.#deps.clock.now();
    const health: ConsumerHealth[] = [];
    for (const [{ cursor, lag }, { account, about, since, wish, sink }] of this.#consumers) {
      if (account !== id) continue;
      const { policy, queueEntries } = wish;
      const { unsentBytes } = sink;
      health.push({ ...about, connectedForMs: now - since, policy, cursor, lag, queueEntries, unsentBytes });
    }
    return health;
  }

  /** Connects a consumer to an account that is open. @throws {UsageError} when it is not */
  connect(account: HubAccount, wish: ConsumerWish, sink: ConsumerSink, about: ConsumerAbout): Consumer {
    const { feed } = account;
    if (feed === undefined) throw new UsageError("account", "one that is open", account.id);
    const consumer: Consumer = new Consumer(feed, this.#deps.journal, wish, {
      send: (outgoing) => {
        const skipped = skippedIn(outgoing);
        if (skipped > 0) this.#deps.watch?.skipped(account.id, skipped);
        sink.send(outgoing);
      },
      get unsentBytes() {
        return sink.unsentBytes;
      },
      beat: () => sink.beat(),
      end: (why) => {
        this.#consumers.delete(consumer);
        const { code, cursor } = why;
        this.#deps.watch?.ended(account.id, code);
        this.#deps.log.info("a consumer was sent away", { account: account.id, ...about, code, cursor });
        sink.end(why);
      },
    });
    const since = this.#deps.clock.now();
    this.#consumers.set(consumer, { account: account.id, about, since, wish, sink });
    return consumer;
  }

  /** The socket of a consumer is gone. */
  disconnected(consumer: Consumer): void {
    this.#consumers.delete(consumer);
    consumer.closed();
  }

  /** A consumer has sent a frame: it is heard, and sent away when there are too many. */
  heard(consumer: Consumer): void {
    consumer.heard(this.#deps.clock.now());
  }

  /** Sends a consumer away that may not be here any more; a good token brings it back to where it was. */
  dismiss(consumer: Consumer): void {
    consumer.feedEnded("STOPPING");
  }

  /** What is kept of an account, read. */
  get journal(): Journal {
    return this.#deps.journal;
  }

  /** Ends everything, in order: no upstream, what was told committed, no consumer. The journal stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelBeat();
    await Promise.all(this.accounts.map((account) => account.close("STOPPING")));
  }

  #beatLater(): void {
    const { clock } = this.#deps;
    this.#cancelBeat = clock.wake(after(clock.now(), BEAT_EVERY_MS), "beat", () => {
      const now = clock.now();
      for (const consumer of this.#consumers.keys()) consumer.beat(now);
      this.#beatLater();
    });
  }
}

interface Connected {
  readonly account: string;
  readonly about: ConsumerAbout;
  readonly since: MonotonicMs;
  readonly wish: ConsumerWish;
  readonly sink: ConsumerSink;
}

/** Characters of the name of an account, or of a bot. */
export const ACCOUNT_NAME_CHARS_MAX = 64;

/** What the name of an account, or of a bot, is made of. */
export const ACCOUNT_NAME_FORM = `1 to ${ACCOUNT_NAME_CHARS_MAX} letters, digits, ., - or _`;

/** Can it stand in a path, a journal and a log? See {@link ACCOUNT_NAME_FORM}. */
export function isAccountName(id: string): boolean {
  return id.length <= ACCOUNT_NAME_CHARS_MAX && /^[\w.-]+$/.test(id);
}

/** Records that a consumer will not get. */
function skippedIn(outgoing: Outgoing): number {
  if (outgoing.is === "dropped") return outgoing.to - outgoing.from + 1;
  return outgoing.is === "snapshot" ? outgoing.skipped : 0;
}
