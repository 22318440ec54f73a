/** A simulated world with the cryptography of this machine: the only part of it that is not pure, and no less exact. */
import { nodeVerifier } from "../../src/face/io/verifiers.ts";
import { hmacSigner } from "../../src/rest/io/signers.ts";
import { PaperVenue } from "../../src/venue/paper-venue.ts";
import { type RunReport, runWorld, type WorldSettings } from "../world.ts";

/** A market that moves once a minute: three days of it cost seconds. */
const SLOW_MARKET = { tickMs: 60_000, levels: 4 };

/** What may differ from world to world. */
export type WorldWish = Partial<Pick<WorldSettings, "faults" | "tradeEveryMs">>;

/** Runs the world of one seed for so many virtual hours. */
export function runPaperWorld(seed: number, hours: number, wish: WorldWish = {}): Promise<RunReport> {
  return runWorld({
    seed,
    hours,
    faults: "drawn",
    tradeEveryMs: 90_000,
    ...wish,
    makeVenue: (settings) => new PaperVenue({ ...settings, verifier: nodeVerifier(), marketMaker: SLOW_MARKET }),
    signer: hmacSigner("paper-demo-secret"),
  });
}
