/** The answer that a stranger gets. Pure. */
import { type HttpAnswer, JSON_CONTENT } from "../face/http-call.ts";
import type { UsageError } from "../kernel/errors.ts";
import { errorBody } from "../protocol/error-codes.ts";
import { refusal } from "./native/native-calls.ts";

const FORBIDDEN = 403;

/** Says what was wrong, in the manner of the path. */
export function strangerAnswer(error: UsageError, path: string): HttpAnswer {
  if (path.startsWith("/v1/")) return refusal(FORBIDDEN, error);
  const body = JSON.stringify({ code: errorBody(-1002).code, msg: `${error.message}. ${error.remedy ?? ""}`.trim() });
  return { status: FORBIDDEN, headers: { "content-type": JSON_CONTENT }, body };
}
