/**
 * The faults there are: what each does, whether it lasts, and its settings with their limits and defaults. One table
 * gives the types, the check of what callers send, and what the command line prints. Pure.
 */
import { UsageError } from "../../kernel/errors.ts";

/** The longest a fault may last, and the farthest a clock may be wrong: 31 days. */
const LASTS_MAX_MS = 31 * 86_400_000;
/** The longest a frame is held back. Frames held back are bounded in number as well. */
const HOLD_MAX_MS = 600_000;
/** How far a lagging replica may be behind. */
const LAG_MAX_MS = 3_600_000;

/** One setting of a fault. */
export interface Setting<T> {
  /** What a right value is, as a noun phrase. */
  readonly expected: string;
  /** What it does. */
  readonly what: string;
  /** The value when none is given. */
  readonly absent: T;
  /** The value, or `undefined` when it is not right. */
  readonly read: (value: unknown) => T | undefined;
}

/** One kind of fault. */
interface Kind {
  /**
   * `at-once`: it happens and is over. `while`: it lasts for a time, or until it is ended. `either`: it happens at
   * once, and again to whatever is new for as long as `forMs` says.
   */
  readonly lasts: "at-once" | "while" | "either";
  /** What a client meets, for people. */
  readonly what: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

function whole(least: number, most: number, absent: number, unit: string, what: string): Setting<number> {
  const read = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : undefined;
  return { expected: `${unit} from ${least} to ${most}`, what, absent, read };
}

function word<const W extends string>(words: readonly W[], absent: W, what: string): Setting<W> {
  const read = (value: unknown) => words.find((candidate) => candidate === value);
  return { expected: words.map((one) => `"${one}"`).join(" or "), what, absent, read };
}

function one<const N extends number>(numbers: readonly N[], absent: N, what: string): Setting<N> {
  const read = (value: unknown) => numbers.find((candidate) => candidate === value);
  return { expected: numbers.join(" or "), what, absent, read };
}

function yesOrNo(absent: boolean, what: string): Setting<boolean> {
  return { expected: "true or false", what, absent, read: (value) => (typeof value === "boolean" ? value : undefined) };
}

const TEXT_CHARS_MAX = 200;

function words(what: string): Setting<string> {
  const read = (value: unknown) => (typeof value === "string" && value.length <= TEXT_CHARS_MAX ? value : undefined);
  return { expected: `a string of at most ${TEXT_CHARS_MAX} characters`, what, absent: "", read };
}

const sockets = word(["streams", "ws-api", "all"], "streams", "which sockets it strikes");
const percent = whole(1, 100, 100, "percent", "how often, by dice that the venue's seed decides");
const lagMs = whole(1, LAG_MAX_MS, 5_000, "milliseconds", "how far the replica is behind");

/** Every fault by name. */
export const FAULT_KINDS = {
  cut: {
    lasts: "either",
    what: "sockets are destroyed without a closing frame",
    settings: { sockets },
  },
  "half-open": {
    lasts: "while",
    what: "open sockets stay open, but nothing comes, is read or answered, no ping either; at its end they are cut",
    settings: { sockets },
  },
  silence: {
    lasts: "while",
    what: "no event comes; pings, pongs and replies do",
    settings: {},
  },
  delay: {
    lasts: "while",
    what: "everything on stream sockets comes late, in its order",
    settings: { byMs: whole(1, HOLD_MAX_MS, 1_000, "milliseconds", "how late") },
  },
  duplicate: {
    lasts: "while",
    what: "events come twice on the same socket",
    settings: { percent },
  },
  reorder: {
    lasts: "while",
    what: "each stream socket is late by an amount of its own, so that of two sockets either may be ahead",
    settings: { withinMs: whole(1, HOLD_MAX_MS, 1_000, "milliseconds", "the most that a frame is late") },
  },
  "expire-key": {
    lasts: "at-once",
    what: "the listenKey runs out now",
    settings: { told: word(["once", "twice", "never"], "once", "how often listenKeyExpired comes") },
  },
  "forget-key": {
    lasts: "either",
    what: "the listenKey is unknown: PUT answers -1125, and nothing more comes on it",
    settings: {},
  },
  "foreign-delete": {
    lasts: "at-once",
    what: "another program of the account deletes the listenKey",
    settings: { closesSockets: yesOrNo(false, "are the sockets of the key closed as well? Not documented") },
  },
  "change-key": {
    lasts: "at-once",
    what: "the account holds another listenKey from now on: PUT and POST answer it, the old one is silent",
    settings: {},
  },
  "rest-lag": {
    lasts: "while",
    what: "signed reads answer as of some time ago",
    settings: { byMs: lagMs },
  },
  "rest-disagree": {
    lasts: "while",
    what: "signed reads are answered in turn by a replica that is up to date and one that lags",
    settings: { byMs: lagMs },
  },
  "rest-error": {
    lasts: "while",
    what: "calls are answered with an error",
    settings: {
      status: whole(400, 599, 503, "an HTTP status", "the HTTP status"),
      code: whole(-9_999, -1, -1_000, "a code", "Binance's code"),
      msg: words("the text; the one that goes with the code when empty"),
      path: words("which calls: the path that they begin with, such as /fapi/v1/listenKey; all when empty"),
      method: word(["GET", "POST", "PUT", "DELETE", "any"], "any", "which calls: their method"),
      carriedOut: yesOrNo(false, "is the call carried out all the same? That is what 408 and 503 may mean"),
      percent,
    },
  },
  ban: {
    lasts: "while",
    what: "every call is refused: 429 over the limit, or 418 banned",
    settings: {
      status: one([418, 429], 418, "banned, or over the limit"),
    },
  },
  "clock-skew": {
    lasts: "while",
    what: "the server's clock is wrong: serverTime, the check of timestamps, E and T of events",
    settings: { byMs: whole(-LASTS_MAX_MS, LASTS_MAX_MS, 5_000, "milliseconds", "ahead; negative is behind") },
  },
  "legacy-url-silent": {
    lasts: "while",
    what: "no event comes on the unrouted forms /ws and /stream, as in production since 2026-04-23",
    settings: {},
  },
  shutdown: {
    lasts: "while",
    what: "streams are told serverShutdown, then all sockets are closed with 1001; new ones are refused with 503",
    settings: { noticeMs: whole(0, HOLD_MAX_MS, 5_000, "milliseconds", "from the notice to the closing") },
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** The name of a fault. */
export type FaultType = keyof typeof FAULT_KINDS;

/** The names of all faults. */
export const FAULT_TYPES = Object.keys(FAULT_KINDS) as readonly FaultType[];

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The settings of a fault, all of them. */
export type SettingsOf<T extends FaultType> = {
  readonly [S in keyof (typeof FAULT_KINDS)[T]["settings"]]: ValueOf<(typeof FAULT_KINDS)[T]["settings"][S]>;
};

/** A fault that is asked for. */
export type FaultWish = {
  readonly [T in FaultType]: {
    readonly type: T;
    /** `undefined`: all accounts. */
    readonly account: string | undefined;
    /** `undefined`: at once, or until it is ended. */
    readonly forMs: number | undefined;
    readonly settings: SettingsOf<T>;
  };
}[FaultType];

const duration = whole(1, LASTS_MAX_MS, 0, "milliseconds", "how long it lasts");

/**
 * Reads a fault from parsed JSON.
 * @throws {UsageError} that says where, what was expected, what was found and what to send instead
 */
export function readFaultWish(body: unknown): FaultWish {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new UsageError("body", "an object", body, 'Send {"type":"silence","account":"demo","forMs":60000}.');
  }
  const { type, account, forMs, ...rest } = body as Readonly<Record<string, unknown>>;
  const known = FAULT_TYPES.find((candidate) => candidate === type);
  if (known === undefined) {
    throw new UsageError("body.type", "the name of a fault", type, `One of ${FAULT_TYPES.join(", ")}.`);
  }
  if (account !== undefined && typeof account !== "string") {
    throw new UsageError("body.account", "the id of an account", account, "Leave it out to strike all accounts.");
  }
  const settings = readSettings(known, rest);
  return { type: known, account, forMs: readDuration(known, forMs), settings } as FaultWish;
}

function readDuration(type: FaultType, forMs: unknown): number | undefined {
  if (forMs === undefined) return undefined;
  if (FAULT_KINDS[type].lasts === "at-once") {
    throw new UsageError("body.forMs", `no duration, since ${type} happens at once`, forMs, "Leave it out.");
  }
  const read = duration.read(forMs);
  if (read !== undefined) return read;
  throw new UsageError("body.forMs", duration.expected, forMs, "Leave it out, and end the fault by DELETE.");
}

function readSettings(type: FaultType, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const settings: Readonly<Record<string, Setting<unknown>>> = FAULT_KINDS[type].settings;
  const names = ["type", "account", "forMs", ...Object.keys(settings)].join(", ");
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(settings, name)) throw new UsageError("body", `only ${names}`, name, "Remove it.");
  }
  const read: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const value = given[name] === undefined ? setting.absent : setting.read(given[name]);
    if (value === undefined) {
      const remedy = `${name}: ${setting.what}. Left out it is ${JSON.stringify(setting.absent)}.`;
      throw new UsageError(`body.${name}`, setting.expected, given[name], remedy);
    }
    read[name] = value;
  }
  return read;
}
