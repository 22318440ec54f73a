/** Every wait of the stream, named, with its unit and its reason. Pure. */
import { LISTEN_KEY_VALID_MS, SOCKET_AGE_MAX_MS } from "../protocol/limits.ts";

/** The waits of one stream. All in milliseconds on our monotonic clock. */
export interface Timing {
  /** From a grant or renewal being asked for to the key's end. Documented: 60 minutes. */
  readonly keyValidMs: number;
  /** From there to the next renewal. Half the validity, so that half of it is left for retries. */
  readonly renewAfterMs: number;
  /** The first retry of a failed renewal waits a random time below this; each further one below twice as much. */
  readonly renewRetryMs: number;
  /** Below this, however often it failed. */
  readonly renewRetryMaxMs: number;
  /** But not sooner than this: the end of a validity is no reason for a storm. */
  readonly renewRetryMinMs: number;
  /** From a grant or renewal to the next one that a doubt asks for: doubts may come in swarms. */
  readonly doubtRestMs: number;
  /** From dialling to giving up on a handshake. */
  readonly dialMaxMs: number;
  /** From the last sign of life to asking for one. */
  readonly probeAfterMs: number;
  /** From the last sign of life to taking the socket for dead. Binance pings every 3 minutes only: hence our probe. */
  readonly silenceMaxMs: number;
  /** A socket's age at which its successor is dialled. Documented: the exchange cuts at 24 hours. */
  readonly rotateAfterMs: number;
  /** A random part of this is taken off the age, so that a fleet does not rotate in one minute. */
  readonly rotateSpreadMs: number;
  /** Two lines are replaced at least so far apart. */
  readonly rotateApartMs: number;
  /** From a line being open to a second one being dialled, where two are wanted: so that they go different ways. */
  readonly apartMs: number;
  /** From the successor being open to the old socket being hung up: how long both deliver. */
  readonly overlapMs: number;
  /** The same, when the old socket lives and may still bring what the successor was not listening for. */
  readonly overlapMaxMs: number;
  /** The first recovery waits a random time below this; each further one below twice as much (full jitter). */
  readonly backoffMs: number;
  /** Below this, however often it failed. */
  readonly backoffMaxMs: number;
  /** After this long without trouble, earlier trouble is forgotten. */
  readonly steadyAfterMs: number;
  /** How long what a new line brings waits for what older ones may still bring before it. */
  readonly holdMaxMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The waits used in production. */
export const TIMING: Timing = {
  keyValidMs: LISTEN_KEY_VALID_MS,
  renewAfterMs: LISTEN_KEY_VALID_MS / 2,
  renewRetryMs: 5 * SECOND,
  renewRetryMaxMs: 2 * MINUTE,
  renewRetryMinMs: 1 * SECOND,
  doubtRestMs: 5 * SECOND,
  dialMaxMs: 10 * SECOND,
  probeAfterMs: 20 * SECOND,
  silenceMaxMs: 40 * SECOND,
  rotateAfterMs: SOCKET_AGE_MAX_MS - 30 * MINUTE,
  rotateSpreadMs: 1 * HOUR,
  rotateApartMs: 1 * HOUR,
  apartMs: 5 * SECOND,
  overlapMs: 10 * SECOND,
  overlapMaxMs: 1 * MINUTE,
  backoffMs: 250,
  backoffMaxMs: 30 * SECOND,
  steadyAfterMs: 1 * MINUTE,
  holdMaxMs: 2 * SECOND,
};
