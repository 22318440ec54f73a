/**
 * Two ways to make an event happen, for proof that it is delivered. Pure.
 *
 * A change of a setting to the value it has is the gentlest thing to ask for, and pushes nothing: so it proves nothing.
 */
import { divide, fixed, max, mul, trimmed } from "../../kernel/decimal.ts";
import { ListenkeyError, NetworkError, UsageError, VenueRejected } from "../../kernel/errors.ts";
import type { Clock, Http } from "../../kernel/ports.ts";
import { ENDPOINTS } from "../../protocol/endpoints.ts";
import type { RestClient } from "../../rest/rest-client.ts";
import type { Provocation } from "./patient.ts";

/** Moved in and out again. */
const TRANSFERRED = "0.01";

/** On a paper venue: a small deposit, taken back afterwards. */
export function paperTransfer(http: Http, url: string, account: string): Provocation {
  let moved = false;
  const transfer = async (amount: string) => {
    const action = { method: "POST", url: `${url}/v1/paper/accounts/${encodeURIComponent(account)}/transfer` } as const;
    const body = JSON.stringify({ asset: "USDT", amount });
    const { status } = await http.request({ ...action, headers: { "content-type": "application/json" }, body });
    if (status !== 200)
      throw new NetworkError("the transfer", `HTTP ${status}, which no paper venue answers`, "unknown");
  };
  return {
    what: `a deposit of ${TRANSFERRED} USDT on the paper venue, taken back at once`,
    async cause() {
      moved = true;
      await transfer(TRANSFERRED);
    },
    async undo() {
      if (moved) await quietly(transfer(`-${TRANSFERRED}`));
    },
  };
}

/** What a far-away order needs of the world. */
export interface OrderDeps {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly symbol: string;
  readonly isHedgeMode: boolean;
  /** Says which order could not be taken back. */
  readonly warn: (line: string) => void;
}

/** On any account: a LIMIT order to buy at half the price, post-only, cancelled at once. It costs nothing. */
export function farAwayOrder({ rest, clock, symbol, isHedgeMode, warn }: OrderDeps): Provocation {
  const clientId = `lk-doctor-${clock.wall()}`;
  let placing: Promise<unknown> | undefined;
  return {
    what: `a post-only LIMIT order to buy the least of ${symbol} at half its price, cancelled at once (${clientId})`,
    async cause() {
      const terms = await orderTerms(rest, symbol);
      const side = isHedgeMode ? { positionSide: "LONG" } : {};
      const params = { symbol, side: "BUY", type: "LIMIT", timeInForce: "GTX", ...terms, ...side };
      placing = rest.call({
        endpoint: ENDPOINTS.placeOrder,
        params: { ...params, newClientOrderId: clientId },
        priority: "read",
      });
      await placing;
    },
    async undo() {
      if (placing === undefined) return;
      // Whether it was placed may not be known: what has no order is refused, and then there is none.
      await quietly(placing);
      const params = { symbol, origClientOrderId: clientId };
      const cancelling = rest.call({ endpoint: ENDPOINTS.cancelOrder, params, priority: "keep-alive" });
      await cancelling.catch((error: unknown) => {
        if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
        if (error instanceof VenueRejected && NO_SUCH_ORDER.has(error.venueCode)) return;
        warn(`The order ${clientId} on ${symbol} may still be open: cancel it by hand. ${error.message}`);
      });
    },
  };
}

/** Cancelling what is not there, or is over. */
const NO_SUCH_ORDER: ReadonlySet<number> = new Set([-2011, -2013]);

/** Half the best bid, and the least quantity that is accepted at that price. */
async function orderTerms(rest: RestClient, symbol: string): Promise<{ price: string; quantity: string }> {
  const { symbols } = await rest.call({ endpoint: ENDPOINTS.exchangeInfo, priority: "read" });
  const listed = symbols.find((row) => row.symbol === symbol);
  if (listed === undefined) throw new UsageError("--symbol", "a symbol of the exchange", symbol);
  const [book] = [await rest.call({ endpoint: ENDPOINTS.bookTicker, params: { symbol }, priority: "read" })].flat();
  const filter = (type: string) => listed.filters.find(({ filterType }) => filterType === type);
  const { tickSize = "0", minPrice = "0" } = filter("PRICE_FILTER") ?? {};
  const { stepSize = "0", minQty = "0" } = filter("LOT_SIZE") ?? {};
  const { notional = "0" } = filter("MIN_NOTIONAL") ?? {};
  const tick = fixed(tickSize);
  const step = fixed(stepSize);
  const bid = fixed(book?.bidPrice ?? "0");
  if (tick <= 0n || step <= 0n || bid <= 0n) {
    throw new UsageError("--symbol", "a symbol with a market and the usual filters", symbol);
  }
  const price = max(divide(bid / 2n, tick, "down") * tick, fixed(minPrice));
  const steps = max(divide(fixed(minQty), step, "up"), divide(fixed(notional), max(mul(price, step), 1n), "up"));
  return { price: trimmed(price), quantity: trimmed(steps * step) };
}

async function quietly(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
  }
}
