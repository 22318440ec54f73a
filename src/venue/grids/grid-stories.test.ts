/**
 * Stories of grids, as transcripts: what starts them, what they trade, and every way they end. Each command's answer
 * comes first, then the events it pushed, in order. After each command all money is counted.
 */
import assert from "node:assert/strict";
import { type Command, testTranscripts } from "../../../test/transcript.ts";
import { isRefused } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import { UsageError } from "../../kernel/errors.ts";
import type { Id64, TransactMs } from "../../kernel/scalars.ts";
import { parseJson } from "../../protocol/json.ts";
import { encodeEvent, type KnownEvent, readEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { Cause } from "../margin/causing.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";
import type { GridView } from "./grid-views.ts";

const OPENING = 1_763_000_000_000 as TransactMs;
const SYMBOL = "ETHUSDT";

testTranscripts("src/venue/grids/transcripts", begin);

type Act = (exchange: Exchange, command: Command, now: TransactMs) => object | string;

const flagOf = (word: string | undefined) => (word === undefined ? undefined : word === "true");

const ACTS: Readonly<Record<string, Act>> = {
  open(x, { words: [id = ""], named }, now) {
    x.createAccount({ id, balances: named }, now);
    return "";
  },
  grid: (x, { words: [id = ""], named }, now) => {
    const { lower = "2700", upper = "2900", count = "4", qty, value, way, type, up, down, by, cos, cps } = named;
    const request = {
      symbol: SYMBOL,
      direction: way,
      gridType: type,
      gridCount: Number(count),
      gridLowerLimit: lower,
      gridUpperLimit: upper,
      perGridQty: value === undefined ? (qty ?? "0.5") : undefined,
      gridInitialValue: value,
      stopUpperLimit: up,
      stopLowerLimit: down,
      stopTriggerType: by,
      cos: flagOf(cos),
      cps: flagOf(cps),
    };
    return gridShown(x.startGrid(id, request, now));
  },
  change: (x, { words: [id], named: { up, down, by, cos, cps } }, now) => {
    const stops = { stopUpperLimit: up, stopLowerLimit: down, stopTriggerType: by };
    return gridShown(x.changeGrid(Number(id), { ...stops, cos: flagOf(cos), cps: flagOf(cps) }, now));
  },
  stop: (x, { words: [id] }, now) => gridShown(x.stopGrid(Number(id), now)),
  show: (x, { words: [id] }) => {
    const grid = x.grid(Number(id));
    return grid === undefined ? "none" : [gridShown(grid), ...grid.orders.map(orderShown)].join("\n");
  },
  account: (x, { words: [id = ""] }) => {
    const { total, positions } = x.accountState(id);
    const position = positions.find(({ symbol }) => symbol === SYMBOL);
    const held = `${trimmed(position?.positionAmt ?? 0n)}@${trimmed(position?.entryPrice ?? 0n)}`;
    return `wallet ${trimmed(total.walletBalance)} position ${held}`;
  },
  buy: place,
  sell: place,
  cancel: (x, { words: [id = "", orderId] }, now) =>
    x.cancelOrder(id, { symbol: SYMBOL, origClientOrderId: orderId }, now),
  "cancel-all": (x, { words: [id = ""] }, now) => x.cancelAllOrders(id, SYMBOL, now),
  amend: (x, { words: [id = "", orderId, terms = ""], named: { side = "BUY" } }, now) => {
    const [quantity, price] = terms.split("@");
    return x.amendOrder(id, { symbol: SYMBOL, origClientOrderId: orderId, side, quantity, price }, now);
  },
  algo: (x, { words: [id = "", side = "", trigger], named: { qty } }, now) =>
    x.placeConditional(
      id,
      { algoType: "CONDITIONAL", symbol: SYMBOL, side, type: "STOP_MARKET", quantity: qty, triggerPrice: trigger },
      now,
    ),
  hedge: (x, { words: [id = "", word] }, now) => x.changePositionMode(id, word === "on", now),
  burn: (x, { words: [id = "", word] }, now) => x.changeFeeBurn(id, word === "on", now),
  leverage: (x, { words: [id = "", leverage] }, now) => x.changeLeverage(id, SYMBOL, Number(leverage), now),
  transfer: (x, { words: [id = "", amount = ""] }, now) => x.transfer(id, "USDT", amount, now),
  cause: (x, { words: [id = "", what] }, now) => x.cause(id, what as Cause, SYMBOL, now),
  fund: (x, { named }, now) => x.settleFunding(SYMBOL, named.rate, now),
  market: (x, { named }, now) =>
    x.moveMarket(named.on ?? SYMBOL, { price: named.price, markPrice: named.markPrice }, now),
};

/** `venue maxOrders=3` begins anew with another MAX_NUM_ORDERS, `venue maker=on` with a market maker. */
function newExchange({ maxOrders, maker }: Command["named"]): Exchange {
  const symbols = DEFAULT_SYMBOLS.map((listing) => {
    const filters = listing.info.filters.map((filter) =>
      filter.filterType === "MAX_NUM_ORDERS" && maxOrders !== undefined
        ? { ...filter, limit: Number(maxOrders) }
        : filter,
    );
    return { ...listing, info: { ...listing.info, filters } };
  });
  const marketMaker = maker === "on" ? { volatilityBps: 0 } : "none";
  return new Exchange({ symbols, seed: 1, now: OPENING, marketMaker });
}

function begin(): (command: Command) => readonly string[] {
  let exchange = newExchange({});
  let now = OPENING;
  return (command) => {
    if (command.name === "venue") {
      exchange = newExchange(command.named);
      return [];
    }
    now = (now + 10) as TransactMs;
    if (command.name === "wait") {
      now = (now + Number(command.words[0]) * 86_400_000) as TransactMs;
      exchange.due(now);
    }
    const answer = command.name === "wait" ? "" : carriedOut(exchange, command, now);
    const events = exchange.takeEvents().map(({ account, event }) => `${account} ${told(event)}`);
    assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
    return [...(answer === "" ? [] : answer.split("\n")), ...events];
  };
}

function carriedOut(exchange: Exchange, command: Command, now: TransactMs): string {
  const act = ACTS[command.name];
  assert(act !== undefined, `${command.name} is a command`);
  try {
    const answer = act(exchange, command, now);
    if (typeof answer === "string") return answer;
    return isRefused(answer) ? `refused ${answer.code} ${answer.msg}` : "";
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

/** `buy alice 0.5@2800 id=a1`; without a price it is a market order. */
function place(exchange: Exchange, { name, words, named }: Command, now: TransactMs): object {
  const [account = "", terms = ""] = words;
  const [quantity = "", price] = terms.split("@");
  return exchange.placeOrder(
    account,
    {
      symbol: SYMBOL,
      side: name === "buy" ? "BUY" : "SELL",
      type: price === undefined ? "MARKET" : "LIMIT",
      quantity,
      price,
      timeInForce: price === undefined ? undefined : "GTC",
      newClientOrderId: named.id,
      reduceOnly: named.reduce,
    },
    now,
  );
}

function gridShown(grid: GridView): string {
  const { unmatchedQty, unmatchedAvgPrice, unmatchedFee, matchedPnl, gridProfit } = grid;
  const unmatched = `${trimmed(unmatchedQty)}@${trimmed(unmatchedAvgPrice)} fee ${trimmed(unmatchedFee)}`;
  const profit = `profit ${trimmed(gridProfit)} matched ${trimmed(matchedPnl)} unmatched ${unmatched}`;
  return `${grid.strategyId} ${grid.strategyStatus} ${grid.opCode} ${trimmed(grid.perGridQty)} each, ${profit}`;
}

function orderShown(order: GridView["orders"][number]): string {
  const { clientOrderId, side, executedQty, origQty, price } = order;
  return `${clientOrderId} ${side} ${trimmed(executedQty)}/${trimmed(origQty)}@${trimmed(price)}`;
}

/** The event in one line. Encoded and read back it is the same, and nothing in it is new. */
function told(event: KnownEvent): string {
  const novelties: unknown[] = [];
  const back = readEvent(parseJson(encodeEvent(event)), (novelty) => novelties.push(novelty));
  assert.deepEqual(back, event);
  assert.deepEqual(novelties, []);
  switch (event.e) {
    case "STRATEGY_UPDATE":
      return `STRATEGY ${event.su.si} ${event.su.ss} ${event.su.c}`;
    case "GRID_UPDATE": {
      const { si, ss, r, up, uq, uf, mp } = event.gu;
      return `GRID ${si} ${ss} r=${r} up=${up} uq=${uq} uf=${uf} mp=${mp}`;
    }
    case "ORDER_TRADE_UPDATE": {
      const { o } = event;
      const fill = o.l === "0" ? "" : ` l=${o.l}@${o.L} n=${o.n}${o.N} rp=${o.rp}`;
      const origin = o.si === ("0" as Id64) ? "" : ` si=${o.si} st=${o.st}`;
      return `ORDER ${o.c.replace(/\d{12,}/, "…")} ${o.x}/${o.X} ${o.S} ${o.z}/${o.q}@${o.p}${fill}${
        o.er === "0" ? "" : ` er=${o.er}`
      }${origin}`;
    }
    case "ACCOUNT_UPDATE":
      return `ACCOUNT ${event.a.m} ${event.a.B.map(({ a, wb }) => `${a} ${wb}`).join(" ")} ${event.a.P.map(
        ({ pa, ep }) => `pa=${pa}@${ep}`,
      ).join(" ")}`;
    default:
      return event.e;
  }
}
