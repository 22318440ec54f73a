/** What the doctor finds, check by check, and how that is shown to people and to programs. Pure. */

/**
 * What came of a check. `unsure`: nothing is known to be wrong, and not all was proven. `skipped`: it could not be
 * made, because of an earlier one or for lack of time.
 */
export type Verdict = "ok" | "unsure" | "wrong" | "skipped";

/** The checks, in the order in which they are made. */
export const CHECKS = [
  "reach",
  "clock",
  "limits",
  "key",
  "permissions",
  "listenKey",
  "ws-api",
  "urls",
  "delivery",
  "retired-urls",
  "mirror",
  "sockets",
  "clock-steps",
] as const;

/** The name of a check. */
export type CheckName = (typeof CHECKS)[number];

/** What one check found. */
export interface Finding {
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** In plain words; never a secret. */
  readonly says: string;
  /** What to do about it; absent when there is nothing to do. */
  readonly remedy?: string;
  /** The same for programs: milliseconds, counts, names. */
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

const NAME_CHARS = 14;
const VERDICT_CHARS = 9;
const SHOWN: Readonly<Record<Verdict, string>> = { ok: "ok", unsure: "unsure", wrong: "WRONG", skipped: "-" };

/** The finding for people: `ok       clock         …`, and below it what to do. Two columns, and text. */
export function findingLines({ check, verdict, says, remedy }: Finding): string[] {
  const lines = [`${SHOWN[verdict].padEnd(VERDICT_CHARS)}${check.padEnd(NAME_CHARS)}${says}`];
  if (remedy !== undefined) lines.push(`${" ".repeat(VERDICT_CHARS + NAME_CHARS)}→ ${remedy}`);
  return lines;
}

/** One line for the whole examination. */
export function summaryLine(findings: readonly Finding[]): string {
  const named = (verdict: Verdict) =>
    findings.filter((finding) => finding.verdict === verdict).map(({ check }) => check);
  const wrong = named("wrong");
  const unsure = named("unsure");
  const open = unsure.length === 0 ? "" : ` Not proven: ${unsure.join(", ")}.`;
  return wrong.length === 0 ? `Nothing wrong was found.${open}` : `Wrong: ${wrong.join(", ")}.${open}`;
}
