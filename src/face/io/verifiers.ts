/** Checks signatures of API keys with the cryptography of Node. Rule kept here: no input makes it throw. */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import type { Credential, Verifier } from "../../protocol/signing.ts";

/** How many parsed public keys are kept, so that not every request parses one. */
const PARSED_KEYS_MAX = 1000;

/** A verifier of HMAC-SHA256 (hex, any case), RSASSA-PKCS1-v1_5 with SHA-256 and Ed25519 signatures (base64). */
export function nodeVerifier(): Verifier {
  const parsedKeys = new Map<string, KeyObject | undefined>();

  function keyOf(pem: string): KeyObject | undefined {
    if (!parsedKeys.has(pem)) {
      if (parsedKeys.size >= PARSED_KEYS_MAX) parsedKeys.clear();
      parsedKeys.set(pem, parsePublicKey(pem));
    }
    return parsedKeys.get(pem);
  }

  return {
    verify(credential, payload, signature) {
      if (credential.keyType === "HMAC") return isHmac(credential.secret, payload, signature);
      const key = keyOf(credential.publicKey);
      if (key === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
      return isSignedBy(key, credential.keyType, payload, signature);
    },
    typeOf: (pem) => typeOfKey(parsePublicKey(pem)),
  };
}

function isHmac(secret: string, payload: string, signature: string): boolean {
  if (!/^[0-9a-fA-F]{64}$/.test(signature)) return false;
  const right = createHmac("sha256", secret).update(payload, "utf8").digest();
  return timingSafeEqual(right, Buffer.from(signature, "hex"));
}

function isSignedBy(key: KeyObject, keyType: Credential["keyType"], payload: string, signature: string): boolean {
  try {
    const algorithm = keyType === "RSA" ? "sha256" : null;
    return verify(algorithm, Buffer.from(payload, "utf8"), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

function parsePublicKey(pem: string): KeyObject | undefined {
  // A private key would parse as well, and give its public half: it must not be sent at all.
  if (!pem.includes("PUBLIC KEY")) return undefined;
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function typeOfKey(key: KeyObject | undefined): "RSA" | "ED25519" | undefined {
  if (key?.asymmetricKeyType === "rsa") return "RSA";
  return key?.asymmetricKeyType === "ed25519" ? "ED25519" : undefined;
}
