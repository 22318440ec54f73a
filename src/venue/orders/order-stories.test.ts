/**
 * Stories of orders, as transcripts. Each command is one of the exchange's; its answer comes first, then the events
 * it pushed, in order; after `raw` as they stand on the wire. Amounts on the left of `@` are base asset. After each
 * command all money is counted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, durationMs, testTranscripts } from "../../../test/transcript.ts";
import { isRefused } from "../../face/refusal.ts";
import { padded, trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { AlgoOrderUpdate } from "../../protocol/events/algo-update.ts";
import type { OrderTradeUpdate } from "../../protocol/events/order-trade-update.ts";
import { parseJson } from "../../protocol/json.ts";
import { encodeEvent, type KnownEvent, readEvent } from "../../protocol/user-data-event.ts";
import { ACCOUNTS_MAX, Exchange } from "../exchange/exchange.ts";
import type { OrderView } from "../exchange/views.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const OPENING = 1_763_000_000_000 as TransactMs;

testTranscripts("src/venue/orders/transcripts", begin);

function newExchange(triggerRejections: "algo-update" | "legacy" = "algo-update"): Exchange {
  return new Exchange({ symbols: DEFAULT_SYMBOLS, seed: 1, now: OPENING, marketMaker: "none", triggerRejections });
}

function begin(): (command: Command) => readonly string[] {
  let exchange = newExchange();
  let now = OPENING;
  let symbol = "ETHUSDT";
  let isRaw = false;
  return ({ name, words, named }) => {
    if (name === "raw") {
      isRaw = true;
      return [];
    }
    if (name === "legacy") {
      exchange = newExchange("legacy");
      return [];
    }
    now = (now + (name === "wait" ? durationMs(words[0] ?? "") : 10)) as TransactMs;
    symbol = named.on ?? symbol;
    const answer = act(exchange, { name, words, named }, symbol, now);
    const events = exchange
      .takeEvents()
      .map(({ account, event }) => `${account} ${isRaw ? encodeEvent(event) : told(event)}`);
    assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
    return [answer, ...events].filter((line) => line !== "");
  };
}

function act(exchange: Exchange, { name, words, named }: Command, symbol: string, now: TransactMs): string {
  const [account = "", second = "", third = ""] = words;
  switch (name) {
    case "open":
      exchange.createAccount({ id: account, balances: named }, now);
      return "";
    case "buy":
    case "sell":
      return placed(exchange, account, { name, words, named }, symbol, now);
    case "cancel": {
      const result = exchange.cancelOrder(account, { symbol, origClientOrderId: second }, now);
      return isRefused(result) ? refused(result) : "";
    }
    case "cancel-all": {
      const result = exchange.cancelAllOrders(account, symbol, now);
      return isRefused(result) ? refused(result) : `cancelled ${result.orders.length}`;
    }
    case "algo":
      return conditional(exchange, account, { name, words, named }, symbol, now);
    case "algo-cancel": {
      const result = exchange.cancelConditional(account, { clientAlgoId: second }, now);
      return isRefused(result) ? refused(result) : "";
    }
    case "algo-cancel-all": {
      const result = exchange.cancelAllConditionals(account, symbol, now);
      return isRefused(result) ? refused(result) : `cancelled ${result.orders.length}`;
    }
    case "amend":
      return amended(exchange, account, { name, words, named }, symbol, now);
    case "countdown": {
      const result = exchange.countDown(account, symbol, durationMs(second), now);
      return isRefused(result) ? refused(result) : `counts down ${result.countdownTime}`;
    }
    case "wait":
      exchange.due(now);
      return "";
    case "leverage": {
      const result = exchange.changeLeverage(account, symbol, Number(second), now);
      return isRefused(result)
        ? refused(result)
        : `leverage ${result.leverage} up to ${trimmed(result.maxNotionalValue)}`;
    }
    case "transfer": {
      const result = exchange.transfer(account, second, third, now);
      return isRefused(result) ? refused(result) : `wallet ${trimmed(result.walletBalance)}`;
    }
    case "market": {
      const result = exchange.moveMarket(symbol, named, now);
      return isRefused(result) ? refused(result) : "";
    }
    case "show":
      return shown(exchange, account, symbol);
    default:
      throw new Error(`unknown command ${name}`);
  }
}

/**
 * `buy alice 0.5@2800 id=a1 tif=IOC reduce stp=NONE`; without a price it is a market order, a word for a price is a
 * price match. `gtd=11m` is so much later than now.
 */
function placed(exchange: Exchange, account: string, { name, words, named }: Command, symbol: string, now: TransactMs) {
  const [quantity = "", price] = (words[1] ?? "").split("@");
  const result = exchange.placeOrder(
    account,
    {
      symbol,
      side: name === "buy" ? "BUY" : "SELL",
      type: price === undefined ? "MARKET" : "LIMIT",
      quantity,
      ...pricing(price),
      timeInForce: price === undefined ? undefined : (named.tif ?? "GTC"),
      goodTillDate: named.gtd === undefined ? undefined : String(now + durationMs(named.gtd)),
      newClientOrderId: named.id,
      reduceOnly: words.includes("reduce") ? "true" : undefined,
      selfTradePreventionMode: named.stp,
    },
    now,
  );
  if (isRefused(result)) return refused(result);
  assert.equal(result.accepted.status, "NEW");
  return `${result.order.status} ${ofOrder(result.order)}`;
}

function pricing(text: string | undefined): { readonly price?: string; readonly priceMatch?: string } {
  if (text === undefined) return {};
  return /^[A-Z]/.test(text) ? { priceMatch: text } : { price: text };
}

/** `amend alice a1 buy 0.5@2801 modify=7 reduce`. */
function amended(
  exchange: Exchange,
  account: string,
  { words, named }: Command,
  symbol: string,
  now: TransactMs,
): string {
  const [, origClientOrderId = "", side = "", terms = ""] = words;
  const [quantity, price] = terms.split("@");
  const result = exchange.amendOrder(
    account,
    {
      symbol,
      origClientOrderId,
      side: side.toUpperCase(),
      quantity,
      ...pricing(price),
      modifyId: named.modify === undefined ? undefined : Number(named.modify),
      reduceOnly: words.includes("reduce") ? "true" : undefined,
    },
    now,
  );
  return isRefused(result) ? refused(result) : `${result.order.status} ${ofOrder(result.order)}`;
}

/** `algo alice STOP sell 0.5@2740 at=2750 id=s1 wt=MARK_PRICE tif=GTC protect reduce`; `close` for a quantity. */
function conditional(
  exchange: Exchange,
  account: string,
  { words, named }: Command,
  symbol: string,
  now: TransactMs,
): string {
  const [, type = "", side = "", terms = ""] = words;
  const [quantity, price] = terms === "close" ? [] : terms.split("@");
  const result = exchange.placeConditional(
    account,
    {
      algoType: "CONDITIONAL",
      symbol,
      type,
      side: side.toUpperCase(),
      quantity,
      ...pricing(price),
      closePosition: words.includes("close") ? "true" : undefined,
      priceProtect: words.includes("protect") ? "true" : undefined,
      reduceOnly: words.includes("reduce") ? "true" : undefined,
      triggerPrice: named.at,
      activatePrice: named.from,
      callbackRate: named.rate,
      workingType: named.wt,
      timeInForce: named.tif,
      goodTillDate: named.gtd === undefined ? undefined : String(now + durationMs(named.gtd)),
      clientAlgoId: named.id,
    },
    now,
  );
  return isRefused(result) ? refused(result) : `${result.order.algoStatus} ${result.order.orderType}`;
}

function refused(result: { readonly code: number; readonly msg: string }): string {
  return `refused ${result.code} ${result.msg}`;
}

function ofOrder(order: OrderView): string {
  return `${trimmed(order.executedQty)}/${trimmed(order.origQty)}@${trimmed(order.price)}`;
}

function shown(exchange: Exchange, account: string, symbol: string): string {
  const state = exchange.accountState(account);
  const position = state.positions.find((entry) => entry.symbol === symbol);
  assert(position !== undefined);
  const { total } = state;
  return [
    `wallet ${trimmed(total.walletBalance)}`,
    `available ${trimmed(total.availableBalance)}`,
    `position ${trimmed(position.positionAmt)}@${trimmed(position.entryPrice)}`,
    `unrealised ${trimmed(position.unRealizedProfit)}`,
    `liquidation ${padded(position.liquidationPrice, 4)}`,
    `open ${openOrders(exchange, account, symbol)}`,
  ].join(", ");
}

function openOrders(exchange: Exchange, account: string, symbol: string): string {
  const open = exchange.openOrders(account, symbol);
  assert(!isRefused(open));
  return open.map((order) => `${order.clientOrderId} ${ofOrder(order)}`).join(" + ") || "none";
}

/** The event in one line. It stands for the bytes: encoded and read back it is the same, and nothing in it is new. */
function told(event: KnownEvent): string {
  const novelties: unknown[] = [];
  const back = readEvent(parseJson(encodeEvent(event)), (novelty) => novelties.push(novelty));
  assert.deepEqual(back, event);
  assert.deepEqual(novelties, []);
  switch (event.e) {
    case "TRADE_LITE":
      return `TRADE_LITE ${event.c} ${event.S} q=${event.q} p=${event.p} l=${event.l} L=${event.L} ${roleOf(event)}`;
    case "ORDER_TRADE_UPDATE":
      return `ORDER ${orderTold(event.o)}`;
    case "ACCOUNT_UPDATE":
      return `ACCOUNT ${[
        event.a.m,
        ...event.a.B.map((balance) => `${balance.a} wb=${balance.wb} cw=${balance.cw} bc=${balance.bc}`),
        ...event.a.P.map((p) => `${p.s} pa=${p.pa} ep=${p.ep} bep=${p.bep} cr=${p.cr} up=${p.up}`),
      ].join(" | ")}`;
    case "ACCOUNT_CONFIG_UPDATE":
      return `CONFIG ${event.ac?.s} l=${event.ac?.l}`;
    case "ALGO_UPDATE":
      return `ALGO ${algoTold(event.o)}`;
    case "CONDITIONAL_ORDER_TRIGGER_REJECT":
      return `TRIGGER_REJECT ${event.or.i} ${event.or.r}`;
    default:
      throw new Error(`the core pushes no ${event.e} yet`);
  }
}

function algoTold(o: AlgoOrderUpdate): string {
  const words = [o.caid, o.X, o.o, o.S, o.f, `q=${o.q}@${o.p} tp=${o.tp} ${o.wt}`];
  if (o.ai !== "") words.push(`ai=${o.ai}`);
  if (o.act !== undefined) words.push(`act=${o.act} ap=${o.ap} aq=${o.aq}`);
  if (o.tt !== 0) words.push(`tt=+${o.tt - OPENING}`);
  if (o.cp) words.push("close");
  if (o.R) words.push("reduce-only");
  if (o.ia === true) words.push("active");
  if (o.rm !== undefined) words.push(`rm=${o.rm}`);
  return words.join(" ");
}

function orderTold(o: OrderTradeUpdate["o"]): string {
  const what = o.x === o.X ? o.x : `${o.x}/${o.X}`;
  const words = [o.c, what, o.S, o.o, o.f, `z=${o.z}/${o.q}@${o.p}`];
  if (o.x === "TRADE") words.push(`l=${o.l} L=${o.L} ap=${o.ap} n=${o.n} rp=${o.rp} ${roleOf(o)}`);
  if (o.M !== undefined) words.push(`M=${o.M}`);
  if (o.st !== undefined) words.push(`${o.st} si=${o.si} ss=${o.ss}`);
  if (o.cp === true) words.push("close");
  if (o.pm !== "NONE") words.push(`pm=${o.pm}`);
  if (o.R) words.push("reduce-only");
  if (o.er !== "0") words.push(`er=${o.er}`);
  words.push(`b=${o.b} a=${o.a}`);
  return words.join(" ");
}

function roleOf({ m }: { readonly m: boolean }): string {
  return m ? "maker" : "taker";
}

test("createAccount throws a UsageError for an id that is taken or reserved, and for amounts that are none", () => {
  const exchange = newExchange();
  exchange.createAccount({ id: "alice" }, OPENING);
  const wrong = [
    { id: "alice" },
    { id: "~house" },
    { id: "" },
    { id: "bob", balances: { USDT: "-1" } },
    { id: "bob", balances: { USDT: "1e5" } },
    { id: "bob", balances: { usdt: "1" } },
    // The first entry is good: it is not booked either.
    { id: "bob", balances: { USDT: "1000", BNB: "1e5" } },
    { id: "bob", balances: { USDT: "1000", bnb: "1" } },
  ];
  for (const opening of wrong) assert.throws(() => exchange.createAccount(opening, OPENING), UsageError);
  assert.deepEqual(exchange.accountIds(), ["alice"]);
  assert.equal(exchange.auditMoney().discrepancy, 0n);
});

test("accounts have a limit, and the exchange's own is shown to nobody", () => {
  const exchange = new Exchange({ symbols: [], seed: 1, now: OPENING });
  for (let i = 0; i < ACCOUNTS_MAX; i++) exchange.createAccount({ id: `a${i}` }, OPENING);
  assert.throws(() => exchange.createAccount({ id: "one-more" }, OPENING), UsageError);
  assert.equal(exchange.accountIds().length, ACCOUNTS_MAX);
  assert.equal(exchange.hasAccount("~house"), false);
  assert.throws(() => exchange.accountState("~house"), UsageError);
});
