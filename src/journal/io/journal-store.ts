/**
 * The journal in SQLite. Entries go through a queue to the writer's thread, and are answered for when they are
 * committed; what is read is read here, from a connection of its own that can change nothing.
 *
 * Rules kept here
 * - One process writes a folder at a time, and in it one thread. Anybody may read.
 * - While a group is being committed the next one gathers with the writer: the more comes, the larger the groups.
 * - Nothing is read here that was not answered for, even when the file has it already.
 */
import { StorageError, UsageError } from "../../kernel/errors.ts";
import type { Cancel, Clock, Log } from "../../kernel/ports.ts";
import { after, type WallMs } from "../../kernel/scalars.ts";
import type { OpenDatabase, SqlDatabase } from "../../kernel/sql-database.ts";
import { AppendQueue } from "../append-queue.ts";
import { snapshotDigestText } from "../digests.ts";
import {
  hasEntries,
  type JournalEntry,
  labelled,
  mustBeBeginning,
  mustBeEntry,
  mustBeSnapshot,
  type Snapshot,
} from "../entry.ts";
import { EntryReader } from "../entry-reader.ts";
import { readHeads } from "../entry-writer.ts";
import type { Journal, JournalReader, JournalState, ReadRequest } from "../journal.ts";
import type { Retention } from "../retention.ts";
import { openFolder, openForReading, pathsIn } from "./journal-folder.ts";
import { retain } from "./retaining.ts";
import { sha256 } from "./sha256.ts";
import { WriterClient } from "./writer-client.ts";
import { type Durability, pack, storageError, type WriterReply } from "./writer-messages.ts";

/** From the end of one look at what is too old or too much to the next. */
const RETAIN_EVERY_MS = 60_000;

/** How a journal is kept. */
export interface JournalSettings {
  readonly openDatabase: OpenDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Of listenkey; told by a journal that is begun now. */
  readonly version: string;
  readonly durability: Durability;
  readonly retention: Retention;
  /**
   * The tables may take no more: appends are refused until retention has made room. In bytes; unlimited when absent.
   * For disks that others need, too.
   */
  readonly fileBytesMax?: number;
}

/** A journal that is kept in a folder. */
export interface JournalStore extends Journal {
  /** Removes what retention does not want any more; also done every minute. Resolves when that is done or failed. */
  retain(): Promise<void>;
}

/**
 * Opens the journal of a folder, or begins one.
 * @throws {UsageError} when another process writes there, it is no journal, or one of a newer version
 * @throws {StorageError} when it cannot be read, or less is there than was answered for
 */
export async function openJournal(folder: string, settings: JournalSettings): Promise<JournalStore> {
  const { openDatabase, clock, version, durability, fileBytesMax } = settings;
  const { database, unlock } = await openFolder(folder, openDatabase, { createdAt: clock.wall(), version });
  const heads = readHeads(database);
  const writer = new WriterClient({ ...pathsIn(folder), durability, fileBytesMax, heads });
  const queue = new AppendQueue(pathsIn(folder).path, new Map([...heads].map(([account, { seq }]) => [account, seq])));
  return new SqliteJournal({ database, unlock, writer, queue, settings });
}

/** A journal for those who only read, in this process or another. */
export interface ReadOnlyJournal extends JournalReader {
  close(): void;
}

/**
 * Opens the journal of a folder to read it, whoever writes it meanwhile.
 * @throws {UsageError} when there is none, or one of another version
 * @throws {StorageError} when it cannot be read
 */
export async function openJournalReader(folder: string, openDatabase: OpenDatabase): Promise<ReadOnlyJournal> {
  const { database } = await openForReading(folder, openDatabase);
  return { ...readerOf(new EntryReader(database)), close: () => database.close() };
}

function readerOf(reader: EntryReader): JournalReader {
  return {
    accounts: async () => reader.accounts(),
    extent: async (account) => reader.extent(account),
    read: async (request) => reader.read(request),
    async snapshot(account) {
      for (const { digest, before, ...snapshot } of reader.snapshots(account)) {
        if (sha256(snapshotDigestText(before, snapshot)) === digest) return snapshot;
      }
      return undefined;
    },
  };
}

interface Parts {
  readonly database: SqlDatabase;
  readonly unlock: () => void;
  readonly writer: WriterClient;
  readonly queue: AppendQueue;
  readonly settings: JournalSettings;
}

class SqliteJournal implements JournalStore {
  readonly accounts: JournalReader["accounts"];
  readonly extent: JournalReader["extent"];
  readonly read: (request: ReadRequest) => ReturnType<JournalReader["read"]>;
  readonly snapshot: JournalReader["snapshot"];
  readonly #parts: Parts;
  readonly #reader: EntryReader;
  readonly #listeners = new Set<(state: JournalState) => void>();
  #state: JournalState = { phase: "accepting" };
  #isGathering = false;
  /** Counts the failures: what was handed over before the last one was rejected with it. */
  #turn = 0;
  #closing: Promise<void> | undefined;
  #cancelRetaining: Cancel = () => {};
  #retaining: Promise<void> | undefined;
  /** What the wall clock showed when the other one began. */
  readonly #begunAt: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock } = parts.settings;
    this.#begunAt = clock.wall() - clock.now();
    const { database, queue } = parts;
    this.#reader = new EntryReader(database, (account) => queue.committed(account));
    ({
      accounts: this.accounts,
      extent: this.extent,
      read: this.read,
      snapshot: this.snapshot,
    } = readerOf(this.#reader));
    this.#retainLater();
  }

  get state(): JournalState {
    return this.#state;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    this.#mustBeOpen();
    for (const entry of entries) mustBeEntry(entry);
    await this.#enqueue(entries.map(labelled));
  }

  async begin(account: string, afterSeq: number): Promise<void> {
    this.#mustBeOpen();
    mustBeBeginning(account, afterSeq);
    await this.#enqueue([]);
    const { writer, queue } = this.#parts;
    const reply = await writer.ask({ do: "begin", account, afterSeq });
    if (reply.is === "failed") throw storageError(reply);
    if (reply.is === "refused") throw hasEntries(account);
    queue.begin(account, afterSeq);
  }

  async keepSnapshot(snapshot: Snapshot): Promise<void> {
    this.#mustBeOpen();
    mustBeSnapshot(snapshot);
    await this.#enqueue([]);
    const reply = await this.#parts.writer.ask({ do: "snapshot", snapshot });
    if (reply.is === "failed") throw storageError(reply);
    if (reply.is === "done") return;
    const { firstSeq, lastSeq } = this.#reader.extent(snapshot.account);
    throw new UsageError("asOfSeq", `an entry that is kept, ${firstSeq - 1} to ${lastSeq}`, snapshot.asOfSeq);
  }

  onState(listener: (state: JournalState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  retain(): Promise<void> {
    this.#mustBeOpen();
    this.#retaining ??= this.#retain().finally(() => {
      this.#retaining = undefined;
    });
    return this.#retaining;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelRetaining();
    const { writer, database, unlock } = this.#parts;
    await this.#retaining;
    // Behind all that waits. What cannot be committed was told to who appended it.
    await this.#enqueue([]).catch(onlyStorage);
    this.#tell({ phase: "closed" });
    const reply = await writer.ask({ do: "close" });
    if (reply.is === "failed") this.#parts.settings.log.warn("the journal was left as it is", { reason: reply.reason });
    database.close();
    unlock();
  }

  #enqueue(entries: readonly JournalEntry[]): Promise<void> {
    const { queue, settings } = this.#parts;
    return new Promise((resolve, reject) => {
      queue.add(entries, (error) => (error === undefined ? resolve() : reject(error)), settings.clock.now());
      this.#stateChanged();
      this.#gather();
    });
  }

  /** What is appended in one go of the event loop is handed over in one piece. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    queueMicrotask(() => {
      this.#isGathering = false;
      const { queue, writer } = this.#parts;
      const turn = this.#turn;
      const group = queue.next();
      if (group === undefined) return;
      void writer.ask({ do: "append", packed: pack(group), turn }).then((reply) => this.#answered(reply, turn));
    });
  }

  #answered(reply: WriterReply, turn: number): void {
    if (turn !== this.#turn) return;
    const { queue, settings } = this.#parts;
    if (reply.is === "failed") {
      this.#turn++;
      queue.failed(storageError(reply), settings.clock.now());
    } else queue.done();
    this.#stateChanged();
  }

  #stateChanged(): void {
    const { queue, settings } = this.#parts;
    const next = queue.phase;
    const last = this.#state;
    if (next.phase === "failing") {
      if (last.phase === "failing" && last.attempts === next.attempts) return;
      const since = last.phase === "failing" ? last.since : settings.clock.wall();
      this.#tell({ phase: "failing", error: next.error, since, attempts: next.attempts });
    } else if (next.phase !== last.phase) {
      this.#tell(next.phase === "crowded" ? { phase: "crowded", ...queue.load } : { phase: "accepting" });
    }
  }

  #tell(state: JournalState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  #retainLater(): void {
    const { clock } = this.#parts.settings;
    this.#cancelRetaining = clock.wake(after(clock.now(), RETAIN_EVERY_MS), "retention", () => {
      void this.retain().then(() => {
        if (this.#closing === undefined) this.#retainLater();
      });
    });
  }

  async #retain(): Promise<void> {
    const { settings, writer } = this.#parts;
    const { retention, clock, log } = settings;
    try {
      // A wall clock that was set ahead makes nothing old.
      const now = Math.min(clock.wall(), this.#begunAt + clock.now()) as WallMs;
      const removed = await retain(this.#reader, writer, retention, now);
      if (removed > 0) log.info("the journal let go of entries", { removed });
    } catch (error) {
      onlyStorage(error);
      log.warn("the journal could not let go of entries", { reason: (error as StorageError).message });
    }
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new UsageError("journal", "a journal that is open", "a closed one");
  }
}

/** @throws what is no fault of the disk */
function onlyStorage(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
}
