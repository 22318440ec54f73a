/** A follower, a stream and a REST side in the hands of a story; the records told are what it answers. */
import assert from "node:assert/strict";
import { FOLLOW_TIMING } from "../src/account/follow-timing.ts";
import { AccountFollower } from "../src/account/follower.ts";
import type { HeardFromStream, Resume } from "../src/account/follower-deps.ts";
import { Mirror } from "../src/account/mirror.ts";
import type { AccountRecord, EventRecord } from "../src/account/record.ts";
import { copyUntold, noteHoldings } from "../src/account/untold-facts.ts";
import { fixed, trimmed } from "../src/kernel/decimal.ts";
import { NetworkError, RateLimited, VenueRejected } from "../src/kernel/errors.ts";
import { seededRandom } from "../src/kernel/random.ts";
import type { EventMs, TransactMs } from "../src/kernel/scalars.ts";
import type { Income } from "../src/protocol/rest/income.ts";
import type { Order, UserTrade } from "../src/protocol/rest/orders.ts";
import type { UserDataEvent } from "../src/protocol/user-data-event.ts";
import {
  algoEvent,
  algoRow,
  amount,
  id,
  ms,
  orderEvent,
  orderRow,
  riskRow,
  strategyEvent,
  walletRow,
} from "./account-news.ts";
import { FakeReads } from "./fake-reads.ts";
import { FakeClock, KeptLog } from "./fake-world.ts";
import { type Command, durationMs } from "./transcript.ts";

/** The exchange's time when the clock begins. */
const BEGINS_AT = 1_000_000;

/** One story's world. Each change of the account happens at the exchange; `told` says that the stream brings it too. */
export class FollowerWorld {
  readonly clock = new FakeClock();
  readonly reads = new FakeReads(() => this.#now());
  readonly log = new KeptLog();
  readonly #missed: UserDataEvent[] = [];
  readonly #forgotten: Order[] = [];
  #lines: string[] = [];
  #sync = "waiting";
  #mirror = new Mirror();
  #untold = copyUntold();
  readonly #told: EventRecord["event"][] = [];
  #gaps: readonly number[] = [];
  #seq = 0;
  #toldAt = 0;
  /** The exchange's clock. */
  #putBackMs = 0;
  /** By the last certificate. */
  #completeUpTo: TransactMs | undefined;
  /** By the first `synced`. */
  #promisedSince: TransactMs | undefined;
  #lives = 0;
  /** How often the owner was called back: records and looks at the health. */
  calls = 0;
  /** At which of these calls the owner stops the stream; `undefined`: at none. */
  stopsAt: number | undefined;
  #isTaking = false;
  #follower = this.#make();

  /** Carries out a command; what was told because of it. */
  readonly answer = async (command: Command): Promise<readonly string[]> => {
    await this.#carryOut(command);
    await this.clock.advance(0);
    const { sync } = this.#follower.health;
    if (sync !== this.#sync) this.#lines.push(`→ ${sync}`);
    this.#sync = sync;
    return this.#lines.splice(0);
  };

  #now(): number {
    return BEGINS_AT + this.clock.now() - this.#putBackMs;
  }

  /** What was told is what a journal would give back. */
  #restart(from: number | undefined): void {
    const [mirror, told, gaps, untold] = [this.#mirror.copy(), [...this.#told], this.#gaps, this.#untold];
    const promised = this.#promisedSince === undefined ? {} : { promisedSince: this.#promisedSince };
    this.#follower = this.#make({ mirror, untold, told, gaps, seq: this.#seq, from: from as EventMs, ...promised });
  }

  /** The stream stops at once, or after the step that is under way. */
  #calledBack(): void {
    if (++this.calls !== this.stopsAt || this.#isTaking) return;
    this.#follower.take({ kind: "status", status: "stopped" });
  }

  #take(told: HeardFromStream): void {
    const isOver = this.stopsAt !== undefined && this.calls >= this.stopsAt;
    if (isOver) return;
    this.#isTaking = true;
    this.#follower.take(told);
    this.#isTaking = false;
    if (this.stopsAt !== undefined && this.calls >= this.stopsAt) {
      this.#follower.take({ kind: "status", status: "stopped" });
    }
  }

  #keep(record: AccountRecord): void {
    this.#lines.push(said(record));
    this.#calledBack();
    this.#seq = record.seq;
    if (record.kind === "gap") this.#gaps = [...this.#gaps, record.seq];
    if (record.kind === "repair") this.#completeUpTo = record.completeUpTo;
    if (record.kind === "repair") this.#gaps = this.#gaps.filter((gap) => !record.gaps.includes(gap));
    if (record.kind === "status" && record.status === "synced") this.#promisedSince = record.since;
    if (record.kind !== "event") return this.#picture();
    this.#toldAt = this.#now();
    this.#mirror.applyRecord(record);
    noteHoldings(this.#untold, record.event, this.#mirror, record.origin);
    this.#told.push(record.event);
  }

  /** As a hub does after a proof, and when it is told where the stream stands. */
  #picture(): void {
    this.#mirror = this.#follower.copyMirror();
    this.#untold = this.#follower.untold;
  }

  #make(resume?: Resume): AccountFollower {
    const life = ++this.#lives;
    return new AccountFollower({
      clock: this.clock,
      random: seededRandom(1),
      log: this.log,
      timing: FOLLOW_TIMING,
      account: "demo",
      reads: this.reads,
      resume,
      // Whoever was killed says nothing any more.
      tell: (record) => life === this.#lives && this.#keep(record),
      changed: () => this.#calledBack(),
      failed: (error) => this.#lines.push(`failed: ${error.message}`),
      doubtKey: () => this.#lines.push("the key is doubted"),
      declareDeaf: (why) => this.#lines.push(`declared ${why}`),
    });
  }

  async #carryOut({ name, words, named }: Command): Promise<void> {
    const follower = this.#follower;
    switch (name) {
      case "live":
      case "stopped":
        return this.#take({ kind: "status", status: name });
      case "gap":
        return this.#take({ kind: "gap", from: this.#now() as EventMs, why: words.join(" ") });
      case "wait":
        return this.clock.advance(durationMs(words[0] ?? ""));
      case "told":
        return this.#hear(this.#happen(words, named));
      case "missed":
        return void this.#missed.push(this.#happen(words, named));
      case "late":
        return this.#hear(this.#missed.shift() as UserDataEvent);
      case "lags":
        return this.reads.lag(words[0] === "yes");
      case "stalls":
        return this.reads.stall();
      case "refuses":
        return void this.reads.refusals.set(words[0] ?? "", () => refusal(named));
      case "answers":
        return void this.reads.refusals.delete(words[0] ?? "");
      case "forgets":
      case "recalls":
        return this.#forget(words[0] ?? "", name === "forgets");
      case "loses":
        this.reads.tables.trades = this.reads.tables.trades.filter(({ id: tradeId }) => tradeId !== words[0]);
        return;
      case "put-back":
        this.#putBackMs += durationMs(words[0] ?? "");
        return;
      case "proven":
        return void this.#lines.push(`at ${this.#now()} up to ${follower.health.completeUpTo}`);
      case "restart":
        return this.#restart(this.#toldAt);
      case "killed":
        return this.#restart(this.#completeUpTo ?? this.#promisedSince);
      case "asked":
        return void this.#lines.push(this.reads.asked.splice(0).join(", "));
      case "account":
        return void this.#lines.push(...this.#account());
      case "copies":
        return void this.#lines.push(`${follower.health.lateCopies} late copies dropped`);
      case "alarms":
        return void this.#lines.push(this.clock.alarms.join(", ") || "none");
      default:
        assert.fail(`no such command: ${name}`);
    }
  }

  /** REST does not know the order any more, or it does again. */
  #forget(orderId: string, isForgotten: boolean): void {
    const { tables } = this.reads;
    const isIt = (row: Order) => row.orderId === orderId;
    if (isForgotten) this.#forgotten.push(...tables.orders.filter(isIt));
    const recalled = isForgotten ? [] : this.#forgotten.filter(isIt);
    tables.orders = [...tables.orders.filter((row) => !isIt(row)), ...recalled];
  }

  #hear(event: UserDataEvent): void {
    this.#take({ kind: "event", event, raw: JSON.stringify(event) });
  }

  #account(): string[] {
    const { openOrders, conditionalOrders, balances } = this.#follower.account;
    const orders = [...openOrders.values()].map((one) => `order ${one.orderId} ${one.symbol} filled ${one.executed}`);
    const waiting = [...conditionalOrders.values()].map((one) => `conditional ${one.algoId} ${one.status}`);
    const held = this.#follower.account.held().map((one) => `${one.symbol} ${one.amount} (${one.source})`);
    const wallets = [...balances.values()].map((one) => `${one.asset} ${one.wallet} (${one.source})`);
    return [...orders, ...waiting, ...held, ...wallets];
  }

  #happen([what = "", ...words]: readonly string[], named: Readonly<Record<string, string>>): UserDataEvent {
    const symbol = named.on ?? "BTCUSDT";
    switch (what) {
      case "order":
        return this.#order(words[0] ?? "", words[1] as Order["status"], symbol);
      case "fill":
        return this.#fill(words[0] ?? "", words[1] ?? "", named.qty ?? "1", symbol);
      case "booked":
        return this.#book(words[0] as Income["incomeType"], words[1] ?? "", symbol);
      case "position":
        return this.#position(words[0] ?? "", symbol);
      case "strategy":
        return strategyEvent(this.#now(), words[0] ?? "", words[1] ?? "", symbol);
      case "algo":
        return this.#algo(words[0] ?? "", words[1] as Parameters<typeof algoEvent>[1], symbol);
      default:
        assert.fail(`nothing such happens: ${what}`);
    }
  }

  #order(orderId: string, status: Order["status"], symbol: string): UserDataEvent {
    const at = this.#now();
    const known = this.reads.tables.orders.find((row) => row.orderId === orderId);
    const time = known?.time ?? ms(at);
    const row = {
      ...(known ?? orderRow(at, status, { orderId: id(orderId), symbol })),
      status,
      time,
      updateTime: ms(at),
    };
    this.#keepOrder(row);
    return orderEvent(at, status, { i: id(orderId), s: symbol, z: row.executedQty });
  }

  #keepOrder(row: Order): void {
    const { tables } = this.reads;
    tables.orders = [...tables.orders.filter(({ orderId }) => orderId !== row.orderId), row];
  }

  #fill(orderId: string, tradeId: string, qty: string, symbol: string): UserDataEvent {
    const at = this.#now();
    const { tables } = this.reads;
    const known = tables.orders.find((row) => row.orderId === orderId) as Order;
    const executed = trimmed(fixed(known.executedQty) + fixed(qty));
    const status = fixed(executed) === fixed(known.origQty) ? "FILLED" : "PARTIALLY_FILLED";
    this.#keepOrder({ ...known, status, executedQty: executed, updateTime: ms(at) });
    tables.trades = [...tables.trades, tradeRow(at, orderId, tradeId, qty, symbol)];
    const tranId = id(tradeId);
    const fee: Partial<Income> = { symbol, tradeId, tranId, incomeType: "COMMISSION", income: amount("-0.1") };
    tables.income = [...tables.income, incomeRow(at, fee)];
    const more = {
      i: id(orderId),
      s: symbol,
      t: id(tradeId),
      l: amount(qty),
      L: amount("100"),
      z: executed,
    };
    return orderEvent(at, status, more);
  }

  #book(incomeType: Income["incomeType"], income: string, symbol: string): UserDataEvent {
    const at = this.#now();
    const { tables } = this.reads;
    const tranId = id(String(tables.income.length + 1));
    tables.income = [...tables.income, incomeRow(at, { incomeType, income: amount(income), tranId, symbol })];
    const wallet = trimmed(tables.income.reduce((sum, row) => sum + fixed(row.income), fixed("1000")));
    tables.balances = [walletRow(at, "USDT", wallet)];
    const B = [{ a: "USDT", wb: amount(wallet), cw: amount(wallet), bc: amount(income) }];
    const T = at as TransactMs;
    const m = incomeType === "TRANSFER" ? "DEPOSIT" : "FUNDING_FEE";
    return { e: "ACCOUNT_UPDATE", T, E: at as EventMs, a: { m, B, P: [] } } as UserDataEvent;
  }

  #position(positionAmt: string, symbol: string): UserDataEvent {
    const at = this.#now();
    const { tables } = this.reads;
    tables.positions = [
      ...tables.positions.filter((row) => row.symbol !== symbol),
      riskRow(at, positionAmt, { symbol }),
    ];
    const P = [{ s: symbol, pa: amount(positionAmt), ep: amount("100"), cr: amount("0"), up: amount("0") }];
    const rest = { mt: "cross", iw: amount("0"), ps: "BOTH", ma: "USDT" };
    const a = { m: "ORDER", B: [], P: P.map((row) => ({ ...row, ...rest })) };
    return { e: "ACCOUNT_UPDATE", T: ms(at), E: at as EventMs, a } as unknown as UserDataEvent;
  }

  #algo(algoId: string, status: Parameters<typeof algoEvent>[1], symbol: string): UserDataEvent {
    const at = this.#now();
    const { tables } = this.reads;
    const known = tables.algoOrders.find((row) => row.algoId === algoId);
    const createTime = known?.createTime ?? ms(at);
    const row = algoRow(at, status as "NEW", { algoId: id(algoId), symbol, createTime });
    tables.algoOrders = [...tables.algoOrders.filter((one) => one.algoId !== algoId), row];
    return algoEvent(at, status, { aid: id(algoId), s: symbol });
  }
}

/** A fill as `userTrades` shows it. */
export function tradeRow(at: number, orderId: string, tradeId: string, qty = "1", symbol = "BTCUSDT"): UserTrade {
  return {
    buyer: true,
    commission: amount("0.1"),
    commissionAsset: "USDT",
    id: id(tradeId),
    maker: false,
    orderId: id(orderId),
    price: amount("100"),
    qty: amount(qty),
    quoteQty: amount("100"),
    realizedPnl: amount("0"),
    side: "BUY",
    positionSide: "BOTH",
    symbol,
    time: ms(at),
  };
}

/** A row of `income`: a transfer of 5 USDT unless said otherwise. */
export function incomeRow(at: number, more: Partial<Income> = {}): Income {
  return {
    symbol: "",
    incomeType: "TRANSFER",
    income: amount("5"),
    asset: "USDT",
    info: "",
    time: ms(at),
    tranId: id(String(at)),
    tradeId: "",
    ...more,
  };
}

function refusal({ code, status = "400", wait }: Readonly<Record<string, string>>): Error {
  if (wait !== undefined) {
    return new RateLimited("GET /fapi", { status: 418, waitMs: durationMs(wait), msg: "banned" });
  }
  if (code === undefined) return new NetworkError("GET /fapi", "no answer", "not-sent");
  return new VenueRejected("GET /fapi", { status: Number(status), code: Number(code), msg: "no" });
}

/** One record, shortly. */
function said(record: AccountRecord): string {
  switch (record.kind) {
    case "event":
      return `${record.seq} ${eventSaid(record)}`;
    case "gap":
      return `${record.seq} gap from ${record.from}: ${record.why}`;
    case "status":
      return `${record.seq} ${record.status}`;
    case "repair": {
      const { seq, gaps, completeUpTo, recovered, holes } = record;
      const found = Object.entries(recovered).map(([name, count]) => `${count} ${name}`);
      const lacks = holes.length === 0 ? "no hole" : `holes: ${holes.join("; ")}`;
      const told = found.join(", ") || "nothing";
      return `${seq} repair of gaps [${gaps}], complete up to ${completeUpTo}, told ${told}, ${lacks}`;
    }
  }
}

type SaidName = "ORDER_TRADE_UPDATE" | "ACCOUNT_UPDATE" | "ALGO_UPDATE" | "STRATEGY_UPDATE";

function eventSaid(record: EventRecord): string {
  const how = record.origin === "repair" ? "repaired " : "early" in record ? "early " : "";
  const event = record.event as Extract<UserDataEvent, { e: SaidName }>;
  const at = event.T === undefined ? "" : ` at ${event.T}`;
  if (event.e === "ORDER_TRADE_UPDATE") {
    const { s, i, x, X, t, l, z } = event.o;
    return `${how}order ${i} ${s} ${x} ${X}${x === "TRADE" ? ` fill ${t} of ${l}, in all ${z}` : ""}${at}`;
  }
  if (event.e === "ALGO_UPDATE") return `${how}conditional ${event.o.aid} ${event.o.X}${at}`;
  if (event.e === "STRATEGY_UPDATE") return `${how}strategy ${event.su.si} ${event.su.ss}${at}`;
  const { m, B, P } = event.a;
  const rows = [...B.map((row) => `${row.a} ${row.wb ?? row.bc}`), ...P.map((row) => `${row.s} ${row.pa}`)];
  return `${how}${event.e} ${m ?? ""} ${rows.join(", ")}${at}`;
}
