/**
 * The mirror: what we believe the account holds, since when, and who says so. Pure; it asks nobody.
 *
 * Rules kept here
 * - L3: older news never wins, fact by fact; see telling.ts for what wins, and orders.ts for orders.
 * - Events and answers are merged by the same rule, so their order does not matter as long as their dates differ.
 * - What a list does not name is told as `missing`, never silently dropped: the repair decides what became of it, and
 *   says so ({@link Mirror.flattened}, or an answer about the one order).
 * - A view is immutable, and the same object until something changes.
 */
import type { Id64, TransactMs } from "../kernel/scalars.ts";
import type { Balance as BalanceReply } from "../protocol/rest/account.ts";
import type { AccountConfig, SymbolConfig } from "../protocol/rest/account-settings.ts";
import type { AlgoOrder } from "../protocol/rest/algo-orders.ts";
import type { Order as OrderReply } from "../protocol/rest/orders.ts";
import type { PositionRiskV3 } from "../protocol/rest/position-risk.ts";
import type { KnownEvent, UserDataEvent } from "../protocol/user-data-event.ts";
import type { AccountChange, Outcome } from "./account-change.ts";
import { AccountState, NO_GROUP } from "./account-state.ts";
import { AccountView } from "./account-view.ts";
import { applyAccountUpdate } from "./apply-account-update.ts";
import { applyAlgoUpdate, mergeConditionalOrder, mergeOpenConditionalOrders } from "./conditional-orders.ts";
import { type FactSource, isConditionalEnded, isEnded, orderKey, type PositionSide } from "./facts.ts";
import { learnFlat, mergeBalances, mergePositionRisk } from "./holdings.ts";
import { applyOrderTradeUpdate, mergeOpenOrders, mergeOrder } from "./orders.ts";
import type { EventRecord } from "./record.ts";
import { applyAccountConfigUpdate, mergeAccountConfig, mergePositionMode, mergeSymbolConfig } from "./settings.ts";
import { applyGridUpdate, applyStrategyUpdate } from "./strategies.ts";
import type { Telling } from "./telling.ts";

/** Where an answer comes from, and how much it is to be believed. */
export interface AnswerTerms {
  /** `snapshot` when the stream is first followed, `repair` after a gap. */
  readonly source: Exclude<FactSource, "stream">;
  /**
   * Is it to be believed even if it is stale, disputed or undated? For an answer that was asked for again, and stayed.
   * Even so an order that has ended does not open again, and none is less filled than it was.
   */
  readonly insists?: boolean;
}

/** How far settings are to be believed. */
export interface SettingTerms extends AnswerTerms {
  /** Settings have no date: each is believed against what is known and older than this. Absent: against nothing. */
  readonly undatedBefore?: TransactMs;
}

/** Before every date. */
const EVER = 0 as TransactMs;

const BY_STREAM: Telling = { source: "stream", by: "event", insists: false };
const BY_STREAM_PUT_BACK: Telling = { ...BY_STREAM, insists: true };
const BY_REPAIR: Telling = { source: "repair", by: "event", insists: false };

/** The facts of one account. */
export class Mirror {
  readonly #state: AccountState;
  #view: AccountView | undefined;
  #viewVersion = -1;

  /** @param state what is known already; nothing when absent */
  constructor(state = new AccountState()) {
    this.#state = state;
  }

  /** A mirror that shows the same, and goes its own way from now on. */
  copy(): Mirror {
    return new Mirror(this.#state.copy());
  }

  /** What is known now. Immutable; the same object until something changes. */
  get view(): AccountView {
    if (this.#view === undefined || this.#viewVersion !== this.#state.version) {
      this.#view = new AccountView(this.#state);
      this.#viewVersion = this.#state.version;
    }
    return this.#view;
  }

  /**
   * From now on `take` is given what each event and each answer changes, when {@link view} shows it; never an empty
   * list. One at a time watches. It must not throw.
   */
  watch(take: (changes: readonly AccountChange[]) => void): void {
    this.#state.onChanges = take;
  }

  /** The newest trade id of a symbol that an `ORDER_TRADE_UPDATE` told; `undefined` when none did. */
  lastTradeId(symbol: string): Id64 | undefined {
    return this.#state.lastTradeIds.get(symbol);
  }

  /** {@link lastTradeId} of all symbols, as of now: a copy. */
  lastTradeIds(): ReadonlyMap<string, Id64> {
    return new Map(this.#state.lastTradeIds);
  }

  /**
   * Applies one event. One that says nothing of what is held (`TRADE_LITE`, `MARGIN_CALL`, `listenKeyExpired`,
   * `CONDITIONAL_ORDER_TRIGGER_REJECT`, and what nobody knows) changes nothing.
   * @param source `stream` as it came; `repair` when the repair of a gap tells it: what REST could not give is absent,
   *   and rows without the values of a fact are passed over (of a fill, its id and the order's last fill are kept)
   * @param putBack was it pushed after one with a later `E`? Then it is news beside what events said, whatever its date
   */
  apply(event: UserDataEvent, source: "stream" | "repair", putBack = false): Outcome {
    const telling = source === "repair" ? BY_REPAIR : putBack ? BY_STREAM_PUT_BACK : BY_STREAM;
    const state = this.#state;
    const known = event as KnownEvent;
    switch (known.e) {
      case "ORDER_TRADE_UPDATE":
        applyOrderTradeUpdate(state, known, telling);
        break;
      case "ACCOUNT_UPDATE":
        applyAccountUpdate(state, known, telling);
        break;
      case "ALGO_UPDATE":
        applyAlgoUpdate(state, known, telling);
        break;
      case "ACCOUNT_CONFIG_UPDATE":
        applyAccountConfigUpdate(state, known, telling);
        break;
      case "STRATEGY_UPDATE":
        applyStrategyUpdate(state, known, telling);
        break;
      case "GRID_UPDATE":
        applyGridUpdate(state, known, telling);
        break;
      default:
        break;
    }
    return state.take();
  }

  /** Applies the event of a record, as whoever told it did. */
  applyRecord(record: EventRecord): Outcome {
    const putBack = record.origin === "stream" && record.putBack;
    return this.apply(record.event as UserDataEvent, record.origin, putBack);
  }

  /** Merges `GET /fapi/v3/balance`. */
  mergeBalances(rows: readonly BalanceReply[], terms: AnswerTerms): Outcome {
    mergeBalances(this.#state, rows, tellingOf(terms));
    return this.#state.take();
  }

  /**
   * Merges `GET /fapi/v3/positionRisk`. A position that is known and not listed is `missing`: flat since some time
   * before the answer, unless it was opened after it; once that is decided, {@link flattened}.
   * @param symbol when only that symbol was asked for
   */
  mergePositionRisk(rows: readonly PositionRiskV3[], terms: AnswerTerms, symbol?: string): Outcome {
    mergePositionRisk(this.#state, rows, tellingOf(terms), symbol);
    return this.#state.take();
  }

  /** Takes in that a position is flat since `at`. Older news does not win here either. */
  flattened(symbol: string, side: PositionSide, at: TransactMs, source: AnswerTerms["source"]): Outcome {
    learnFlat(this.#state, symbol, side, at, tellingOf({ source }));
    return this.#state.take();
  }

  /**
   * Merges `GET /fapi/v1/openOrders`. An order that is known to be open and not listed is `missing`: it has ended, or
   * the answer lags; an answer about that order says which.
   * @param symbol when only that symbol was asked for
   */
  mergeOpenOrders(rows: readonly OrderReply[], terms: AnswerTerms, symbol?: string): Outcome {
    mergeOpenOrders(this.#state, rows, tellingOf(terms), symbol);
    return this.#state.take();
  }

  /** Merges orders as `GET order` and `allOrders` show them. */
  mergeOrders(rows: readonly OrderReply[], terms: AnswerTerms): Outcome {
    for (const row of rows) mergeOrder(this.#state, row, tellingOf(terms));
    return this.#state.take();
  }

  /**
   * Merges `GET /fapi/v1/openAlgoOrders`. As {@link mergeOpenOrders}; conditional orders that have triggered are not
   * listed, and are `missing` until they are known to be finished.
   * @param symbol when only that symbol was asked for
   */
  mergeOpenConditionalOrders(rows: readonly AlgoOrder[], terms: AnswerTerms, symbol?: string): Outcome {
    mergeOpenConditionalOrders(this.#state, rows, tellingOf(terms), symbol);
    return this.#state.take();
  }

  /** Merges conditional orders as `GET algoOrder` and `allAlgoOrders` show them. */
  mergeConditionalOrders(rows: readonly AlgoOrder[], terms: AnswerTerms): Outcome {
    for (const row of rows) mergeConditionalOrder(this.#state, row, tellingOf(terms));
    return this.#state.take();
  }

  /**
   * An order that is known to be open is not, and nobody knows how it ended: it is forgotten. Told as `missing`. One
   * that has ended, or is not known, stays as it is.
   */
  orderVanished(symbol: string, orderId: Id64): Outcome {
    const known = this.#state.orders.get(symbol, orderId);
    if (known !== undefined && !isEnded(known.status)) {
      this.#state.orders.forget(symbol, orderId);
      this.#state.vanished("order", orderKey(symbol, orderId), known);
    }
    return this.#state.take();
  }

  /** As {@link orderVanished}. */
  conditionalOrderVanished(algoId: Id64): Outcome {
    const known = this.#state.conditionals.get(NO_GROUP, algoId);
    if (known !== undefined && !isConditionalEnded(known.status)) {
      this.#state.conditionals.forget(NO_GROUP, algoId);
      this.#state.vanished("conditional-order", algoId, known);
    }
    return this.#state.take();
  }

  /** Merges `GET /fapi/v1/accountConfig`: position mode and Multi-Assets mode. It has no date. */
  mergeAccountConfig(reply: AccountConfig, terms: SettingTerms): Outcome {
    mergeAccountConfig(this.#state, reply, tellingOf(terms), terms.undatedBefore ?? EVER);
    return this.#state.take();
  }

  /** Merges position mode, and nothing else, of `GET /fapi/v1/accountConfig`. */
  mergePositionMode(reply: AccountConfig, terms: SettingTerms): Outcome {
    mergePositionMode(this.#state, reply, tellingOf(terms), terms.undatedBefore ?? EVER);
    return this.#state.take();
  }

  /** Merges `GET /fapi/v1/symbolConfig`: leverage and margin type. It has no date. */
  mergeSymbolConfig(rows: readonly SymbolConfig[], terms: SettingTerms): Outcome {
    mergeSymbolConfig(this.#state, rows, tellingOf(terms), terms.undatedBefore ?? EVER);
    return this.#state.take();
  }
}

function tellingOf({ source, insists = false }: AnswerTerms): Telling {
  return { source, by: "answer", insists };
}
