/** The listenKey service of an exchange, as the stream sees it, over REST or the WS API. Protocol sheet 4, 5.4. */
import type { ListenKey } from "../kernel/scalars.ts";

/**
 * Grants, renews and ends the listenKey of one account. Each call is one attempt; the stream decides about the next.
 * All of them throw {@link VenueRejected} with the exchange's code, {@link RateLimited} with how long to be silent, or
 * {@link NetworkError} when no whole answer came, and settle within the adapter's named time limit.
 */
export interface ListenKeyService {
  /** `POST`: the account's key, valid for 60 minutes from now. The same one as before while that is alive. */
  acquire(): Promise<ListenKey>;
  /**
   * `PUT`: 60 more minutes. Answers the key that the exchange names, or `undefined` where it names none (before 2024).
   * Rejects with `-1125` when there is no active key.
   */
  renew(key: ListenKey): Promise<ListenKey | undefined>;
  /** `DELETE`: ends the key, **for every program of the account**. */
  release(key: ListenKey): Promise<void>;
}
