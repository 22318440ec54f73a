/**
 * The desk of the grids: which grids there are, and what has happened that they act on. Pure.
 *
 * As at the desk of conditional orders, things are only noted here while a command is being carried out; the grids act
 * after it, in the order of the notes (grids.ts).
 */
import type { Fixed } from "../../kernel/decimal.ts";
import type { ExpiryReason, WorkingType } from "../../protocol/enumerations.ts";
import type { Account, Grid, Market, Order } from "../exchange/records.ts";
import { Retained } from "../exchange/retained.ts";
import { OP_CODE, opCodeOfEnd } from "./op-codes.ts";

/** What a grid acts on. */
export type GridNote =
  | { readonly what: "price"; readonly market: Market; readonly workingType: WorkingType; readonly price: Fixed }
  | { readonly what: "filled"; readonly grid: Grid; readonly order: Order }
  | { readonly what: "expired"; readonly grid: Grid; readonly order: Order }
  | { readonly what: "over"; readonly grid: Grid; readonly opCode: number };

/** Ended grids kept for each account; older ones are forgotten. */
const ENDED_MAX = 1_000;
/** Strategy ids are of this size in production in 2024 (*seen*). */
const FIRST_ID = 400_000_001;

/** Knows all grids of the exchange. */
export class GridDesk {
  /** By account and symbol: there is one at most. */
  readonly #running = new Map<string, Grid>();
  readonly #all = new Map<number, Grid>();
  readonly #ended = new Map<string, Retained<Grid>>();
  #nextId = FIRST_ID;
  #noted: GridNote[] = [];
  #done = 0;

  /** The id of the next grid to be added. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The grid that runs for the account on the market; `undefined` when none does. */
  runningOn(account: Account, market: Market): Grid | undefined {
    return this.#running.size === 0 ? undefined : this.#running.get(keyOf(account, market));
  }

  /** Those that run on the market, oldest first. */
  runningIn(market: Market): Grid[] {
    return [...this.#running.values()].filter((grid) => grid.market === market);
  }

  /** Does it run? Not any more once its ending has begun. */
  isRunning(grid: Grid): boolean {
    return this.#running.get(keyOf(grid.account, grid.market)) === grid;
  }

  /** One grid, running or retained. */
  get(id: number): Grid | undefined {
    return this.#all.get(id);
  }

  /** Grids of one account or of all, running and retained, oldest first. */
  list(account?: string): Grid[] {
    const all = [...this.#all.values()];
    return account === undefined ? all : all.filter((grid) => grid.account.id === account);
  }

  /** How many run for the account. */
  runningCount(account: Account): number {
    let count = 0;
    for (const grid of this.#running.values()) if (grid.account === account) count++;
    return count;
  }

  /** Takes a new one in: it runs from here on. */
  add(grid: Grid): void {
    this.#nextId++;
    this.#running.set(keyOf(grid.account, grid.market), grid);
    this.#all.set(grid.id, grid);
  }

  /** Its ending begins: what happens to its orders from here on moves it no more. */
  stop(grid: Grid): void {
    this.#running.delete(keyOf(grid.account, grid.market));
    const ended = this.#ended.get(grid.account.id) ?? new Retained(ENDED_MAX);
    this.#ended.set(grid.account.id, ended);
    const forgotten = ended.push(grid);
    if (forgotten !== undefined) this.#all.delete(forgotten.id);
  }

  /** A market has this price now. */
  priceMoved(market: Market, workingType: WorkingType, price: Fixed): void {
    if (this.#running.size > 0) this.#noted.push({ what: "price", market, workingType, price });
  }

  /** An order of an account was placed, changed or cancelled by hand on the market. */
  byHand(account: Account, market: Market): void {
    const grid = this.runningOn(account, market);
    if (grid !== undefined) this.#noted.push({ what: "over", grid, opCode: OP_CODE.byHand });
  }

  /** An order traded. One with which the exchange closes a position takes the grid's away. */
  filled(order: Order): void {
    const grid = this.runningOn(order.account, order.market);
    if (grid === undefined) return;
    const { autoClose } = order;
    if (autoClose !== undefined) {
      this.#noted.push({
        what: "over",
        grid,
        opCode: autoClose === "LIQUIDATION" ? OP_CODE.liquidated : OP_CODE.positionGone,
      });
    } else if (order.grid === grid && order.status === "FILLED") {
      this.#noted.push({ what: "filled", grid, order });
    }
  }

  /** An order ended unfilled; the grid itself ends its orders only after {@link stop}. */
  orderEnded(order: Order, reason: ExpiryReason): void {
    const { grid } = order;
    if (grid === undefined || !this.isRunning(grid) || !grid.orders.has(order.id)) return;
    if (order.status === "EXPIRED" && reason === "0") this.#noted.push({ what: "expired", grid, order });
    else this.#noted.push({ what: "over", grid, opCode: opCodeOfEnd(reason) });
  }

  /** Takes the oldest note; `undefined` when there is none. */
  takeNote(): GridNote | undefined {
    const note = this.#noted[this.#done++];
    if (note === undefined) {
      this.#noted = [];
      this.#done = 0;
    }
    return note;
  }
}

function keyOf(account: Account, market: Market): string {
  return `${account.id} ${market.rules.symbol}`;
}
