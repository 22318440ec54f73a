/** What the driver keeps of one websocket, and the question that an exchange answers in turn with the events. Pure. */
import type { Socket } from "../kernel/ports.ts";
import type { ListenKey, MonotonicMs } from "../kernel/scalars.ts";
import type { ErrorFrame, ReplyFrame } from "../protocol/frame.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";
import type { EventDates } from "./event-dates.ts";
import { identityOf } from "./identity.ts";
import type { Epoch } from "./line.ts";
import type { Delivered } from "./merge.ts";
import { isOfConnection } from "./notices.ts";
import { Repeats } from "./repeats.ts";
import type { ToldEvent } from "./told.ts";

/** A line that is heard every few microseconds need not say so each time. */
const HEARD_RESOLUTION_MS = 1000;

/** One websocket, from being dialled to being let go. Its dates: of what it delivered, or was told when it opened. */
export interface DialledSocket extends EventDates {
  readonly socket: Socket;
  readonly key: ListenKey;
  readonly repeats: Repeats;
  /** When the lifecycle was last told that it was heard. `undefined`: it asked, and is told of the next sign. */
  heardAt: MonotonicMs | undefined;
  /** The newest line on account of which it was asked something; 0: it was not. */
  askedOf: Epoch;
}

/** What is kept of a socket that was dialled just now. */
export function dialled(socket: Socket, key: ListenKey, now: MonotonicMs): DialledSocket {
  return { socket, key, repeats: new Repeats(), heardAt: now, lastE: undefined, latestE: undefined, askedOf: 0 };
}

/** It was heard: is that worth telling? */
export function heard(line: DialledSocket, now: MonotonicMs): boolean {
  if (line.heardAt !== undefined && now - line.heardAt < HEARD_RESOLUTION_MS) return false;
  line.heardAt = now;
  return true;
}

/** Asks for a sign of life. */
export function probe(line: DialledSocket): void {
  line.heardAt = undefined;
  line.socket.ping();
}

/** An event that it delivered, with what tells it from all others. */
export function deliveredOn(line: DialledSocket, event: UserDataEvent, raw: string): Delivered<ToldEvent> {
  const identity = identityOf(event, raw);
  const isApart = isOfConnection(event);
  const isPutBack = !isApart && line.latestE !== undefined && typeof event.E === "number" && event.E < line.latestE;
  return {
    identity: line.repeats.tellApart(identity),
    isUnique: identity.within === undefined,
    isApart,
    item: isPutBack ? { kind: "event", event, raw, putBack: true } : { kind: "event", event, raw },
  };
}

/**
 * Asks what changes nothing, once the line `of` is open. Documented for market streams, *assumed* for the streams of an
 * account, and so is that the answer overtakes no event.
 */
export function ask(line: DialledSocket, of: Epoch): void {
  line.askedOf = of;
  line.socket.send(`{"method":"LIST_SUBSCRIPTIONS","id":${of}}`);
}

/** On account of which line the answered question was asked, be it a refusal; `undefined`: we did not ask. */
export function answeredOf({ id }: ReplyFrame | ErrorFrame, { askedOf }: DialledSocket): Epoch | undefined {
  return typeof id === "number" && id > 0 && id <= askedOf ? id : undefined;
}
