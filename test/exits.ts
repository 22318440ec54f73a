/** Ways out of a hub for tests: an exchange that is invented, and what its budget was told. */
import type { Exit } from "../src/hub/exit.ts";
import type { TransactMs } from "../src/kernel/scalars.ts";
import { hmacSigner } from "../src/rest/io/signers.ts";
import { silenceMs } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";

/** The account's own key and secret. */
export const ACCOUNT_KEY = "account0key0that0no0bot0knows0of";
/** They must be seen by nobody. */
export const ACCOUNT_SECRET = "account0secret0that0nobody0sees0";

/** A way out whose clock stands still, at `time`. */
export function exitTo(rest: string, more: Partial<Exit> = {}, time = 1_700_000_000_000): Exit {
  return {
    rest,
    stream: rest.replace("http", "ws"),
    wsApi: `${rest.replace("http", "ws")}/ws-fapi/v1`,
    apiKey: ACCOUNT_KEY,
    signer: hmacSigner(ACCOUNT_SECRET),
    budget: new WeightBudget(),
    time: () => time as TransactMs,
    silenceMs,
    ...more,
  };
}
