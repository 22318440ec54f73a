/** What is told on a stream and is about a connection or a key, not about the account. Pure. */
import { isKnownEvent, type UserDataEvent } from "../protocol/user-data-event.ts";

/**
 * An event that says that this connection will be closed soon. Documented for spot streams; *assumed* for futures,
 * where no table has it: it is told as an event of an unknown type, and a successor is dialled.
 */
export const SHUTDOWN_NOTICE = "serverShutdown";

/** Is it about one connection, or about the key of all? It comes on each when it will, and waits for nothing. */
export function isOfConnection({ e }: UserDataEvent): boolean {
  return e === SHUTDOWN_NOTICE || e === "listenKeyExpired";
}

/** Has the event a place in the account's one sequence, the same on every line? Of an unknown one nobody knows. */
export function isOfAccount(event: UserDataEvent): boolean {
  return isKnownEvent(event) && event.e !== "listenKeyExpired";
}
