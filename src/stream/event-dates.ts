/** When events were pushed, by the exchange's clock, which may be put back. */
import type { EventMs } from "../kernel/scalars.ts";
import type { UserDataEvent } from "../protocol/user-data-event.ts";

/** The dates of events, by the exchange's clock. */
export interface EventDates {
  /** `E` of the last event. */
  lastE: EventMs | undefined;
  /** The latest `E` so far: it goes back when the exchange's clock does. */
  latestE: EventMs | undefined;
}

/** Takes in the date of an event. @returns it, if there is one */
export function dated(dates: EventDates, { E }: UserDataEvent): EventMs | undefined {
  if (typeof E !== "number") return undefined;
  dates.lastE = E as EventMs;
  if (dates.latestE === undefined || E > dates.latestE) dates.latestE = dates.lastE;
  return dates.lastE;
}
