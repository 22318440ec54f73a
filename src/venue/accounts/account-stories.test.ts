/**
 * Stories of accounts, as transcripts: modes, margin, margin calls, liquidation, funding. Each command's answer comes
 * first, then the events it pushed, in order, each short but whole. After each command all money is counted.
 */
import assert from "node:assert/strict";
import { type Command, testTranscripts } from "../../../test/transcript.ts";
import { isRefused, type Refused } from "../../face/refusal.ts";
import { trimmed } from "../../kernel/decimal.ts";
import type { TransactMs } from "../../kernel/scalars.ts";
import type { AccountChange, PositionUpdate } from "../../protocol/events/account-update.ts";
import type { OrderUpdate } from "../../protocol/events/order-trade-update.ts";
import { parseJson } from "../../protocol/json.ts";
import { encodeEvent, type KnownEvent, readEvent } from "../../protocol/user-data-event.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { PositionView } from "../exchange/views.ts";
import type { Cause } from "../margin/causing.ts";
import { DEFAULT_SYMBOLS } from "../market/symbols.ts";

const OPENING = 1_763_000_000_000 as TransactMs;

testTranscripts("src/venue/accounts/transcripts", begin);

type Answer = string | Refused | object;
type Act = (exchange: Exchange, command: Command, symbol: string, now: TransactMs) => Answer;

const onOff = (word: string | undefined) => word === "on";

const ACTS: Readonly<Record<string, Act>> = {
  open(x, { words: [id = ""], named }, _symbol, now) {
    x.createAccount({ id, balances: named }, now);
    return "";
  },
  buy: (x, command, symbol, now) => place(x, command, symbol, now),
  sell: (x, command, symbol, now) => place(x, command, symbol, now),
  cancel: (x, { words: [id = ""] }, symbol, now) => x.cancelAllOrders(id, symbol, now),
  hedge: (x, { words: [id = "", word] }, _symbol, now) => x.changePositionMode(id, onOff(word), now),
  multi: (x, { words: [id = "", word] }, _symbol, now) => x.changeMultiAssetsMode(id, onOff(word), now),
  burn: (x, { words: [id = "", word] }, _symbol, now) => x.changeFeeBurn(id, onOff(word), now),
  type: (x, { words: [id = "", type = ""] }, symbol, now) => x.changeMarginType(id, symbol, type, now),
  leverage: (x, { words: [id = "", leverage] }, symbol, now) => x.changeLeverage(id, symbol, Number(leverage), now),
  transfer: (x, { words: [id = "", asset = "", amount = ""] }, _symbol, now) => x.transfer(id, asset, amount, now),
  margin: (x, { words: [id = "", type, amount = ""], named: { side } }, symbol, now) =>
    x.modifyPositionMargin(id, { symbol, positionSide: side, amount, type: Number(type) }, now),
  fund: (x, { named }, symbol, now) => x.settleFunding(symbol, named.rate, now),
  exchange: (x, { words: [id = "", asset, amount] }, _symbol, now) => x.autoExchange(id, asset, amount, now),
  delist: (x, { named }, symbol, now) =>
    x.delist(symbol, named.price, named.in === undefined ? undefined : Number(named.in), now),
  cause: (x, { words: [id = "", what] }, symbol, now) => x.cause(id, what as Cause, symbol, now),
  wait: (x, _command, _symbol, now) => x.due(now) ?? "",
  market: (x, { named }, symbol, now) => x.moveMarket(symbol, named, now),
  show: (x, { words: [id = ""] }, symbol) => shown(x, id, symbol),
};

/** `venue insurance=0 ratio=0.5 repeat=1000` begins anew with other settings; `wait 1000` lets time pass. */
function newExchange({ insurance = "1000000", ratio = "0.8", repeat = "600000" }: Command["named"]): Exchange {
  return new Exchange({
    symbols: DEFAULT_SYMBOLS,
    seed: 1,
    now: OPENING,
    marketMaker: "none",
    marginCall: { ratio, repeatMs: Number(repeat) },
    insuranceFund: { USDT: insurance },
  });
}

function begin(): (command: Command) => readonly string[] {
  let exchange = newExchange({});
  let now = OPENING;
  return (command) => {
    if (command.name === "venue") {
      exchange = newExchange(command.named);
      return [];
    }
    now = (now + (command.name === "wait" ? Number(command.words[0]) : 10)) as TransactMs;
    const act = ACTS[command.name];
    assert(act !== undefined, `${command.name} is a command`);
    const answer = act(exchange, command, command.named.on ?? "ETHUSDT", now);
    const events = exchange.takeEvents().map(({ account, event }) => `${account} ${told(event)}`);
    assert.equal(exchange.auditMoney().discrepancy, 0n, "money is conserved");
    return [...answered(answer), ...events];
  };
}

function answered(answer: Answer): string[] {
  if (typeof answer !== "string") return isRefused(answer) ? [`refused ${answer.code} ${answer.msg}`] : [];
  return answer === "" ? [] : answer.split("\n");
}

/** `buy alice 0.5@2800 id=a1 side=LONG tif=IOC reduce=true`; without a price it is a market order. */
function place(exchange: Exchange, { name, words, named }: Command, symbol: string, now: TransactMs): Answer {
  const [account = "", terms = ""] = words;
  const [quantity = "", price] = terms.split("@");
  return exchange.placeOrder(
    account,
    {
      symbol,
      side: name === "buy" ? "BUY" : "SELL",
      positionSide: named.side,
      type: price === undefined ? "MARKET" : "LIMIT",
      quantity,
      price,
      timeInForce: price === undefined ? undefined : (named.tif ?? "GTC"),
      newClientOrderId: named.id,
      reduceOnly: named.reduce,
    },
    now,
  );
}

function shown(exchange: Exchange, account: string, symbol: string): string {
  const state = exchange.accountState(account);
  const { total } = state;
  const amounts = [
    `${total.asset} wallet ${trimmed(total.walletBalance)}`,
    `cross ${trimmed(total.crossWalletBalance)}`,
    `available ${trimmed(total.availableBalance)}`,
    `maintenance ${trimmed(total.maintMargin)}`,
    `may withdraw ${trimmed(total.maxWithdrawAmount)}`,
  ];
  const positions = state.positions.filter((view) => view.symbol === symbol && view.positionAmt !== 0n);
  return [amounts.join(", "), ...positions.map(positionShown)].join("\n");
}

function positionShown(view: PositionView): string {
  const isolated = view.isIsolated ? ` isolated ${trimmed(view.isolatedWallet)}` : "";
  const at = `${trimmed(view.positionAmt)}@${trimmed(view.entryPrice)}`;
  return `${view.positionSide} ${at}${isolated} up ${trimmed(view.unRealizedProfit)} liquidation ${trimmed(
    view.liquidationPrice,
  )}`;
}

/** The event in one line. Encoded and read back it is the same, and nothing in it is new. */
function told(event: KnownEvent): string {
  const novelties: unknown[] = [];
  const back = readEvent(parseJson(encodeEvent(event)), (novelty) => novelties.push(novelty));
  assert.deepEqual(back, event);
  assert.deepEqual(novelties, []);
  switch (event.e) {
    case "TRADE_LITE":
      return `TRADE_LITE ${event.c} ${event.S} ${event.l}@${event.L}`;
    case "ORDER_TRADE_UPDATE":
      return `ORDER ${orderTold(event.o)}`;
    case "ACCOUNT_UPDATE":
      return `ACCOUNT ${accountTold(event.a)}`;
    case "ACCOUNT_CONFIG_UPDATE":
      return `CONFIG ${event.ac === undefined ? `multi-assets ${event.ai?.j}` : `${event.ac.s} l=${event.ac.l}`}`;
    case "MARGIN_CALL":
      return [
        `MARGIN_CALL cw=${event.cw}`,
        ...event.p.map((p) => `${p.s} ${p.ps} ${p.mt} pa=${p.pa} iw=${p.iw} mp=${p.mp} up=${p.up} mm=${p.mm}`),
      ].join(" | ");
    default:
      throw new Error(`no story has a ${event.e}`);
  }
}

function orderTold(o: OrderUpdate): string {
  const fill = o.l === "0" ? "" : ` l=${o.l}@${o.L} n=${o.n}${o.N} rp=${o.rp}`;
  const flags = `${o.R ? " reduce-only" : ""}${o.er === "0" ? "" : ` er=${o.er}`}`;
  return `${o.c} ${o.x}/${o.X} ${o.S} ${o.ps} ${o.o} ${o.f} ${o.z}/${o.q}@${o.p}${fill}${flags} b=${o.b} a=${o.a}`;
}

function accountTold({ m, S, B, P }: AccountChange): string {
  const balances = B.map(({ a, wb, cw, bc }) => `${a} wb=${wb} cw=${cw} bc=${bc}`);
  return [S === undefined ? m : `${m} ${S}`, ...balances, ...P.map(positionTold)].join(" | ");
}

function positionTold(p: PositionUpdate): string {
  return `${p.s} ${p.ps} ${p.mt} pa=${p.pa} ep=${p.ep} iw=${p.iw} up=${p.up} cr=${p.cr}`;
}
