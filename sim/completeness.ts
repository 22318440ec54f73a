/**
 * L1, L2 and L3, against the venue's own log. What the venue pushed is told once and in its order, by the stream or by
 * repair, or a gap stands where it is missing; each certificate is true; nothing is told that never happened. Pure.
 *
 * What a venue that falls silent swallows is excused: nobody can know of it at once. Told all the same, it is told
 * once.
 */

import { BOOKING_SLACK_MS, bookingName, bookingsOf } from "../src/account/bookings.ts";
import type { AccountRecord, RepairRecord, StatusRecord } from "../src/account/record.ts";
import type { RepairedEvent } from "../src/account/repaired-events.ts";
import { stepOf } from "../src/account/told-steps.ts";
import { fixed, trimmed } from "../src/kernel/decimal.ts";
import { assert } from "../src/kernel/errors.ts";
import type { AccountUpdate } from "../src/protocol/events/account-update.ts";
import { decodeEvent, type UserDataEvent } from "../src/protocol/user-data-event.ts";
import { isNamed } from "./named-holes.ts";
import { StandingTruth } from "./standing-truth.ts";

/** Events about a connection, which no account pushed: each socket has its own. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(["listenKeyExpired", "serverShutdown"]);

/** One event in the venue's log. */
interface Place {
  readonly number: number;
  readonly json: string;
  /** `T`, or when it was pushed. */
  readonly at: number;
  readonly isOwed: boolean;
  /** What repair can tell of it; empty for events that REST knows nothing of. */
  readonly names: readonly string[];
  /** Of positions in it with their margin type. */
  readonly symbols: readonly string[];
  /** Of them, what it has not told: one event may change several wallets, and REST lists each change by itself. */
  readonly untold: Set<string>;
  fate: "pushed" | "told" | "repaired";
  /** The last place that there was when repair told it. */
  repairedAfter?: number;
}

/** Watches one account's records. */
export class Completeness {
  /** Event text → its places that were not told yet, in order. */
  readonly #byText = new Map<string, Place[]>();
  /** Step or booking → its places, in order. */
  readonly #byName = new Map<string, Place[]>();
  /** Pushed after the last one told by the stream, or missed, and not yet certified. */
  #open: Place[] = [];
  /** Symbol → the place of the first conditional order on it that was told. */
  readonly #conditionalSymbols = new Map<string, number>();
  /** Symbol → how many places there were when a position on it was told last, which says its margin type, too. */
  readonly #marginTypes = new Map<string, number>();
  readonly #standing = new StandingTruth();
  readonly #places: Place[] = [];
  #excused = 0;
  #missed = 0;
  #repaired = 0;
  /** The last place that the stream told. */
  #last = -1;
  #seq = 0;
  #isInDoubt = false;
  /** Places before it were promised to nobody. */
  #promisedFrom = 0;
  /** What is dated earlier nobody was told: the account stood so when it was read for the first time. */
  #stoodUntil = 0;
  #isSynced = false;

  /** Figures for the report. */
  get counts(): Readonly<Record<string, number>> {
    return { pushed: this.#places.length, excused: this.#excused, missed: this.#missed, repaired: this.#repaired };
  }

  /**
   * The venue pushed it to the account, and swallows it when it is `excused`. Returns whether it is still to be told,
   * whenever it is called.
   */
  log(json: string, pushedAt: number, isExcused: boolean): () => boolean {
    const event = NAMED.test(json) ? decodeEvent(json) : undefined;
    const [names, symbols] = event === undefined ? [[], []] : [namesOf(event), symbolsOf(event)];
    const at = Number(/"T":(\d+)/.exec(json)?.[1] ?? pushedAt);
    const [number, untold] = [this.#places.length, new Set(names)];
    const place: Place = { number, json, at, isOwed: !isExcused, names, symbols, untold, fate: "pushed" };
    if (isExcused) this.#excused++;
    if (event?.e === "ACCOUNT_UPDATE") this.#standing.pushed(number, (event as AccountUpdate).a);
    this.#places.push(place);
    add(this.#byText, json, place);
    for (const name of names) add(this.#byName, name, place);
    this.#open.push(place);
    return () => this.#isLacking(place);
  }

  /**
   * The account was opened with it, and nobody was told. A program that knows the exchange's clock not quite exactly
   * may promise from a moment before, and tell it.
   */
  opened(asset: string, amount: string, at: number): void {
    const name = `${BOOKING}${bookingName(asset, amount)}`;
    add(this.#byName, name, {
      number: -1,
      json: "",
      at,
      isOwed: false,
      names: [name],
      symbols: [],
      untold: new Set([name]),
      fate: "pushed",
    });
  }

  /** Everything that was pushed was told, or given up in a certificate. */
  get isCaughtUp(): boolean {
    return this.#open.every(({ fate }) => fate !== "pushed");
  }

  /** A program begins that knows nothing of the one before: all is told anew, and nothing of the past is promised. */
  forget(): void {
    for (const place of this.#places) {
      if (place.fate === "pushed") continue;
      place.fate = "pushed";
      for (const name of place.names) place.untold.add(name);
      if (!this.#byText.get(place.json)?.includes(place)) add(this.#byText, place.json, place);
    }
    this.#open = [];
    this.#conditionalSymbols.clear();
    this.#marginTypes.clear();
    this.#standing.forget();
    this.#last = -1;
    this.#seq = 0;
    this.#isSynced = false;
  }

  /** The follower told it. @throws {InvariantViolation} when a law is broken */
  told(record: AccountRecord): void {
    assert(record.seq === ++this.#seq, `L1 seq ${record.seq} follows ${this.#seq - 1}`);
    switch (record.kind) {
      case "gap":
        this.#isInDoubt = true;
        return;
      case "status":
        return this.#status(record);
      case "repair":
        return this.#certified(record);
      case "event":
        if (record.origin === "repair") return this.#toldByRepair(record.event);
        if (!OF_CONNECTIONS.has(record.event.e)) this.#toldByStream(payloadOf(record.raw));
    }
  }

  /** Until it is synced for the first time, each live line begins anew: what was before is promised to nobody. */
  #status({ status, since }: StatusRecord): void {
    if (status === "live" && !this.#isSynced) {
      this.#promisedFrom = this.#places.length;
      this.#isInDoubt = true;
    }
    if (status !== "synced") return;
    if (!this.#isSynced) this.#stoodUntil = since ?? 0;
    this.#isSynced = true;
  }

  #toldByStream(json: string): void {
    const places = this.#byText.get(json) ?? [];
    const place = places.find(({ fate }) => fate === "pushed") ?? places[0];
    assert(place !== undefined, `L1 told twice, or never pushed: ${json}`);
    assert(place.number > this.#last, `L1 told out of order: ${json}`);
    const missed = this.#open.filter((one) => one.number > this.#last && one.number < place.number && isMissing(one));
    assert(missed.length === 0 || this.#isInDoubt, `L2 ${missed.length} events missed without a gap before ${json}`);
    this.#missed += missed.length;
    this.#last = place.number;
    this.#isInDoubt = false;
    this.#settle(place, "told");
    this.#standing.told(place.number);
    this.#toldPositions(place.symbols, place.number + 1);
    this.#open = this.#open.filter((one) => one.number > this.#last || one.fate === "pushed");
  }

  #toldByRepair(event: RepairedEvent): void {
    this.#repaired++;
    if (event.e === "ACCOUNT_UPDATE") this.#standing.repaired(event.a);
    this.#toldPositions(symbolsOf(event), this.#places.length);
    for (const name of namesOf(event)) {
      const places = this.#byName.get(name) ?? [];
      const isFree = ({ fate, untold, at }: Place) =>
        fate === "pushed" && untold.has(name) && isNear(name, at, event.T);
      const near = places.filter(isFree);
      // What has no date is what was set last.
      const place = near.find(({ at }) => at === event.T) ?? (name.startsWith(SETTING) ? near.at(-1) : near[0]);
      const why = places.length === 0 ? "never pushed" : "told before";
      assert(place !== undefined, `L1 repair told what was ${why}: ${name} ${JSON.stringify(event)}`);
      place.untold.delete(name);
      if (place.untold.size === 0) this.#settle(place, "repaired");
    }
  }

  #toldPositions(symbols: readonly string[], count: number): void {
    for (const symbol of symbols) this.#marginTypes.set(symbol, Math.max(count, this.#marginTypes.get(symbol) ?? 0));
  }

  #settle(place: Place, fate: Place["fate"]): void {
    place.fate = fate;
    if (fate === "repaired") place.repairedAfter = this.#places.length - 1;
    if (place.names[0]?.startsWith("A|")) this.#toldConditional(place);
    if (fate === "repaired" && saysMore(place)) return;
    const left = (this.#byText.get(place.json) ?? []).filter((one) => one !== place);
    if (left.length === 0) this.#byText.delete(place.json);
    else this.#byText.set(place.json, left);
  }

  #toldConditional({ json, number }: Place): void {
    const symbol = symbolIn(json);
    this.#conditionalSymbols.set(symbol, Math.min(number, this.#conditionalSymbols.get(symbol) ?? number));
  }

  /**
   * Everything up to the certificate was told, but for what REST knows nothing of, and what is named as a hole. What
   * the venue swallowed is no exception: by then REST was asked.
   */
  #certified({ from, completeUpTo, holes }: RepairRecord): void {
    const covered = this.#open.filter(({ at }) => at <= completeUpTo);
    const lacking = covered.filter(
      (place) =>
        this.#isLacking(place, from ?? 0) &&
        !this.#isAmendedSince(place, completeUpTo) &&
        !isNamed(place.names[0] ?? "", symbolIn(place.json), holes),
    );
    assert(lacking.length === 0, `L2 a certificate is wrong: never told ${lacking[0]?.json}`);
    const done = new Set(covered);
    this.#open = this.#open.filter((place) => !done.has(place));
  }

  /** Promised, never told, and nothing else stands for it. @param from what was asked for begins here */
  #isLacking(place: Place, from = Number.POSITIVE_INFINITY): boolean {
    const isPromised = place.number >= this.#promisedFrom && place.names.length > 0;
    return isPromised && place.fate === "pushed" && !this.#isOutdone(place) && !this.#isUnseeable(place, from);
  }

  /** An order shows its last amendment only: what is younger than the certificate may be on its way. */
  #isAmendedSince({ number, names: [name = ""] }: Place, upTo: number): boolean {
    const thing = thingOf(name);
    if (thing === undefined || !name.startsWith("O|")) return false;
    return this.#places.some((one) => one.number > number && one.at > upTo && thingOf(one.names[0] ?? "") === thing);
  }

  /**
   * REST lists conditional orders that have ended by symbol only: one that came and went untold, on a symbol that was
   * not known for any when it was asked about, nobody could ask for.
   */
  #isUnseeable({ names: [name = ""], json, number }: Place, from: number): boolean {
    if (!name.startsWith("A|")) return false;
    const steps = [...this.#byName].filter(([other]) => thingOf(other) === thingOf(name));
    const isOver = steps.some(([other]) => /\|(?:CANCELED|EXPIRED|REJECTED)$/.test(other));
    const places = steps.flatMap(([, ofStep]) => ofStep);
    if (!isOver || places.some(({ fate }) => fate !== "pushed")) return false;
    const knownSince = this.#conditionalSymbols.get(symbolIn(json));
    return knownSince === undefined || (knownSince > number && places.some(({ at }) => at < from));
  }

  /** Of an amended or conditional order only where it stands can be told: a later word on it is enough. */
  #isOutdone(place: Place): boolean {
    const [name = ""] = place.names;
    const thing = thingOf(name);
    if (thing === undefined) return false;
    for (const [other, places] of this.#byName) {
      if (thingOf(other) === thing && places.some(({ number, fate }) => number > place.number && fate !== "pushed"))
        return true;
    }
    if (name.startsWith("A|")) return false;
    if (place.number < (this.#marginTypes.get(symbolOfMarginType(name)) ?? 0)) return true;
    return this.#wasPlacedSo(place, thing) || this.#wasToldLater(place, thing) || this.#cameBack(place, thing);
  }

  /** The order was placed unheard as well: repair told its placing, with what it was amended to. */
  #wasPlacedSo({ number }: Place, thing: string): boolean {
    const placings = this.#byName.get(`${thing}|NEW`) ?? [];
    return placings.some(({ repairedAfter = -1 }) => repairedAfter >= number);
  }

  /** A later fill or end of the order was told, which says what it was amended to. */
  #wasToldLater({ number }: Place, thing: string): boolean {
    const prefixes = [`${thing}|`, `F${thing.slice(1)}|`];
    return [...this.#byName].some(
      ([name, places]) =>
        prefixes.some((prefix) => name.startsWith(prefix)) &&
        places.some((one) => one.number > number && one.fate !== "pushed"),
    );
  }

  /** It was amended or set to and fro, to what was told of it before, or to what it was at the first look. */
  #cameBack({ number }: Place, thing: string): boolean {
    const life = [...this.#byName]
      .flatMap(([name, places]) => (name === `${thing}|NEW` || thingOf(name) === thing ? places : []))
      .sort((a, b) => a.number - b.number);
    // Repair tells a placing with what the order was amended to by then.
    const before = life
      .filter((one) => one.number < number && one.fate !== "pushed")
      .map((one) => life.findLast((other) => other.number <= (one.repairedAfter ?? one.number)) ?? one);
    const stood = life.findLast(({ at }) => at < this.#stoodUntil);
    const known = before.reduce((a, b) => (a && a.number > b.number ? a : b), stood);
    const last = life.at(-1);
    // What a setting was before its first change no event tells.
    if (known === undefined) return thing.startsWith(SETTING);
    return last !== undefined && termsIn(known) === termsIn(last);
  }

  /** The world has been quiet for a while. @throws {InvariantViolation} when something was never told */
  quiet(): void {
    const tail = this.#open.filter((place) => place.number > this.#last && isMissing(place));
    const isLate = tail.length > 0 && !this.#isInDoubt;
    assert(!isLate, `L2 ${tail.length} events at the end were neither told nor announced as missed`);
    const never = this.#open.filter((place) => this.#isLacking(place));
    assert(never.length === 0, `L2 ${never.length} events were never told, such as ${never[0]?.json}`);
  }
}

/**
 * A trailing stop that is active from its placing: REST never says so, and its event may be dated otherwise than its
 * row. Then nothing shows that it is not the activation of one that was told as placed.
 */
function saysMore({ names: [name = ""], json }: Place): boolean {
  return name.startsWith("A|") && name.endsWith("|NEW") && json.includes('"ia":true');
}

function isMissing({ fate, isOwed }: Place): boolean {
  return fate === "pushed" && isOwed;
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

const NAMED = /^\{"e":"(?:ORDER_TRADE_UPDATE|ALGO_UPDATE|ACCOUNT_UPDATE|ACCOUNT_CONFIG_UPDATE)"/;

/** Names of what an event tells, by which repair is held to it. */
function namesOf(event: UserDataEvent | RepairedEvent): readonly string[] {
  const step = stepOf(event);
  return step === undefined ? bookingsOf(event).map(({ name }) => `${BOOKING}${name}`) : [step];
}

function symbolIn(json: string): string {
  return /"s":"([^"]*)"/.exec(json)?.[1] ?? "";
}

const BOOKING = "B|";

const SETTING = "S|";

/** Of positions that an event tells with their margin type. */
function symbolsOf(event: UserDataEvent | RepairedEvent): readonly string[] {
  if (event.e !== "ACCOUNT_UPDATE") return [];
  const { P } = (event as Extract<RepairedEvent, { e: "ACCOUNT_UPDATE" }>).a;
  return P.filter(({ mt }) => mt !== undefined).map(({ s }) => s);
}

function symbolOfMarginType(name: string): string {
  return name.startsWith(`${SETTING}margin-type|`) ? (name.split("|")[2] ?? "") : "";
}

/** Bookings have no id: they are told apart by their time. */
function isNear(name: string, at: number, T: number | undefined): boolean {
  return !name.startsWith(BOOKING) || Math.abs(at - (T ?? 0)) <= BOOKING_SLACK_MS;
}

/** The order that an amendment is of, the conditional order, or the setting; `undefined`: it must be told by itself. */
function thingOf(name: string): string | undefined {
  const [kind, first = "", second = "", what] = name.split("|");
  if (kind === "A") return `A|${first}`;
  if (kind === "S") return `S|${first}|${second}`;
  return kind === "O" && what === "AMENDMENT" ? `O|${first}|${second}` : undefined;
}

/** Price and quantity of an order, or what was set. */
function termsIn({ names: [name = ""], json }: Place): string {
  if (name.startsWith(SETTING)) return name;
  const { o } = decodeEvent(json) as { readonly o?: { readonly p: string; readonly q: string } };
  return o === undefined ? "" : `${trimmed(fixed(o.p))} ${trimmed(fixed(o.q))}`;
}

/** What a frame of either framing carries. */
function payloadOf(raw: string): string {
  if (!raw.startsWith(ENVELOPE)) return raw;
  return raw.slice(raw.indexOf(DATA) + DATA.length, -1);
}

const ENVELOPE = '{"stream":"';
const DATA = '","data":';
