/**
 * One connection to the WS API of an exchange, for the calls of all bots of an account: each request carries its own
 * key and signature, so they may share it. Opened with the first call. Pure.
 *
 *     none ──call──▶ dialing ──▶ open ──closed──▶ none          after a dial that failed, none for a while
 *
 * L6: one dial at a time. L12: a call that is not answered in time is over.
 */
import type { Cancel, Clock, Dialer, Random, Socket } from "../kernel/ports.ts";
import { after, type MonotonicMs } from "../kernel/scalars.ts";
import { readTopLevel } from "../protocol/json-members.ts";

/** What became of a call: the frame that answers it, or none; and then, whether it can have been carried out. */
export type LineAnswer =
  | { readonly is: "frame"; readonly text: string }
  | { readonly is: "lost"; readonly isSent: boolean };

/** What a line needs of the world. */
export interface WsApiLineDeps {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly url: string;
}

/** From asking to the answer. */
export const ANSWER_MAX_MS = 10_000;

/** Calls that wait for their answers. */
const CALLS_MAX = 1_000;

/** After a dial that failed, no other for so long, and up to twice as long. */
export const REDIAL_AFTER_MS = 1_000;

interface Call {
  readonly text: string;
  readonly answered: (answer: LineAnswer) => void;
  readonly cancel: Cancel;
  isSent: boolean;
}

/** The connection. */
export class WsApiLine {
  readonly #deps: WsApiLineDeps;
  readonly #calls = new Map<number, Call>();
  #socket: Socket | undefined;
  #phase: "none" | "dialing" | "open" = "none";
  #restsUntil: MonotonicMs;
  #callCount = 0;

  constructor(deps: WsApiLineDeps) {
    this.#deps = deps;
    this.#restsUntil = deps.clock.now();
  }

  /** Does the next call pay for a handshake? */
  get isOpen(): boolean {
    return this.#phase !== "none";
  }

  /** Sends a request under an id of ours. @param make makes its frame */
  ask(make: (id: number) => string, answered: (answer: LineAnswer) => void): void {
    const { clock } = this.#deps;
    const isResting = this.#phase === "none" && clock.now() < this.#restsUntil;
    if (isResting || this.#calls.size >= CALLS_MAX) return answered({ is: "lost", isSent: false });
    const id = ++this.#callCount;
    const cancel = clock.wake(after(clock.now(), ANSWER_MAX_MS), "a bot's call overdue", () => this.#lose(id));
    const call = { text: make(id), answered, cancel, isSent: false };
    this.#calls.set(id, call);
    if (this.#phase === "none") this.#dial();
    else if (this.#phase === "open") this.#send(call);
  }

  /** Hangs up; no alarm is left. */
  close(): void {
    this.#socket?.close(1000, "done");
    this.#closed();
  }

  #dial(): void {
    this.#phase = "dialing";
    const { dialer, url } = this.#deps;
    const socket: Socket = dialer.dial(url, {
      opened: () => {
        if (this.#socket !== socket) return;
        this.#phase = "open";
        for (const call of this.#calls.values()) this.#send(call);
      },
      heard() {},
      frame: (text) => this.#heard(text),
      closed: () => {
        if (this.#socket === socket) this.#closed();
      },
    });
    this.#socket = socket;
  }

  #send(call: Call): void {
    call.isSent = true;
    this.#socket?.send(call.text);
  }

  /** What answers no call of ours is a notice, and nobody's. */
  #heard(text: string): void {
    const top = readTopLevel(text);
    const id = Number(top.outcome === "object" ? top.members.get("id")?.text : undefined);
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    call.cancel();
    call.answered({ is: "frame", text });
  }

  #lose(id: number): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.cancel();
    call?.answered({ is: "lost", isSent: call.isSent });
  }

  #closed(): void {
    const { clock, random } = this.#deps;
    if (this.#phase === "dialing") this.#restsUntil = after(clock.now(), REDIAL_AFTER_MS * (1 + random.next()));
    this.#phase = "none";
    this.#socket = undefined;
    for (const id of [...this.#calls.keys()]) this.#lose(id);
  }
}
