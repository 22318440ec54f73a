/**
 * What records say of causes and holes, and the hub of margin, in the words of a language. They say it in English, with
 * ids and with times in milliseconds, for programs and logs; here each is recognised, and said for people: by the
 * terminal in English, by the dashboard in each of its languages. What is not known is shown as it came. Pure.
 */

/** Why certainty was lost. */
const CAUSES = {
  keyExpired: /^key expired$/,
  keyLapsed: /^key lapsed$/,
  keyUnknown: /^key unknown\b/,
  keyChanged: /^key changed elsewhere\b/,
  silent: /^silent(?: until rotated)?$/,
  late: /^late(?: until rotated)?$/,
  cut: /^closed 1006(?:[: ]+(.*))?$/,
  closed: /^closed (\d+)(?:[: ]+(.*))?$/,
  deaf: /^deaf: REST (?:knows|knew) of (.*), and no event came$/,
  away: /^the program was not running$/,
  unreadable: /^unreadable frame: (.*)$/,
};

/** What nobody can give back. */
const HOLES = {
  before: /^everything before (\d+): the exchange keeps no more than three months$/,
  unfilledBefore: /^orders that others placed and that ended unfilled before (\d+): they are not kept$/,
  unfilledElsewhere: /^orders that others placed and cancelled unfilled on symbols not known here\b/,
  notCompared: /^what was missed before (\d+): more was told meanwhile than can be compared$/,
  clockBack: /^everything since the exchange's clock was put back: it had shown (\d+), and then (\d+)$/,
  noSecret: /^everything: nothing was asked, there is no secret to sign with$/,
  nothing: /^everything: (.*)$/,
  contradiction: /^REST contradicts itself: (.*)$/,
  orderEnd: /^how order (\d+) of (\S+) ended: it is not open any more, and REST does not know it$/,
  conditionalEnd: /^how conditional order (\d+) of (\S+) ended: it is not open any more, and REST does not know it$/,
  orderEnds: /^how (\d+) orders of (\S+) ended: (.*)$/,
  conditionalEnds: /^how (\d+) conditional orders of (\S+) ended: (.*)$/,
  strategy: /^strategy (\S+) of (\S+): no call tells what became of it$/,
  alike:
    /^funding or transfers between (\d+) and (\d+), (\d+) times (.*): equal ones were told, and nothing shows which$/,
  more: /^and (\d+) more$/,
  crowded: /^(.*) of the millisecond (\d+) beyond the first (\d+)$/,
  pages: /^fills of (\S+) after (\d+) pages of them$/,
  rows: /^income after (\d+) rows$/,
  after: /^(.*) after (\d+) of them$/,
  orders: /^orders of ([A-Z0-9_]+)(?:: (.*))?$/,
  conditionals: /^conditional orders of (\S+?)(?:: (.*))?$/,
  fills: /^fills of (\S+?)(?:: (.*))?$/,
  order: /^order (\d+) of (\S+?)(?:: (.*))?$/,
  allConditionals: /^conditional orders(?:: (.*))?$/,
  allOrders: /^orders(?: that were placed)?(?:: (.*))?$/,
  income: /^funding, transfers, and symbols that traded: (.*)$/,
};

/** Why margin cannot be had. */
const MARGINS = {
  unfollowed: /^margin: expected an account that is followed\b/,
  untold: /^margin: expected an account whose upstream can tell\b/,
  noSecret: /^(?:margin|apiSecret): expected .*\bsecret\b/,
  farHub: /^the hub refused: /,
  limited: /^.* was refused: .* \(HTTP (?:418|429)\)$/,
  refused: /^.*? was refused: (.*) \((-?\d+)\)$/,
  noAnswer: /^.*? failed: (.*)$/,
  unreadable: /: expected .*, found /,
};

/** What causes are called here. */
export type CauseName = keyof typeof CAUSES;

/** What holes are called here. */
export type HoleName = keyof typeof HOLES;

/** What the reasons for no margin are called here. */
export type MarginTroubleName = keyof typeof MARGINS;

/**
 * Phrases by what was recognised: `$1` is the text that stood there, `@1` the time, `%1` another hole, in words again,
 * and what stands in braces is left out when its `$2` is nothing.
 */
export interface Reasons {
  readonly causes: Readonly<Record<CauseName, string>>;
  readonly holes: Readonly<Record<HoleName, string>>;
  readonly margins: Readonly<Record<MarginTroubleName, string>>;
}

/** Says a time, in milliseconds by the exchange's clock, as people read it. */
export type SayTime = (ms: number) => string;

/** Why certainty was lost. */
export function causeIn({ causes }: Reasons, why: string): string {
  return said(why, CAUSES, causes, AS_IT_IS);
}

/** Why margin cannot be had. */
export function marginTroubleIn({ margins }: Reasons, why: string): string {
  return said(why, MARGINS, margins, AS_IT_IS);
}

/** What nobody can give back. */
export function holeIn(reasons: Reasons, hole: string, timeOf: SayTime): string {
  return said(hole, HOLES, reasons.holes, { timeOf, again: (text) => holeIn(reasons, text, timeOf) });
}

interface Saying {
  readonly timeOf: SayTime;
  readonly again: (text: string) => string;
}

const AS_IT_IS: Saying = { timeOf: String, again: (text) => text };

function said(
  text: string,
  patterns: Readonly<Record<string, RegExp>>,
  phrases: Readonly<Record<string, string>>,
  { timeOf, again }: Saying,
): string {
  for (const [name, pattern] of Object.entries(patterns)) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const part = (place: string) => found[Number(place)] ?? "";
    const filled: Readonly<Record<string, (place: string) => string>> = {
      $: part,
      "@": (place) => timeOf(Number(part(place))),
      "%": (place) => again(part(place)),
    };
    return (phrases[name] ?? text)
      .replace(/\{([^{}]*\$(\d)[^{}]*)\}/g, (_, phrase: string, place: string) => (part(place) === "" ? "" : phrase))
      .replace(/([$@%])(\d)/g, (_, sign: string, place: string) => filled[sign]?.(place) ?? "");
  }
  return text;
}
