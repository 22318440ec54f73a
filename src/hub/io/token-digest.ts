/** The digest by which the hub knows its tokens. */
import { createHash } from "node:crypto";

/** SHA-256, in hexadecimal digits. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
