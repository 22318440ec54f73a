/**
 * The flags that set up the paper venue of a command, for people who test a bot: fees, funding, margin calls, limits
 * and old ways of the exchange. Each may come from the environment as well: `--margin-call` is `LISTENKEY_MARGIN_CALL`.
 */
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "../kernel/errors.ts";
import type { PaperVenueOptions } from "../venue/index.ts";
import { checkSetting, origin } from "../venue/option-checks.ts";
import { listing } from "./command.ts";

type Setting = Parameters<typeof checkSetting>[0];

/** The option of the venue that each flag sets, by the name that commander makes of the flag. */
const OPTION_OF = {
  fees: "feeRates",
  funding: "funding",
  marginCall: "marginCall",
  insuranceFund: "insuranceFund",
  weightLimit: "limits",
  orderLimits: "limits",
  legacyUrls: "legacyUrls",
  acknowledgements: "acknowledgements",
  triggerRejections: "triggerRejections",
  allowOrigin: "allowedOrigins",
} as const satisfies Readonly<Record<string, keyof PaperVenueOptions>>;

/** What the flags are parsed into. */
export type VenueFlags = { readonly [F in keyof typeof OPTION_OF]?: PaperVenueOptions[(typeof OPTION_OF)[F]] };

/** The flags, in the order of the help. */
export function venueFlags(): Option[] {
  return [
    flag("--fees <maker,taker>", "commission rates; 0.0002,0.0005 when absent", (text) => {
      const [maker, taker, ...more] = text.split(",");
      return { maker, taker: more.length === 0 ? taker : undefined };
    }),
    flag("--funding <rate[,hours]>", "funding rate and interval, or none", (text) => {
      if (text === "none") return text;
      const [rate, hours, ...more] = text.split(",");
      return { rate, ...(hours === undefined ? {} : { intervalHours: more.length === 0 ? numberOf(hours) : text }) };
    }),
    flag("--margin-call <ratio>", "margin ratio of margin calls; 0.8 when absent", (ratio) => ({
      ratio,
    })),
    flag("--insurance-fund <usdt>", "what it begins with; 0 leads to ADL", (USDT) => ({ USDT })),
    flag("--weight-limit <weight>", "request weight a minute and address; 2400 when absent", (text) => ({
      weightPerMinute: numberOf(text),
    })),
    flag("--order-limits <10s,1m>", "orders in 10 s and 1 min; 300,1200 when absent", (text) => {
      const [tenSeconds, minute, ...more] = text.split(",").map(numberOf);
      return { ordersPerTenSeconds: tenSeconds, ordersPerMinute: more.length === 0 ? minute : undefined };
    }),
    choice("--legacy-urls <what>", "what /ws and /stream get", ["deliver", "silent"]),
    choice("--acknowledgements <when>", "fields of order replies", ["2026-06", "before-2026-06"]),
    choice("--trigger-rejections <how>", "how a refused trigger is told", ["algo-update", "legacy"]),
    new Option("--allow-origin <origin...>", "web pages that may call the venue, such as http://localhost:3000")
      .env("LISTENKEY_ALLOW_ORIGIN")
      .argParser((text, before: readonly string[] = []) => {
        for (const each of text.split(",")) checked(() => origin("origin", each));
        return [...before, ...text.split(",")];
      }),
  ];
}

/** The options of the venue that the flags stand for; those that were not given are absent. */
export function venueOptions(flags: VenueFlags): PaperVenueOptions {
  const options: Record<string, unknown> = {};
  for (const [flag, name] of Object.entries(OPTION_OF)) {
    const value = flags[flag as keyof VenueFlags];
    if (value === undefined) continue;
    // Two flags set limits.
    options[name] = name === "limits" ? { ...(options.limits ?? {}), ...(value as object) } : value;
  }
  return options;
}

/** A flag whose value is checked as the setting it becomes. */
function flag(flags: string, what: string, read: (text: string) => unknown): Option {
  const option = new Option(flags, what).env(variableOf(flags));
  const setting = OPTION_OF[option.attributeName() as keyof VenueFlags] as Setting;
  return option.argParser((text) => {
    const value = read(text);
    checked(() => checkSetting(setting, value as never));
    return value;
  });
}

function checked(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof UsageError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}

function choice(flags: string, what: string, words: readonly string[]): Option {
  return listing(
    flag(flags, what, (text) => text),
    words,
  );
}

/** What is no number stays text, so that it is shown as it was given. */
function numberOf(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function variableOf(flags: string): string {
  const [name = ""] = flags.split(" ");
  return `LISTENKEY_${name.slice(2).replaceAll("-", "_").toUpperCase()}`;
}
