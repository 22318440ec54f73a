/**
 * Signatures of a simulated world: a keyed digest that costs little and keeps no secret from anybody with a pencil.
 * What the real ones must hold is tested where they are; here it matters that a request is signed whole, and is not,
 * when a digit of it is changed. Pure.
 */
import type { Signer, Verifier } from "../src/protocol/signing.ts";

/** Signs with a secret, as HMAC does. */
export function simSigner(secret: string): Signer {
  return { keyType: "HMAC", sign: (payload) => digest(secret, payload) };
}

/** Checks what {@link simSigner} signs. There are no public keys. */
export function simVerifier(): Verifier {
  return {
    verify: (credential, payload, signature) =>
      credential.keyType === "HMAC" && digest(credential.secret, payload) === signature,
    typeOf: () => undefined,
  };
}

function digest(secret: string, payload: string): string {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (const text of [secret, payload]) {
    for (let i = 0; i < text.length; i++) {
      low = Math.imul(low ^ text.charCodeAt(i), 0x01000193) >>> 0;
      high = Math.imul(high + text.charCodeAt(i), 0x85ebca6b) >>> 0;
    }
  }
  return low.toString(16).padStart(8, "0") + high.toString(16).padStart(8, "0");
}
