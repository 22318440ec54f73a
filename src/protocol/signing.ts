/**
 * What is signed of a request, on both sides of the wire. The cryptography itself is a port. Pure. Protocol sheet 2.3.
 */
import type { GivenParameters } from "./endpoints/endpoint.ts";

/** The kinds of API keys. Ed25519 over REST is done by the official SDKs, and not documented. */
export type KeyType = "HMAC" | "RSA" | "ED25519";

/** Makes signatures with one API key's secret or private key. */
export interface Signer {
  readonly keyType: KeyType;
  /** Signs UTF-8 text. HMAC: lower-case hex; RSA and Ed25519: base64, not yet percent-encoded. */
  sign(payload: string): string;
}

/** What the exchange keeps of an API key in order to check its signatures. */
export type Credential =
  | { readonly keyType: "HMAC"; readonly secret: string }
  | { readonly keyType: "RSA" | "ED25519"; readonly publicKey: string };

/** Checks signatures. */
export interface Verifier {
  /** Was `signature` made over exactly this text by the owner of the key? Never throws: malformed ones are false. */
  verify(credential: Credential, payload: string, signature: string): boolean;
  /** The kind of a public key in PEM; `undefined` when it is none, or of another kind. Never throws. */
  typeOf(publicKeyPem: string): "RSA" | "ED25519" | undefined;
}

/**
 * The text that is signed of a REST request: the query followed directly by the body, both exactly as sent, without
 * their `signature` parameter. Binance documents the signature as the last parameter; it is found anywhere.
 */
export function restPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  if (!text.includes("signature")) return text;
  return text
    .split("&")
    .filter((part) => part !== "signature" && !part.startsWith("signature="))
    .join("&");
}

/**
 * The text that is signed of a WS API request: all parameters but `signature`, sorted by name, as `name=value` joined
 * with `&`; values as they stand in the request, not percent-encoded.
 */
export function wsPayload(parameters: GivenParameters): string {
  return sortedPayload(parameters, (value) => value);
}

/** The same, percent-encoded, as the official connector signs it (*seen*; documented is {@link wsPayload}). */
export function encodedWsPayload(parameters: GivenParameters): string {
  return sortedPayload(parameters, encodeURIComponent);
}

function sortedPayload(parameters: GivenParameters, write: (value: string) => string): string {
  return [...parameters]
    .filter(([name]) => name !== "signature")
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${write(value)}`)
    .join("&");
}

/** Puts a signature behind the text it was made over, as the last parameter, percent-encoded. */
export function signedForm(payload: string, signature: string): string {
  return `${payload}${payload === "" ? "" : "&"}signature=${encodeURIComponent(signature)}`;
}
