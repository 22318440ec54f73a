/**
 * One account in virtual time: the production drivers, the venue's real core, and a network that is cut on command.
 * What is told is held to the venue's own log (L1, L2); what the mirror shows, and what the records alone have taught a
 * reader, to the venue's own books.
 */
import assert from "node:assert/strict";
import { Completeness } from "../sim/completeness.ts";
import { differences } from "../sim/mirror-truth.ts";
import { Program } from "../sim/program.ts";
import { Reader } from "../sim/reader.ts";
import { SimClock } from "../sim/sim-clock.ts";
import { SimNetwork } from "../sim/sim-network.ts";
import { simSigner, simVerifier } from "../sim/sim-signatures.ts";
import { Trace } from "../sim/trace.ts";
import { PLAIN_WORKLOAD } from "../sim/workload.ts";
import type { AccountView } from "../src/account/account-view.ts";
import { FOLLOW_TIMING } from "../src/account/follow-timing.ts";
import type { Resume } from "../src/account/follower-deps.ts";
import type { Mirror } from "../src/account/mirror.ts";
import type { AccountRecord, RepairRecord } from "../src/account/record.ts";
import { fixed, trimmed } from "../src/kernel/decimal.ts";
import { seededRandom, seedFor } from "../src/kernel/random.ts";
import { after, type TransactMs } from "../src/kernel/scalars.ts";
import type { Redundancy } from "../src/stream/phases.ts";
import { TIMING } from "../src/stream/timing.ts";
import type { Exchange } from "../src/venue/exchange/exchange.ts";
import { PaperVenue } from "../src/venue/paper-venue.ts";

/** Monday, 2026-01-05, 00:00 UTC. */
const BEGINS_AT = Date.UTC(2026, 0, 5);
/** Promise callbacks that may follow from one another within one moment. */
const TURNS = 60;
const MINUTE = 60_000;
/** So long after the last act the mirror must be certain. */
const CERTAIN_MAX_MS = 40 * MINUTE;
/** A market that hardly moves. */
const MARKET = { tickMs: 300_000, levels: 4, volatilityBps: 1 };

const silent = () => {};
const SILENT = { debug: silent, info: silent, warn: silent, error: silent };

/** What differs from the usual. */
export interface AtVenueWish {
  readonly redundancy?: Redundancy;
  readonly seed?: number;
}

/** One account, one venue, one program at a time. */
export class AccountAtVenue {
  readonly clock = new SimClock(BEGINS_AT);
  readonly network: SimNetwork;
  readonly venue: PaperVenue;
  readonly records: AccountRecord[] = [];
  readonly #truth = new Completeness();
  readonly #wish: AtVenueWish;
  readonly #dice: (name: string) => ReturnType<typeof seededRandom>;
  #program: Program | undefined;
  /** What the records alone have taught whoever began with the first picture. */
  #reader: Mirror | undefined;
  /** What a program that takes over finds. */
  readonly #kept = new Reader();
  #lives = 0;
  /** The first law that was broken. */
  #broken: unknown;
  /** Of the records, `why` of each gap. */
  readonly gaps: string[] = [];

  constructor(wish: AtVenueWish = {}) {
    this.#wish = wish;
    const { clock } = this;
    const { seed = 1 } = wish;
    this.#dice = (name) => seededRandom(seedFor(seed, name));
    this.venue = new PaperVenue({
      openedAt: { wall: clock.wall(), monotonic: clock.now() },
      seed,
      random: this.#dice("venue secrets"),
      verifier: simVerifier(),
      marketMaker: MARKET,
      onPush: (account, json) => void (account === "demo" && this.#truth.log(json, this.now, false)),
    });
    const { venue } = this;
    const trace = new Trace(clock);
    this.network = new SimNetwork({ clock, random: this.#dice("network"), trace, venue, served: () => {} });
  }

  /** The exchange's time. */
  get now(): TransactMs {
    return this.venue.time(this.#moment());
  }

  get exchange(): Exchange {
    return this.venue.exchange;
  }

  get program(): Program {
    assert(this.#program !== undefined, "the program has begun");
    return this.#program;
  }

  get view(): AccountView {
    return this.program.follower.account;
  }

  /** The certificates so far. */
  get certificates(): RepairRecord[] {
    return this.records.filter((record) => record.kind === "repair");
  }

  #moment() {
    return { wall: this.clock.wall(), monotonic: this.clock.now() };
  }

  /** Begins to follow, and waits until all is certain. */
  async begin(resume?: Resume): Promise<void> {
    this.network.pump();
    this.start(resume);
    await this.certain();
  }

  /** Begins to follow. */
  start(resume?: Resume): void {
    const life = this.#lives++;
    const { redundancy = 1 } = this.#wish;
    this.#program = new Program({
      clock: this.clock,
      dice: (name) => this.#dice(`${name} ${life}`),
      http: this.network.http,
      dialer: this.network.dialer,
      log: SILENT,
      circumstances: {
        urlForm: "/private/ws/",
        paceMs: 0,
        redundancy,
        timing: FOLLOW_TIMING,
        streamTiming: TIMING,
        isWhole: true,
        isTraderNear: true,
        workload: PLAIN_WORKLOAD,
      },
      apiKey: "paper-demo-key",
      signer: simSigner("paper-demo-secret"),
      resume,
      wallOffMs: () => 0,
      tell: (record) => this.#tell(record),
      changed: silent,
      failed: (error) => assert.fail(error.message),
      dialling: silent,
      doubted: silent,
    });
    this.#program.start();
  }

  /** The program dies, and another one takes over. */
  async restart(): Promise<void> {
    this.program.die();
    for (let left = this.network.wireCount; left > 0; left--) this.network.cut(0);
    const warn = (line: string) => assert.fail(line);
    this.start(await this.#kept.resume("demo", { ...SILENT, warn }));
  }

  #tell(record: AccountRecord): void {
    this.records.push(record);
    this.#kept.take(record, this.program.follower);
    try {
      this.#truth.told(record);
    } catch (error) {
      this.#broken ??= error;
    }
    if (record.kind === "gap") this.gaps.push(record.why);
    if (record.kind === "event") this.#reader?.applyRecord(record);
    if (record.kind === "status" && record.status === "synced") this.#reader ??= this.program.follower.copyMirror();
  }

  /** Does something at the exchange, now. What it returns must not be a refusal. */
  act<T>(what: (exchange: Exchange, now: TransactMs) => T): T {
    const result = what(this.exchange, this.now);
    const refused =
      typeof result === "object" && result !== null && "outcome" in result && result.outcome === "refused";
    assert(
      !refused,
      `it was not to be refused: ${JSON.stringify(result, (_key, v) => (typeof v === "bigint" ? String(v) : v))}`,
    );
    this.venue.due(this.#moment());
    this.network.pump();
    return result;
  }

  /** Money comes from the spot wallet, or goes there. */
  transfer(asset: string, amount: string): void {
    this.#command("accounts/demo/transfer", { asset, amount });
  }

  /** The venue has a fault from now on. */
  misbehave(fault: object): void {
    this.#command("faults", fault);
  }

  #command(what: string, body: object): void {
    const answer = this.network.command("POST", `/v1/paper/${what}`, JSON.stringify(body), {});
    assert.equal(answer.status, 200, answer.body);
  }

  /** Does it while nobody hears it. */
  async unheard(what: () => unknown, forMs = 5_000): Promise<void> {
    const end = this.network.begin("no-connections");
    for (let left = this.network.wireCount; left > 0; left--) this.network.cut(0);
    await this.pass(1_000);
    await what();
    await this.pass(forMs);
    end();
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const until = after(this.clock.now(), ms);
    this.clock.wake(until, "pass", () => {});
    while (this.clock.now() < until) await this.#turn();
  }

  async #turn(): Promise<void> {
    assert(this.clock.ring() !== undefined);
    for (let turn = 0; turn < TURNS; turn++) await undefined;
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Waits until it holds. */
  async until(holds: () => boolean): Promise<void> {
    const limit = this.clock.now() + CERTAIN_MAX_MS;
    while (!holds() && this.clock.now() < limit) await this.#turn();
    assert(holds(), `in time: ${holds}, ${JSON.stringify(this.program.follower.health)}`);
  }

  /** Waits until the mirror is certain. */
  async certain(): Promise<void> {
    await this.until(() => this.program.follower.health.sync === "certain");
  }

  /** The mirror is certain, says what the venue knows, and so do the records. No audit finds anything against it. */
  async proveTrue(): Promise<void> {
    await this.pass(2_000);
    await this.certain();
    // No event tells of the position mode: it is known by the next order or audit.
    const lies = this.lies().filter((lie) => !lie.startsWith("hedge mode"));
    assert.deepEqual(lies, []);
    const { length } = this.gaps;
    await this.pass(FOLLOW_TIMING.auditEveryMs + 2 * MINUTE);
    assert.deepEqual(this.gaps.slice(length), [], "no gap without a reason");
    await this.certain();
    assert.deepEqual(this.lies(), []);
    this.#truth.quiet();
  }

  /** Every way in which the mirror differs from the venue, and what the records taught from the mirror. */
  lies(): string[] {
    const reader = this.#reader?.view;
    const truth = [...differences(this.view, this.exchange, "demo"), ...settingsOf(this.view, this.exchange)];
    return reader === undefined ? truth : [...truth, ...untold(reader, this.view)];
  }
}

function settingsOf(view: AccountView, exchange: Exchange): string[] {
  const lies: string[] = [];
  const say = (what: string, known: string | undefined, is: string) => {
    if (known !== undefined && known !== is) lies.push(`${what}: ${known}, not ${is}`);
  };
  for (const row of exchange.accountState("demo").positions) {
    const { symbol, positionSide, entryPrice, isolatedWallet, leverage, isIsolated } = row;
    say(`leverage of ${symbol}`, view.leverage.get(symbol)?.value.toString(), String(leverage));
    say(`margin type of ${symbol}`, view.marginType.get(symbol)?.value, isIsolated ? "isolated" : "cross");
    const known = view.position(symbol, positionSide);
    say(`entry price of ${symbol} ${positionSide}`, known && plain(known.entryPrice), trimmed(entryPrice));
    say(`isolated wallet of ${symbol} ${positionSide}`, known && plain(known.isolatedWallet), trimmed(isolatedWallet));
  }
  for (const facts of Object.values(view)) {
    if (!(typeof facts === "object" && "values" in facts)) continue;
    for (const [key, fact] of facts as ReadonlyMap<string, { at: unknown }>)
      if (typeof fact.at !== "number") lies.push(`${key} has no date: ${JSON.stringify(fact)}`);
  }
  return lies;
}

function untold(reader: AccountView, view: AccountView): string[] {
  const lies: string[] = [];
  const same = (what: string, of: (account: AccountView) => readonly string[]) => {
    const [told, known] = [of(reader), of(view)];
    for (const one of known.filter((row) => !told.includes(row))) lies.push(`${what} never told: ${one}`);
    for (const one of told.filter((row) => !known.includes(row))) lies.push(`${what} told otherwise: ${one}`);
  };
  same("balance", (v) =>
    [...v.balances.values()]
      .map((b) => `${b.asset} ${plain(b.wallet)} ${plain(b.crossWallet)}`)
      .filter((b) => !b.endsWith(" 0 0")),
  );
  same("position", (v) =>
    v.held().map((p) => `${p.symbol} ${p.side} ${plain(p.amount)} ${plain(p.entryPrice)} ${plain(p.isolatedWallet)}`),
  );
  same("order", (v) =>
    [...v.openOrders.values()].map(
      (o) => `${o.symbol} ${o.orderId} ${plain(o.executed)} ${plain(o.price)} ${plain(o.quantity)}`,
    ),
  );
  same("conditional", (v) => [...v.conditionalOrders.values()].map((c) => `${c.algoId} ${c.status}`));
  same("leverage", (v) => [...v.leverage.values()].map((l) => `${l.symbol} ${l.value}`));
  same("margin type", (v) => [...v.marginType.values()].map((l) => `${l.symbol} ${l.value}`));
  same("Multi-Assets mode", (v) => [String(v.multiAssetsMode?.value)]);
  return lies;
}

function plain(decimal: string): string {
  return trimmed(fixed(decimal));
}
