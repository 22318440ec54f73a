/** Whoever listens to the records of an account, or pulls them. Pure. */
import type {
  AccountRecord,
  GapRecord,
  RecordOf,
  RepairRecord,
  StatusRecord,
  StreamedRecord,
} from "./account/record.ts";
import { RecordQueue, WAITING_MAX } from "./account/record-queue.ts";
import type { RepairedEvents, RepairedName } from "./account/repaired-events.ts";
import { UsageError } from "./kernel/errors.ts";
import { EVENT_NAMES, type EventName, type UnknownEvent, type UserDataEvents } from "./protocol/user-data-event.ts";

/** What is told under the name of an event: the event as it was pushed, or what REST knows of one that was missed. */
export type ToldEvents = {
  [N in EventName]: N extends RepairedName ? UserDataEvents[N] | RepairedEvents[N] : UserDataEvents[N];
};

/** The record that is told with it. */
export type ToldRecords = {
  [N in EventName]: RecordOf<N>;
};

/** What listeners to records get, by name. */
export type RecordListeners = {
  [N in EventName]: (event: ToldEvents[N], record: ToldRecords[N]) => void;
} & {
  /** Every record, in order. */
  record: (record: AccountRecord) => void;
  /** Certainty was lost. */
  gap: (gap: GapRecord) => void;
  /** It is restored: what was missed has been told, or is named as a hole. */
  repair: (repair: RepairRecord) => void;
  /** The stream became live or synced, or stopped. */
  status: (status: StatusRecord) => void;
  /** An event of a type this version does not know. */
  unknown: (event: UnknownEvent, record: StreamedRecord<UnknownEvent>) => void;
};

type Listener = (...args: never[]) => void;

/**
 * Tells records, each to everybody, in order: what is told while a record is told (its listener may have stopped the
 * stream) comes after it. A listener that throws disturbs nobody else.
 */
export class RecordTeller {
  readonly #surface: (error: unknown) => void;
  /** A set is never changed: what comes or goes makes another one. */
  readonly #listeners = new Map<string, ReadonlySet<Listener>>();
  readonly #queues = new Set<RecordQueue>();
  #isTelling = false;
  /** What comes after the record that is being told. */
  readonly #later: AccountRecord[] = [];
  #isEnding = false;

  /** @param surface takes what a listener throws: it is to become an uncaught exception of the process */
  constructor(surface: (error: unknown) => void) {
    this.#surface = surface;
  }

  /** Adds a listener. It gets what is told from the next one on. */
  on(name: string, listener: Listener): void {
    this.#listeners.set(name, new Set(this.#listeners.get(name)).add(listener));
  }

  /** Takes a listener back. */
  off(name: string, listener: Listener): void {
    const left = new Set(this.#listeners.get(name));
    if (left.delete(listener)) this.#listeners.set(name, left);
  }

  /**
   * A reader that pulls, from now on.
   * @param isEnded will nothing come any more?
   * @throws {UsageError} when `waitingMax` is no whole number above 0
   */
  records(waitingMax: number = WAITING_MAX, isEnded = false): RecordQueue {
    if (!(Number.isSafeInteger(waitingMax) && waitingMax > 0)) {
      throw new UsageError("records({ waitingMax })", "a whole number above 0", waitingMax);
    }
    const queue: RecordQueue = new RecordQueue(waitingMax, () => this.#queues.delete(queue));
    if (isEnded) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  /** Tells one record: to readers, then to listeners to all, then to those of its kind. */
  tell(record: AccountRecord): void {
    if (this.#isTelling) return void this.#later.push(record);
    this.#isTelling = true;
    this.#tell(record);
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) this.#tell(next);
    this.#isTelling = false;
    if (this.#isEnding) this.end();
  }

  #tell(record: AccountRecord): void {
    for (const queue of this.#queues) queue.push(record);
    this.emit("record", record);
    if (record.kind === "event") {
      const { event } = record;
      this.emit(this.#isToldByName(event.e) ? event.e : "unknown", event, record);
    } else this.emit(record.kind, record);
  }

  /** Nothing will come any more: what waits can still be pulled. */
  end(): void {
    this.#isEnding = this.#isTelling;
    if (this.#isTelling) return;
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }

  /** Calls the listeners of a name. */
  emit(name: string, ...args: unknown[]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      const present = this.#listeners.get(name);
      if (present !== listeners && present?.has(listener) !== true) continue;
      try {
        (listener as (...args: unknown[]) => void)(...args);
      } catch (error) {
        this.#surface(error);
      }
    }
  }

  /** Documented events are never `unknown`, and others may not pass for what only we tell. */
  #isToldByName(event: string): boolean {
    if (DOCUMENTED.has(event)) return true;
    return !OURS.has(event) && (this.#listeners.get(event)?.size ?? 0) > 0;
  }
}

const DOCUMENTED: ReadonlySet<string> = new Set(EVENT_NAMES);
const OURS: ReadonlySet<string> = new Set(["record", "gap", "repair", "status", "unknown", "change", "health"]);
