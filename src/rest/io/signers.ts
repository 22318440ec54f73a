/** Signs requests with the cryptography of Node: HMAC secrets, RSA and Ed25519 private keys. */
import { createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { UsageError } from "../../kernel/errors.ts";
import type { Signer } from "../../protocol/signing.ts";

/** Signs with an API secret: HMAC-SHA256, lower-case hex. */
export function hmacSigner(apiSecret: string): Signer {
  return {
    keyType: "HMAC",
    sign: (payload) => createHmac("sha256", apiSecret).update(payload, "utf8").digest("hex"),
  };
}

/**
 * Signs with a private key in PEM (PKCS#8): RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519, by the kind of the key; base64.
 * @param passphrase of an encrypted key
 * @throws {UsageError} when it is no private key of these two kinds; the key is not shown
 */
export function privateKeySigner(pem: string, passphrase?: string): Signer {
  const key = parsePrivateKey(pem, passphrase);
  const isRsa = key.asymmetricKeyType === "rsa";
  if (!isRsa && key.asymmetricKeyType !== "ed25519") {
    throw new UsageError("privateKey", "an RSA or Ed25519 key", `a key of type ${key.asymmetricKeyType}`);
  }
  return {
    keyType: isRsa ? "RSA" : "ED25519",
    sign: (payload) => sign(isRsa ? "sha256" : null, Buffer.from(payload, "utf8"), key).toString("base64"),
  };
}

function parsePrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch {
    const remedy =
      "Pass the text of the PEM file, from -----BEGIN PRIVATE KEY----- on, and its passphrase if it has one.";
    throw new UsageError("privateKey", "a private key in PEM", "text that cannot be read as one", remedy);
  }
}
