/** API keys and secrets of paper accounts. Pure: as good as the dice they are thrown with. */
import type { Random } from "../kernel/ports.ts";
import { pick } from "../kernel/random.ts";

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** As long as Binance's own: 380 bits. */
const SECRET_CHARS = 64;

/** 64 letters and digits. */
export function makeSecret(random: Random): string {
  let secret = "";
  while (secret.length < SECRET_CHARS) secret += ALPHANUMERICS.charAt(pick(random, ALPHANUMERICS.length));
  return secret;
}
