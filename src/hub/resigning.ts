/**
 * A call of a bot, signed anew with the account's own key. Everything else stays as the bot sent it, so that the
 * digits, the order and the encoding of its parameters are its own. Pure.
 */
import type { TransactMs } from "../kernel/scalars.ts";
import type { GivenParameters } from "../protocol/endpoints/endpoint.ts";
import { readTopLevel } from "../protocol/json-members.ts";
import { restPayload, type Signer, signedForm, wsPayload } from "../protocol/signing.ts";

/** What is the bot's own, and is left out: what it signed with, and when. */
const OWN: ReadonlySet<string> = new Set(["signature", "timestamp", "apiKey"]);

/** Query and body of a signed request over REST. */
export interface SignedRequest {
  readonly query: string;
  readonly body: string;
}

/** Signs a request over REST; the signature becomes the last parameter of the query. */
export function resignedRequest(sent: SignedRequest, signer: Pick<Signer, "sign">, now: TransactMs): SignedRequest {
  const body = withoutOwn(sent.body);
  const kept = withoutOwn(sent.query);
  const query = `${kept}${kept === "" ? "" : "&"}timestamp=${now}`;
  return { query: signedForm(query, signer.sign(restPayload(query, body))), body };
}

function withoutOwn(form: string): string {
  return form
    .split("&")
    .filter((part) => part !== "" && !OWN.has(nameIn(part)))
    .join("&");
}

/** The text was read before, so it can be decoded. */
function nameIn(part: string): string {
  const [name = ""] = part.split("=");
  return decodeURIComponent(name.replaceAll("+", " "));
}

/** Whose key a frame of the WS API is to carry; `undefined`: none, for calls that anybody may make. */
export interface FrameKey {
  readonly apiKey: string;
  /** `undefined`: the call needs no signature. */
  readonly signer: Pick<Signer, "sign"> | undefined;
}

/** The parameters of a WS API request as they were sent, as JSON text; `{}` when there were none. */
export function parametersIn(frame: string): string {
  const top = readTopLevel(frame);
  const params = top.outcome === "object" ? top.members.get("params")?.text : undefined;
  return params === undefined || params === "null" ? "{}" : params;
}

/** The parameters of a WS API request with another key and signature. @param frame one that could be read */
export function resignedParameters(
  frame: string,
  given: GivenParameters,
  key: FrameKey | undefined,
  now: TransactMs,
): string {
  const top = readTopLevel(parametersIn(frame));
  const members = top.outcome === "object" ? [...top.members] : [];
  const kept = members.filter(([name]) => !OWN.has(name)).map(([name, { text }]) => `${JSON.stringify(name)}:${text}`);
  if (key !== undefined) {
    kept.push(`"apiKey":${JSON.stringify(key.apiKey)}`);
    if (key.signer !== undefined) {
      const signed = new Map([...given].filter(([name]) => !OWN.has(name)));
      const payload = wsPayload(signed.set("apiKey", key.apiKey).set("timestamp", String(now)));
      kept.push(`"timestamp":${now}`, `"signature":${JSON.stringify(key.signer.sign(payload))}`);
    }
  }
  return `{${kept.join(",")}}`;
}
