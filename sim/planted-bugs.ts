/**
 * Bugs that the simulation must find, each as a small change of the compiled program: a law that nothing can break is
 * no law. Pure data.
 */

/** One change of one compiled file. */
export interface Edit {
  /** Below the folder of the build, with `/`. */
  readonly file: string;
  /** Stands there exactly once: otherwise the program has changed, and the bug must be written anew. */
  readonly from: string;
  readonly to: string;
}

/** A bug, and how it is found. */
export interface PlantedBug {
  readonly name: string;
  /** What the program then does. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** It is found in one of the worlds 1 to this one, of {@link PLANTED_HOURS} hours each. */
  readonly seeds: number;
  /** What the world says that has found it. */
  readonly law: RegExp;
}

/** How long each of these worlds lasts, in virtual hours; the last 50 minutes are without faults. */
export const PLANTED_HOURS = 2;

const CLIENT = "src/stream/stream-client.js";
const FOLLOWER = "src/account/follower.js";

/** The seeds from 1 to this one. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** What libraries in use do. */
export const BUGS_IN_USE: readonly PlantedBug[] = [
  {
    name: "deaf-to-expiry",
    what: "has no handler for listenKeyExpired: the dead key is found when it is renewed",
    edits: [{ file: CLIENT, from: 'if (event.e === "listenKeyExpired") {', to: "if (false) {" }],
    seeds: 3,
    law: /L5 a line stays on a key that is dead: it has expired/,
  },
  {
    name: "old-key",
    what: "dials the key that it was granted first, whatever became of it",
    edits: [{ file: CLIENT, from: "dialer.dial(urlOf(key),", to: "dialer.dial(urlOf((this.firstKey ??= key))," }],
    seeds: 3,
    law: /L5 a key is dialled that is dead/,
  },
  {
    name: "snapshot-first",
    what: "asks for the snapshot when it dials, not when the line is open",
    edits: [
      {
        file: "src/stream/lifecycle.js",
        from: '[{ type: "dial", key: lease.key, epoch }],',
        to: '[{ type: "dial", key: lease.key, epoch }, { type: "live", epoch }],',
      },
      {
        file: "src/stream/lines.js",
        from: 'return [next, [{ type: "live", epoch }]];',
        to: "return [next, []];",
      },
    ],
    seeds: 1,
    law: /L2 the account is asked before a line is open/,
  },
  {
    name: "no-staleness-rule",
    what: "believes an answer that is older than what the stream told",
    edits: [{ file: "src/account/telling.js", from: '"news" : "stale";', to: '"news" : "news";' }],
    seeds: 6,
    law: /L3 the mirror differs|L3 .* though an event has told that of/,
  },
  {
    name: "old-socket",
    what: "takes a new key and keeps the socket that listens on the old one",
    edits: [
      {
        file: "src/stream/following.js",
        from: "return recover(state, KEY_CHANGED, env);",
        to: "return [{ ...state, lease: leaseOf(answer.named, lease.renewal.askedAt, env.timing) }, []];",
      },
    ],
    seeds: 6,
    law: /L5 a line stays on a key that is dead: the exchange has named another one/,
  },
  {
    name: "timer-per-reconnect",
    what: "sets one more keep-alive timer with each reconnect, and does not look at what these are answered",
    edits: [
      {
        file: CLIENT,
        from: "const socket = dialer.dial(urlOf(key),",
        to: `const again = () => clock.wake(clock.now() + 1_800_000, "renew", () => {
            this.#renew(this.#state.lease?.key ?? key);
            again();
        });
        again();
        const socket = dialer.dial(urlOf(key),`,
      },
    ],
    seeds: 4,
    law: oneOf(
      /L6 the key is renewed [\d.]+ s after it was renewed/,
      /L6 \d+ times PUT/,
      /L5 a line stays on a key that is dead: the exchange has named another/,
    ),
  },
  {
    name: "delete-on-stop",
    what: "ends the key of every program on the account when it stops",
    edits: [{ file: "src/stream/lifecycle.js", from: "return [next, release && lease", to: "return [next, lease" }],
    seeds: 1,
    law: /L5 the key is not deleted unless asked for/,
  },
  {
    name: "fixed-retry",
    what: "asks for a key every five seconds when it is refused one",
    edits: [
      {
        file: "src/stream/recovery.js",
        from: "return fullJitter(random, failures, { firstMs: timing.backoffMs, maxMs: timing.backoffMaxMs });",
        to: "return 5_000;",
      },
    ],
    seeds: 6,
    law: /L6 a grant is asked for again after 5000\.000 ms, and again, and again/,
  },
  {
    name: "ids-as-numbers",
    what: "reads ids as numbers, which have no more than 53 bits",
    edits: [
      {
        file: "src/protocol/frame.js",
        from: "const laidOut = readLaidOut(text, bytes);",
        to: "const laidOut = undefined;",
      },
      { file: "src/protocol/frame.js", from: "const wire = parseJson(text);", to: "const wire = JSON.parse(text);" },
      {
        file: "src/protocol/codec.js",
        from: "fast: (bind) => `Number.isSafeInteger(v) ||",
        to: "fast: (bind) => `Number.isInteger(v) ||",
      },
      {
        file: "src/protocol/codec.js",
        from: "if (Number.isSafeInteger(value))\n            return String(value);",
        to: "if (Number.isInteger(value))\n            return String(value);",
      },
    ],
    seeds: 2,
    law: /L4 the digits are others/,
  },
];

/** Slips that a gap repair invites. */
export const BUGS_OF_REPAIR: readonly PlantedBug[] = [
  {
    name: "amounts-as-numbers",
    what: "reads amounts as numbers, and rounds these to cents",
    edits: [
      {
        file: "src/account/apply-account-update.js",
        from: "{ asset, wallet, crossWallet, at, source }",
        to: "{ asset, wallet: Number(wallet).toFixed(2), crossWallet, at, source }",
      },
    ],
    seeds: 2,
    law: /L4 the wallet of/,
  },
  {
    name: "one-round",
    what: "certifies what the first answers say, though REST may lag",
    edits: [
      {
        file: FOLLOWER,
        from: "const { holes, owed } = await repair.secondRound();",
        to: "const { holes, owed } = { holes: [], owed: 0 };",
      },
    ],
    seeds: 6,
    law: /L2 a certificate is wrong|L2 \d+ events were never told|L3 the mirror differs/,
  },
  {
    name: "page-boundary",
    what: "begins one trade too late when it asks for the next page of fills",
    edits: [
      // Small pages, so that there are many of them.
      { file: "src/account/account-reads.js", from: "PAGE_ROWS_MAX = 1000;", to: "PAGE_ROWS_MAX = 8;" },
      { file: "src/rest/account-reads.js", from: 'PAGE = "1000"', to: 'PAGE = "8"' },
      { file: "src/account/pages.js", from: "fromId = BigInt(last.id) + 1n;", to: "fromId = BigInt(last.id) + 2n;" },
    ],
    seeds: 6,
    law: oneOf(
      /L2 a hole is named that REST could have filled: REST contradicts itself/,
      /L2 a certificate is wrong/,
      /L2 \d+ events were never told/,
    ),
  },
  {
    name: "held-first",
    what: "tells what was held back before what was missed",
    edits: [
      {
        file: FOLLOWER,
        from: "const tell = (missed, askedAt) => this.#tellRepaired(missed, askedAt);",
        to: "const tell = (missed, askedAt) => { this.#release(false); this.#tellRepaired(missed, askedAt); };",
      },
    ],
    seeds: 6,
    law: /L1 .* is told by repair after what came later/,
  },
  {
    name: "late-copy",
    what: "does not know again what a slow line brings after repair has told it",
    edits: [
      {
        file: FOLLOWER,
        from: "if (this.#copiesUntil !== undefined && this.#isCopy(event)) {",
        to: "if (false) {",
      },
    ],
    seeds: 6,
    law: /L1 told twice, or never pushed/,
  },
  {
    name: "forgetful-resume",
    what: "is started again and does not know what it has told",
    edits: [{ file: FOLLOWER, from: "for (const event of resume?.told ?? [])", to: "for (const event of [])" }],
    seeds: 6,
    law: /L1 repair told what was told before/,
  },
  {
    name: "bold-certificate",
    what: "certifies everything up to now, not up to when the line was heard",
    edits: [
      {
        file: FOLLOWER,
        from: "this.#certify(matter, proof, holes);",
        to: "this.#certify(matter, { upTo: clock.wall(), at: clock.now() }, holes);",
      },
    ],
    seeds: 1,
    law: /L2 a certificate (?:reaches \d+ ms beyond what it was asked for|is wrong)/,
  },
  {
    name: "no-audit",
    what: "never asks whether a silent stream has told everything",
    edits: [
      {
        file: "src/account/audit.js",
        from: "#arm() {",
        to: "#arm() {\n        return;",
      },
    ],
    seeds: 6,
    law: /L2 the stream was deaf to it for 45 minutes|L2 nothing was proven for \d+ minutes/,
  },
  {
    name: "ban-ignored",
    what: "goes on asking while the exchange wants silence",
    edits: [{ file: "src/rest/rest-client.js", from: "budget.block(waitMs, clock.now());", to: "" }],
    seeds: 6,
    law: /L6 .* is sent \d+ ms before the silence is over that was asked for/,
  },
];

function oneOf(...laws: readonly RegExp[]): RegExp {
  return new RegExp(laws.map(({ source }) => source).join("|"));
}
