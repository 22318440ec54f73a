/**
 * What one text frame of a stream socket says: an event, bare or in the combined envelope, the reply to a control
 * frame, or an error. Protocol sheet 6.2, 6.3. Pure: frames are text here, their UTF-8 is checked where the socket is.
 */
import { WireFormatError } from "../kernel/errors.ts";
import type { NoveltySink } from "./codec.ts";
import { parseJson } from "./json.ts";
import { learnLayout, readEvent, readLaidOut, type UserDataEvent } from "./user-data-event.ts";

/**
 * Characters of one frame we are willing to read. The largest we can think of is an `ACCOUNT_UPDATE` with three entries
 * for each of 700 symbols: half a million.
 */
export const FRAME_CHARS_MAX = 4_000_000;

/** The `id` of a control reply: the number or text that the request carried; `null` where the server read none. */
export type ReplyId = number | string | null;

/** What a frame says. */
export type Frame = EventFrame | ReplyFrame | ErrorFrame;

/** An event. */
export interface EventFrame {
  readonly type: "event";
  /** The envelope's `stream`; opaque: what stands there differs by URL form. Absent when the event came bare. */
  readonly stream?: string;
  /** The event, checked. */
  readonly event: UserDataEvent;
}

/** A control frame was carried out. */
export interface ReplyFrame {
  readonly type: "reply";
  /** Which request it answers. */
  readonly id: ReplyId;
  /** `null`, a property's value, or the names of the streams. */
  readonly result: unknown;
}

/** A control frame was refused. */
export interface ErrorFrame {
  readonly type: "error";
  /** Absent where none came with it: it is documented nowhere, and *seen* in client libraries only. */
  readonly id?: ReplyId;
  /** 0 to 3 are documented. */
  readonly code: number;
  /** Binance's text. */
  readonly msg: string;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads one text frame.
 * @param tell is told what no table knows
 * @param bytes the frame in UTF-8, as it came; with them it is read faster
 * @throws {WireFormatError} when it is longer than {@link FRAME_CHARS_MAX}, is not JSON, is nothing that this stream
 * sends, or is a documented event in another shape
 */
export function decodeFrame(text: string, tell?: NoveltySink, bytes?: Uint8Array): Frame {
  if (text.length > FRAME_CHARS_MAX) {
    throw new WireFormatError("$", `at most ${FRAME_CHARS_MAX} characters`, `${text.length} characters`);
  }
  const laidOut = readLaidOut(text, bytes);
  if (laidOut !== undefined) return { type: "event", event: laidOut };
  const wire = parseJson(text);
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) throw notAFrame(wire);
  const found = wire as Members;
  if (typeof found.e === "string") return { type: "event", event: learnLayout(text, readEvent(wire, tell)) };
  if (typeof found.stream === "string" && Object.hasOwn(found, "data")) {
    return { type: "event", stream: found.stream, event: readEvent(found.data, tell, "$.data") };
  }
  if (Object.hasOwn(found, "error")) return readError(found.error, "$.error", found);
  if (Object.hasOwn(found, "code") && Object.hasOwn(found, "msg")) return readError(wire, "$", found);
  if (Object.hasOwn(found, "result") && Object.hasOwn(found, "id")) {
    return { type: "reply", id: readId(found.id), result: found.result };
  }
  throw notAFrame(wire);
}

function notAFrame(wire: unknown): WireFormatError {
  return new WireFormatError("$", "an event, a reply or an error", wire);
}

function readError(error: unknown, path: string, frame: Members): ErrorFrame {
  if (typeof error !== "object" || error === null) throw new WireFormatError(path, "an error", error);
  const { code, msg } = error as Members;
  if (typeof code !== "number" || !Number.isSafeInteger(code)) {
    throw new WireFormatError(`${path}.code`, "an error code", code);
  }
  if (typeof msg !== "string") throw new WireFormatError(`${path}.msg`, "a string", msg);
  return { type: "error", ...(frame.id === undefined ? {} : { id: readId(frame.id) }), code, msg };
}

function readId(id: unknown): ReplyId {
  if (id === null || typeof id === "string" || Number.isSafeInteger(id)) return id as ReplyId;
  throw new WireFormatError("$.id", "the id of a request", id);
}
