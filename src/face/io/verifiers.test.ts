/** Signatures of all three kinds of keys, made and checked, and everything that must not pass. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { UsageError } from "../../kernel/errors.ts";
import type { Credential, Signer } from "../../protocol/signing.ts";
import { hmacSigner, privateKeySigner } from "../../rest/io/signers.ts";
import { nodeVerifier } from "./verifiers.ts";

const rsa = pemOf(generateKeyPairSync("rsa", { modulusLength: 2048 }));
const ed25519 = pemOf(generateKeyPairSync("ed25519"));
const ec = pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }));

const KEYS: readonly [Credential, Signer][] = [
  [{ keyType: "HMAC", secret: "secret" }, hmacSigner("secret")],
  [{ keyType: "RSA", publicKey: rsa.publicKey }, privateKeySigner(rsa.privateKey)],
  [{ keyType: "ED25519", publicKey: ed25519.publicKey }, privateKeySigner(ed25519.privateKey)],
];

for (const [credential, signer] of KEYS) {
  const { keyType } = credential;

  test(`a signature by ${keyType} passes over the bytes it was made over, and over no others`, () => {
    const verifier = nodeVerifier();
    assert.equal(signer.keyType, keyType);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (payload, other) => {
        const signature = signer.sign(payload);
        assert.ok(verifier.verify(credential, payload, signature));
        assert.equal(verifier.verify(credential, other, signature), other === payload);
      }),
      { numRuns: 25 },
    );
  });

  test(`no text passes for a signature by ${keyType}, and none makes the verifier throw`, () => {
    const verifier = nodeVerifier();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) =>
        assert.equal(verifier.verify(credential, "payload", text), false),
      ),
    );
    const right = signer.sign("payload");
    for (const wrong of ["", right.slice(1), `${right}0`, ` ${right}`, `${right}\n`, right.slice(0, -4)]) {
      assert.equal(verifier.verify(credential, "payload", wrong), false, wrong);
    }
  });
}

test("a key of one kind does not pass for another", () => {
  const verifier = nodeVerifier();
  const signature = privateKeySigner(ed25519.privateKey).sign("payload");
  assert.equal(verifier.verify({ keyType: "RSA", publicKey: ed25519.publicKey }, "payload", signature), false);
  assert.equal(verifier.verify({ keyType: "ED25519", publicKey: rsa.publicKey }, "payload", signature), false);
  assert.equal(verifier.verify({ keyType: "ED25519", publicKey: "no key" }, "payload", signature), false);
});

test("the kind of a public key is told; a private key and other kinds are none", () => {
  const verifier = nodeVerifier();
  assert.equal(verifier.typeOf(rsa.publicKey), "RSA");
  assert.equal(verifier.typeOf(ed25519.publicKey), "ED25519");
  for (const text of [ec.publicKey, rsa.privateKey, ed25519.privateKey, "", "-----BEGIN PUBLIC KEY-----\nAA==\n"]) {
    assert.equal(verifier.typeOf(text), undefined);
  }
});

test("what is no private key of the two kinds is refused without being shown", () => {
  assert.throws(
    () => privateKeySigner("very secret"),
    (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, 'privateKey: expected a private key in PEM, found "text that cannot be read as one"');
      return true;
    },
  );
  assert.throws(
    () => privateKeySigner(ec.privateKey),
    /privateKey: expected an RSA or Ed25519 key, found "a key of type ec"/,
  );
  assert.throws(() => privateKeySigner(rsa.publicKey), UsageError);
});

test("an encrypted private key signs with its passphrase", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const encryption = { cipher: "aes-256-cbc", passphrase: "open" };
  const pem = privateKey.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
  const signature = privateKeySigner(pem, "open").sign("payload");
  const credential = {
    keyType: "ED25519",
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  } as const;
  assert.ok(nodeVerifier().verify(credential, "payload", signature));
  assert.throws(() => privateKeySigner(pem, "shut"), UsageError);
});

function pemOf(pair: KeyPairKeyObjectResult): { publicKey: string; privateKey: string } {
  return {
    publicKey: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
