/** A simulated world around the paper venue. Only real signatures, where they are asked for, are not pure. */
import { nodeVerifier } from "../../src/face/io/verifiers.ts";
import { hmacSigner } from "../../src/rest/io/signers.ts";
import { PaperVenue } from "../../src/venue/paper-venue.ts";
import { simSigner, simVerifier } from "../sim-signatures.ts";
import { type RunReport, runWorld, type WorldSettings } from "../world.ts";

/** A market that moves every five minutes, about as far in a day as one that moves every minute. */
const SLOW_MARKET = { tickMs: 300_000, levels: 10, volatilityBps: 5 };

const SECRET = "paper-demo-secret";

/** What may differ from world to world. */
export interface WorldWish extends Partial<Pick<WorldSettings, "kind" | "faults" | "tradeEveryMs">> {
  /** `real`: the cryptography of this machine, for a tenth more time. */
  readonly signatures?: "simulated" | "real";
}

/** Runs the world of one seed for so many virtual hours. */
export function runPaperWorld(seed: number, hours: number, wish: WorldWish = {}): Promise<RunReport> {
  const { signatures = "simulated", kind = "mixed", faults = "drawn", tradeEveryMs = "drawn" } = wish;
  const isReal = signatures === "real";
  const verifier = isReal ? nodeVerifier() : simVerifier();
  return runWorld({
    seed,
    hours,
    kind,
    faults,
    tradeEveryMs,
    makeVenue: (settings) => new PaperVenue({ ...settings, verifier, marketMaker: SLOW_MARKET }),
    signer: isReal ? hmacSigner(SECRET) : simSigner(SECRET),
  });
}
