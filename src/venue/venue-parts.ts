/** Makes the parts of a venue that may outlive it: new ones, or as a kept venue left them. Pure. */
import { ApiKeys } from "../face/api-keys.ts";
import { ListenKeys } from "../face/listen-keys.ts";
import type { TransactMs } from "../kernel/scalars.ts";
import { TransferLedger } from "./accounts/transfer-ledger.ts";
import { ClockJumps } from "./clock-jumps.ts";
import { Exchange, type ExchangeSettings } from "./exchange/exchange.ts";
import { record, type VenueParts } from "./keeping/recording.ts";
import { replay } from "./keeping/replaying.ts";
import { DEFAULT_SYMBOLS } from "./market/symbols.ts";
import type { PaperVenueSettings } from "./paper-venue-settings.ts";

/** The parts, and whether nothing has ever happened to them. */
export interface OpenedParts extends VenueParts {
  readonly isNew: boolean;
}

/** Opens the parts. With a kept venue everything that happens to them from now on goes into its log. */
export function openParts(settings: PaperVenueSettings): OpenedParts {
  const { kept, random, openedAt, tapes, onReplay } = settings;
  const now = kept?.openedAt ?? (openedAt.wall as number as TransactMs);
  const parts: VenueParts = {
    exchange: new Exchange({ ...exchangeSettings(settings), now, ...(tapes === undefined ? {} : { tapes }) }),
    keys: new ApiKeys(),
    listenKeys: new ListenKeys(random),
    transfers: new TransferLedger(),
    jumps: new ClockJumps(),
  };
  if (kept === undefined) return { ...parts, isNew: true };
  const share = (at: TransactMs) => (at - kept.openedAt) / Math.max(1, kept.reached - kept.openedAt);
  const count = replay(kept, parts, onReplay && ((at) => onReplay(Math.min(1, share(at)))));
  record(parts, kept.log);
  return { ...parts, isNew: count === 0 };
}

/** What decides, beside its inputs, what happens on the exchange. Plain data; a setting that is absent is left out. */
export function exchangeSettings(
  settings: Omit<PaperVenueSettings, "openedAt" | "random" | "verifier">,
): Omit<ExchangeSettings, "now" | "tapes"> {
  const { symbols = DEFAULT_SYMBOLS, seed = 1 } = settings;
  const { feeRates, marketMaker, marginCall, insuranceFund, funding, triggerRejections } = settings;
  return {
    symbols,
    seed,
    ...(feeRates === undefined ? {} : { feeRates }),
    ...(marketMaker === undefined ? {} : { marketMaker }),
    ...(marginCall === undefined ? {} : { marginCall }),
    ...(insuranceFund === undefined ? {} : { insuranceFund }),
    ...(funding === undefined ? {} : { funding }),
    ...(triggerRejections === undefined ? {} : { triggerRejections }),
  };
}
