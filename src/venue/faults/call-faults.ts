/** The faults of calls: errors, bans, replicas that lag, clocks that are wrong. Pure; venue time, seeded dice. */
import type { ServerClocks } from "../../face/authentication.ts";
import type { CallEnd } from "../../face/calls.ts";
import type { AskedCall, Interference } from "../../face/interference.ts";
import type { ListenKeys } from "../../face/listen-keys.ts";
import type { Random } from "../../kernel/ports.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import { isSigned } from "../../protocol/endpoints/endpoint.ts";
import { endpointNamed } from "../../protocol/endpoints.ts";
import { ERROR_TEXTS, errorVariant } from "../../protocol/error-codes.ts";
import type { KnownEvent } from "../../protocol/user-data-event.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Timers } from "../exchange/timers.ts";
import type { ActiveFaults, Fault } from "./active-faults.ts";
import { LaggingReads } from "./lagging-reads.ts";

/** How long a caller is told to stay away when the fault has no end of its own. */
const WAIT_MS = 120_000;

/** What the faults of calls act on. */
export interface CallFaultsParts {
  readonly active: ActiveFaults;
  readonly timers: Timers;
  readonly exchange: Exchange;
  readonly listenKeys: ListenKeys;
  readonly weightPerMinute: number;
  readonly dice: Random;
}

/** Stands between callers and calls. */
export class CallFaults implements Interference {
  readonly #parts: CallFaultsParts;
  /** The lagging replicas of each `rest-lag` and `rest-disagree`, by the fault's id. */
  readonly #lags = new Map<string, LaggingReads>();
  /** Reads that replicas who disagree have answered, by account: every second one is old. */
  readonly #turns = new Map<string, number>();

  constructor(parts: CallFaultsParts) {
    this.#parts = parts;
  }

  /** A fault became active. */
  started(fault: Fault, now: TransactMs): void {
    if (fault.type !== "rest-lag" && fault.type !== "rest-disagree") return;
    const { exchange, timers } = this.#parts;
    const accounts = fault.account === undefined ? exchange.accountIds() : [fault.account];
    this.#lags.set(fault.id, new LaggingReads(exchange, timers, fault.settings.byMs, accounts, now));
  }

  /** A fault is not active any more. */
  ended({ id }: Fault): void {
    this.#lags.get(id)?.end();
    this.#lags.delete(id);
    if (this.#lags.size === 0) this.#turns.clear();
  }

  /** Something happened to an account. */
  changed(account: string, now: TransactMs): void {
    for (const lag of this.#lags.values()) lag.changed(account, now);
  }

  /** An event of an account, dated by the clock that the server believes. */
  dated(account: string, event: KnownEvent): KnownEvent {
    const skew = this.#skewOf([account]);
    return skew === 0 ? event : shifted(event, skew);
  }

  clocks(account: string | undefined, clocks: ServerClocks): ServerClocks {
    const skew = this.#skewOf(account === undefined ? [] : [account]);
    if (skew === 0) return clocks;
    return { now: (clocks.now + skew) as TransactMs, unjumped: (clocks.unjumped + skew) as TransactMs };
  }

  perform(call: AskedCall, { now }: ServerClocks, carryOut: (now: TransactMs) => CallEnd): CallEnd {
    const { active, listenKeys } = this.#parts;
    if (active.count === 0) return carryOut(now);
    const accounts = call.account === undefined ? [] : [call.account];
    const ban = active.find("ban", accounts);
    if (ban !== undefined) return this.#banned(ban, call, now);
    const error = this.#errorFor(call, accounts);
    if (error !== undefined) {
      if (error.settings.carriedOut) carryOut(now);
      return failed(error, call);
    }
    if (call.name === "serverTime" || call.name === "exchangeInfo") {
      return carryOut((now + this.#skewOf(accounts)) as TransactMs);
    }
    const forgets = active.find("forget-key", accounts) !== undefined;
    if (forgets && call.account !== undefined && FORGOTTEN_BY.has(call.name)) listenKeys.end(call.account, now);
    return this.#lagging(call, now, accounts, carryOut);
  }

  #lagging(
    { name, account }: AskedCall,
    now: TransactMs,
    accounts: readonly string[],
    carryOut: (now: TransactMs) => CallEnd,
  ): CallEnd {
    const { method, security } = endpointNamed(name);
    if (account === undefined || method !== "GET" || !isSigned(security)) return carryOut(now);
    const lag = this.#parts.active.find("rest-lag", accounts);
    const disagreement = this.#parts.active.find("rest-disagree", accounts);
    let replica = lag === undefined ? undefined : this.#lags.get(lag.id);
    if (replica === undefined && disagreement !== undefined) {
      const turn = this.#turns.get(account) ?? 0;
      this.#turns.set(account, turn + 1);
      if (turn % 2 === 1) replica = this.#lags.get(disagreement.id);
    }
    return replica === undefined ? carryOut(now) : replica.read(account, now, carryOut);
  }

  #errorFor({ name }: AskedCall, accounts: readonly string[]): Fault<"rest-error"> | undefined {
    const endpoint = endpointNamed(name);
    return this.#parts.active
      .all("rest-error", accounts)
      .reverse()
      .find(({ settings: { path, method, percent } }) => {
        const isMeant = endpoint.path.startsWith(path) && (method === "any" || method === endpoint.method);
        return isMeant && this.#parts.dice.next() * 100 < percent;
      });
  }

  #banned({ settings: { status }, endsAt }: Fault<"ban">, { account }: AskedCall, now: TransactMs): CallEnd {
    const until = endsAt ?? now + WAIT_MS;
    const error = status === 418 ? errorVariant(-1003, 1, until) : errorVariant(-1003, 0, this.#parts.weightPerMinute);
    return { status, content: { error }, account, waitMs: until - now };
  }

  #skewOf(accounts: readonly string[]): number {
    return this.#parts.active.find("clock-skew", accounts)?.settings.byMs ?? 0;
  }
}

/** The same, to be asked for any code. */
const TEXTS: Readonly<Record<number, readonly string[] | undefined>> = ERROR_TEXTS;

const FORGOTTEN_BY: ReadonlySet<string> = new Set(["keepListenKey", "closeListenKey"]);

function failed({ settings: { status, code, msg } }: Fault<"rest-error">, { account }: AskedCall): CallEnd {
  const [text = "The paper venue was told to fail."] = TEXTS[code] ?? [];
  return { status, content: { error: { code, msg: msg === "" ? text : msg } }, account };
}

/** `E`, `T` and the `T` of an order, where the event has them. */
function shifted(event: KnownEvent, byMs: number): KnownEvent {
  const dated: Record<string, unknown> = { ...event, E: (event.E as number) + byMs };
  if ("T" in event) dated.T = event.T + byMs;
  const order = (event as { readonly o?: Readonly<Record<string, unknown>> }).o;
  if (typeof order?.T === "number") dated.o = { ...order, T: order.T + byMs };
  return dated as unknown as KnownEvent;
}
