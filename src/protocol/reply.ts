/** Reading the answer to a call by its table. Pure. */
import { type Codec, type NoveltySink, Place } from "./codec.ts";
import { parseJson, parseJsonNumbersAsText } from "./json.ts";

/**
 * Reads the text of an answer: ids become strings, amounts stay texts to the digit, bare ones too. What the table does
 * not know passes, and is told.
 * @param call what it answers, for errors and novelties: `GET /fapi/v3/account`
 * @throws {WireFormatError} when it is no JSON, or not what its table says; the place begins with the call
 */
export function readReply<R>(reply: Codec<R>, text: string, call: string, tell?: NoveltySink): R {
  const place = new Place(`${call} $`, call, tell);
  // L4: where amounts are bare numbers, parsing them as numbers would lose digits.
  const parse = "numbers" in reply ? parseJsonNumbersAsText : parseJson;
  return reply.read(parse(text, place.path), place);
}
