/**
 * Answers of the native face. Pure. A refusal says what it is, where, what was expected, and what to do:
 * `{"error":{"code":"CURSOR_TOO_OLD","message":"since: expected …, found 3","remedy":"…","firstSeq":21,"lastSeq":30}}`.
 */
import { type HttpAnswer, JSON_CONTENT } from "../face/http-call.ts";
import type { Extent } from "../journal/cursor.ts";
import { UsageError } from "../kernel/errors.ts";
import type { ConsumerEnd, EndCode } from "./consumer.ts";

/** What can be wrong with a call. Stable; may be matched on. */
export type RefusalCode =
  | EndCode
  | "BAD_PARAMETER"
  | "UNKNOWN_PATH"
  | "UNKNOWN_ACCOUNT"
  | "METHOD_NOT_ALLOWED"
  | "UNAUTHORIZED"
  | "TOO_MANY_ATTEMPTS"
  | "TOO_MANY_REQUESTS"
  | "UPGRADE_REQUIRED"
  | "NOT_ALLOWED"
  | "FORBIDDEN_ORIGIN"
  | "BAD_BODY"
  | "BAD_CONFIGURATION"
  | "NOT_READY"
  | "MARGIN_UNAVAILABLE"
  | "TOO_MANY_CONSUMERS";

/** An answer whose body is JSON text already. */
export function answeredText(status: number, body: string, headers: HttpAnswer["headers"] = {}): HttpAnswer {
  return { status, headers: { "content-type": JSON_CONTENT, "cache-control": "no-store", ...headers }, body };
}

/** An answer. */
export function answered(status: number, body: object): HttpAnswer {
  return answeredText(status, JSON.stringify(body));
}

/** What was wrong, and what to do. @param more further members of the error */
export function refused(
  status: number,
  code: RefusalCode,
  { message, remedy }: Pick<UsageError, "message" | "remedy">,
  more: object = {},
): HttpAnswer {
  return answered(status, { error: { code, message, ...(remedy === undefined ? {} : { remedy }), ...more } });
}

/** A cursor that nobody can go on from. */
export function cursorRefused(place: "too-old" | "from-the-future", since: number, extent: Extent): HttpAnswer {
  const { firstSeq, lastSeq } = extent;
  const expected = `a record from ${firstSeq - 1} to ${lastSeq}`;
  if (place === "too-old") {
    const gone = `Records up to ${firstSeq - 1} are not kept any more`;
    const remedy = `${gone}. Take the account as it is, and go on from its asOfSeq.`;
    return refused(410, "CURSOR_TOO_OLD", new UsageError("since", expected, since, remedy), extent);
  }
  const remedy = "It was not given by this hub, or by one whose journal is gone. Take the account as it is.";
  return refused(409, "CURSOR_FROM_THE_FUTURE", new UsageError("since", expected, since, remedy), extent);
}

/** What the last frame of a stream says. */
export function endText({ code, cursor, extent }: ConsumerEnd): string {
  return JSON.stringify({ code, cursor, ...extent });
}
