/** API keys and secrets of paper accounts. Pure: as good as the dice they are thrown with. */
import type { Random } from "../../kernel/ports.ts";
import { alphanumerics } from "../../kernel/random.ts";

/** As long as Binance's own: 380 bits. */
const SECRET_CHARS = 64;

/** 64 letters and digits. */
export function makeSecret(random: Random): string {
  return alphanumerics(random, SECRET_CHARS);
}
