/**
 * What repair told of settings a moment ago, against answers that lag. Pure.
 *
 * A setting has no date in REST. What repair told of one was so when REST was asked, or shortly before: an answer that
 * may be older than that one cannot take it back, and is asked for again later.
 */
import type { Ledger } from "./missed.ts";
import type { Survey } from "./survey.ts";
import { settingKey } from "./told-steps.ts";

/**
 * The survey without settings of which repair told since then.
 * @param since an answer of now may be as old as this, by our monotonic clock
 */
export function withoutYoungSettings(
  survey: Survey,
  { told, multiAssetsMode }: Pick<Ledger, "told" | "multiAssetsMode">,
  since: number,
): Survey {
  const isYoung = (key: string) => (told.settingAskedAt(key) ?? Number.NEGATIVE_INFINITY) >= since;
  const symbols = survey.symbols.filter(
    ({ symbol }) => !isYoung(settingKey("leverage", symbol)) && !isYoung(settingKey("margin-type", symbol)),
  );
  if (multiAssetsMode === undefined || !isYoung(settingKey("multi-assets-mode"))) return { ...survey, symbols };
  return { ...survey, symbols, config: { ...survey.config, multiAssetsMargin: multiAssetsMode.value } };
}
