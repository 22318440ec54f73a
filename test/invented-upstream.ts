/** An upstream whose records a test makes up. */
import type { AccountView } from "../src/account/account-view.ts";
import type { Resume } from "../src/account/follower-deps.ts";
import { Mirror } from "../src/account/mirror.ts";
import type { AccountRecord, RecordBody } from "../src/account/record.ts";
import { CursorLost } from "../src/hub/hub-errors.ts";
import type { Known } from "../src/hub/known.ts";
import type { MakeUpstream, Upstream, UpstreamHealth } from "../src/hub/upstream.ts";
import type { WallMs } from "../src/kernel/scalars.ts";
import { decodeEvent, type UserDataEvent } from "../src/protocol/user-data-event.ts";

/** Follows nothing; counts on from where its account's journal ended. */
export class InventedUpstream implements Upstream {
  readonly #account: string;
  #mirror = new Mirror();
  #seq = 0;
  #tell: (record: AccountRecord) => void = () => {};
  /** How much of the account it knows; `undefined`: all there is to know. */
  known: Known | undefined;
  health: UpstreamHealth = { sync: "certain" };
  /** What it was asked to go on from, each time it was made. */
  readonly resumed: (Resume | undefined)[] = [];
  /** How often it was started, and stopped. */
  startCount = 0;
  stopCount = 0;
  /** What starting fails with. */
  refusal: Error | undefined;
  /** When a record is told, by its number: as many milliseconds, for tests in which no clock matters. */
  at: (seq: number) => number = (seq) => seq;
  /** The last record that is gone, when starting fails for that; `undefined`: it says nothing of the kind. */
  goneUpTo: number | undefined;

  constructor(account: string) {
    this.#account = account;
  }

  /** The same upstream each time: the older one is of no use then. */
  readonly make: MakeUpstream = (resume, tell) => {
    this.resumed.push(resume);
    this.#seq = resume?.seq ?? 0;
    this.#mirror = resume?.mirror ?? new Mirror();
    this.#tell = tell;
    return Object.create(this, {
      account: { get: () => this.#mirror.view },
      health: { get: () => this.health },
      start: { value: () => this.start() },
      stop: { value: () => this.stop() },
      beginning: { value: this.goneUpTo === undefined ? undefined : async () => this.goneUpTo },
    }) as Upstream;
  };

  async start(): Promise<void> {
    this.startCount++;
    if (this.refusal !== undefined) throw this.refusal;
    if (this.goneUpTo !== undefined && this.#seq < this.goneUpTo) throw new CursorLost(this.#seq, "too old");
  }

  async stop(): Promise<void> {
    this.stopCount++;
  }

  get account(): AccountView {
    return this.#mirror.view;
  }

  /** The last record that was told. */
  get seq(): number {
    return this.#seq;
  }

  /** Tells an event nobody knows, of so many characters or some more. */
  tell(chars = 0): void {
    this.event(`{"e":"INVENTED","n":${this.#seq + 1},"fill":"${"x".repeat(chars)}"}`);
  }

  /** Tells an event of the stream. */
  event(raw: string): void {
    const event = decodeEvent(raw);
    this.#mirror.apply(event, "stream");
    this.record({ kind: "event", origin: "stream", event: event as UserDataEvent, raw });
  }

  /** Tells any record. */
  record(untold: RecordBody): void {
    const seq = ++this.#seq;
    this.#tell({ seq, account: this.#account, at: this.at(seq) as WallMs, ...untold });
  }
}
