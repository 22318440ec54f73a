/** How certain the account is, in a sentence. Pure. */
import type { GapRecord } from "../../src/account/record.ts";
import type { AccountHealth } from "../state/hub-answers.ts";
import type { Words } from "../words/en.ts";

/** The sentence, and whether it is good news. */
export interface Certainty {
  readonly state: "good" | "busy" | "bad";
  readonly text: string;
}

/** Was a gap told which the hub's answer does not know of yet? What it says of certainty is over then. */
export function isOvertaken(health: AccountHealth | undefined, gaps: readonly Pick<GapRecord, "seq">[]): boolean {
  return (gaps.at(-1)?.seq ?? 0) > (health?.lastSeq ?? 0);
}

/** What to say. @param gaps those that no certificate has ended. @param timeOf a time of the exchange in words */
export function certaintyOf(
  health: AccountHealth | undefined,
  gaps: readonly Pick<GapRecord, "seq">[],
  words: Words,
  timeOf: (ms: number) => string,
): Certainty {
  const w = words.certainty;
  if (health === undefined) return { state: "busy", text: w.unknown };
  if (isOvertaken(health, gaps)) return { state: "bad", text: w.waiting };
  const { phase, trouble, upstream } = health;
  if (phase !== "following") return { state: "bad", text: w.unfollowed(trouble ?? phase) };
  const { sync, completeUpTo } = upstream ?? {};
  switch (sync) {
    case "certain":
      return completeUpTo === undefined
        ? { state: "busy", text: w.unproven }
        : { state: "good", text: w.certain(timeOf(completeUpTo)) };
    case "confirming":
      return { state: "good", text: w.confirming };
    case "asking":
      return { state: "busy", text: w.asking };
    case "waiting":
      return { state: "bad", text: w.waiting };
    case "doubtful":
      return { state: "bad", text: w.doubtful };
    default:
      return { state: "bad", text: sync === "unasked" ? w.unasked : w.unproven };
  }
}
