/**
 * What repair told a moment ago of what REST does not date: settings, and rows of positions and balances that are dated
 * by something else. Pure.
 *
 * It was so when REST was asked, or shortly before: an answer that may be older than that one cannot take it back, and
 * is asked for again later.
 */
import type { Setting } from "./facts.ts";
import type { Survey } from "./survey.ts";
import { settingKey, type Told } from "./told-steps.ts";

/** Did repair tell of it so lately? By `settingKey`, `positionKey` or asset. */
export type IsYoung = (key: string) => boolean;

/** @param since an answer of now may be as old as this, by our monotonic clock */
export function youngSince(told: Told, since: number): IsYoung {
  return (key) => (told.askedAt(key) ?? Number.NEGATIVE_INFINITY) >= since;
}

/** The survey without young settings. */
export function withoutYoungSettings(
  survey: Survey,
  { multiAssetsMode }: { readonly multiAssetsMode: Setting<boolean> | undefined },
  isYoung: IsYoung,
): Survey {
  const symbols = survey.symbols.filter(
    ({ symbol }) => !isYoung(settingKey("leverage", symbol)) && !isYoung(settingKey("margin-type", symbol)),
  );
  if (multiAssetsMode === undefined || !isYoung(settingKey("multi-assets-mode"))) return { ...survey, symbols };
  return { ...survey, symbols, config: { ...survey.config, multiAssetsMargin: multiAssetsMode.value } };
}
