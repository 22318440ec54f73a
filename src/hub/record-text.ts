/**
 * A record as one JSON text: made once, kept in the journal, sent to every consumer, and read back as the record it was
 * made of. Pure.
 *
 *     {"seq":12,"account":"demo","kind":"event","origin":"stream","at":1700000000000,"event":…the payload…}
 *
 * Rules kept here
 * - L4: the payload of an event that was pushed stands there byte for byte, and is always the last member, so that it
 *   can be cut out as it is. Two things are not copied: the envelope of a combined stream, whose name is the listenKey,
 *   and line breaks between tokens, which become blanks (no server sends any): a text is one line.
 * - L9: the key in `listenKeyExpired` shows only its beginning.
 */
import type { AccountRecord, GapRecord, RepairRecord, StatusRecord, StreamedRecord } from "../account/record.ts";
import type { RepairedEvent } from "../account/repaired-events.ts";
import { WireFormatError } from "../kernel/errors.ts";
import { type EventMs, redact, type WallMs } from "../kernel/scalars.ts";
import {
  type Codec,
  eventMs,
  flag,
  type Infer,
  integer,
  list,
  literal,
  oneOf,
  optional,
  Place,
  record,
  text,
  transactMs,
} from "../protocol/codec.ts";
import { parseJson } from "../protocol/json.ts";
import { readTopLevel } from "../protocol/json-members.ts";
import { encodeEvent, readEvent, readPartialEvent, type UserDataEvent } from "../protocol/user-data-event.ts";

/** Stands before the payload, and can stand nowhere before that: inside of a string its quotes would be escaped. */
const EVENT_MARK = ',"event":';

/** The text of a record. */
export function recordText(told: AccountRecord): string {
  const { seq, account, at } = told;
  const head = `{"seq":${seq},"account":${JSON.stringify(account)},"kind":"${told.kind}"`;
  if (told.kind !== "event") {
    const { seq: _seq, account: _account, kind: _kind, at: _at, ...rest } = told;
    return `${head},"at":${at},${JSON.stringify(rest).slice(1)}`;
  }
  if (told.origin === "repair") {
    return `${head},"origin":"repair","at":${at}${EVENT_MARK}${encodeEvent(told.event as UserDataEvent)}}`;
  }
  const early = told.early === undefined ? "" : ',"early":true';
  const putBack = told.putBack === undefined ? "" : ',"putBack":true';
  return `${head},"origin":"stream","at":${at}${early}${putBack}${EVENT_MARK}${payloadOf(told)}}`;
}

/** The event in a record's text, byte for byte as it stands there; `undefined` when it is no event. */
export function eventTextIn(recordLine: string): string | undefined {
  const mark = recordLine.indexOf(EVENT_MARK);
  return mark === -1 ? undefined : recordLine.slice(mark + EVENT_MARK.length, -1);
}

/** What of a pushed record stands in its text as the event. */
export function payloadOf({ raw, event }: Pick<StreamedRecord, "raw" | "event">): string {
  let payload = raw;
  if (ENVELOPE.test(raw)) {
    const top = readTopLevel(raw);
    if (top.outcome === "object") payload = top.members.get("data")?.text ?? raw;
  }
  if (payload.includes("\n") || payload.includes("\r")) payload = payload.replace(/[\r\n]/g, " ");
  const { listenKey } = event as { readonly listenKey?: unknown };
  if (event.e !== "listenKeyExpired" || typeof listenKey !== "string") return payload;
  return payload.replace(KEY_MEMBER, (_, name: string) => `${name}${JSON.stringify(redact(listenKey))}`);
}

const KEY_MEMBER = /("listenKey"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** A combined stream's frame: no event has either of these as its first member. */
const ENVELOPE = /^\s*\{\s*"(?:stream|data)"\s*:/;

const base = { seq: integer, account: text, at: integer };

const EventHead = record({
  ...base,
  kind: literal("event"),
  origin: oneOf("stream", "repair"),
  early: optional(flag),
  putBack: optional(flag),
});

const Gap = record({ ...base, kind: literal("gap"), from: optional(eventMs), why: text });

const counts: Codec<Readonly<Record<string, number>>> = {
  expected: "counts by name",
  fast: () => "false",
  read(value, place) {
    if (typeof value !== "object" || value === null || !Object.values(value).every(Number.isSafeInteger)) {
      throw new WireFormatError(place.path, "counts by name", value);
    }
    return value as Readonly<Record<string, number>>;
  },
  write: (value) => JSON.stringify(value),
};

/** Durations and weights need not be whole. */
const quantity: Codec<number> = {
  expected: "a number",
  fast: () => "false",
  read(value, place) {
    if (typeof value !== "number") throw new WireFormatError(place.path, "a number", value);
    return value;
  },
  write: String,
};

const Repair = record({
  ...base,
  kind: literal("repair"),
  gaps: list(integer),
  from: optional(eventMs),
  completeUpTo: transactMs,
  recovered: counts,
  holes: list(text),
  weightUsed: quantity,
  requests: quantity,
  tookMs: quantity,
});

const Status = record({
  ...base,
  kind: literal("status"),
  status: oneOf("live", "synced", "stopped"),
  since: optional(transactMs),
});

/**
 * Reads a record's text. What {@link recordText} left out is left out.
 * @throws {WireFormatError} when it is none
 */
export function readRecordText(line: string): AccountRecord {
  const mark = line.indexOf(EVENT_MARK);
  if (mark !== -1) return readEventText(line, mark);
  const wire = parseJson(line) as { readonly kind?: unknown } | null;
  switch (wire?.kind) {
    case "gap": {
      const gap = Gap.read(wire, ROOT);
      return { ...gap, from: gap.from } as Infer<typeof Gap> & GapRecord;
    }
    case "repair": {
      const repair = Repair.read(wire, ROOT);
      return { ...repair, from: repair.from } as Infer<typeof Repair> & RepairRecord;
    }
    case "status":
      return Status.read(wire, ROOT) as Infer<typeof Status> & StatusRecord;
    default:
      throw new WireFormatError("$.kind", "event, gap, repair or status", wire?.kind);
  }
}

const ROOT = new Place("$", "record", undefined);

function readEventText(line: string, mark: number): AccountRecord {
  const wire = parseJson(`${line.slice(0, mark)}}`);
  const { seq, account, kind, origin, at, early, putBack } = EventHead.read(wire, ROOT);
  const marks = { ...(early && { early }), ...(putBack && { putBack }) };
  const head = { seq, account, kind, at: at as WallMs };
  const raw = line.slice(mark + EVENT_MARK.length, line.trimEnd().length - 1);
  const payload = parseJson(raw, "$.event");
  switch (origin) {
    case "stream":
      return { ...head, origin: "stream", event: readEvent(payload, undefined, "$.event"), raw, ...marks };
    case "repair":
      return { ...head, origin: "repair", event: readPartialEvent(payload, "$.event") as RepairedEvent };
    default:
      throw new WireFormatError("$.origin", "stream or repair", origin);
  }
}

/** What a record can be found by. */
export interface RecordLabels {
  /** The event's type; `null` when it is no event. */
  readonly event: string | null;
  /** The one symbol it is about; `null` when it is about none, or may be about several. */
  readonly symbol: string | null;
  /** `E`; `null` when there is none. */
  readonly eventAt: EventMs | null;
  /** `T`; `null` when there is none. */
  readonly transactAt: Infer<typeof transactMs> | null;
}

const NO_LABELS: RecordLabels = { event: null, symbol: null, eventAt: null, transactAt: null };

/** What a record can be found by. An `ACCOUNT_UPDATE` is about no single symbol: it tells of wallets as well. */
export function labelsOf(told: AccountRecord): RecordLabels {
  if (told.kind !== "event") return NO_LABELS;
  const event = told.event as Labelled;
  const { e, E, T, o, su, gu, or, ac, s } = event;
  const symbol = (o ?? su ?? gu ?? or ?? ac)?.s ?? s;
  return {
    event: e,
    symbol: typeof symbol === "string" ? symbol : null,
    eventAt: Number.isSafeInteger(E) ? (E as EventMs) : null,
    transactAt: Number.isSafeInteger(T) ? (T as RecordLabels["transactAt"]) : null,
  };
}

/** Where the events that are about one symbol say so. */
interface Labelled {
  readonly e: string;
  readonly E?: unknown;
  readonly T?: unknown;
  readonly o?: { readonly s?: unknown } | null;
  readonly su?: { readonly s?: unknown } | null;
  readonly gu?: { readonly s?: unknown } | null;
  readonly or?: { readonly s?: unknown } | null;
  readonly ac?: { readonly s?: unknown } | null;
  readonly s?: unknown;
}
