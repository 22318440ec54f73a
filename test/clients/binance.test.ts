/**
 * `binance` 3.6.5 (tiagosiebler), unchanged against the paper venue: `/private/stream?listenKey=K`, wrapped frames, a
 * new POST after each drop and after listenKeyExpired, PUT and DELETE without parameters.
 *
 * Not asserted, because the client is known to fail there: ids above 2^53 are rounded; STRATEGY_UPDATE and GRID_UPDATE
 * are not formatted.
 */
import assert from "node:assert/strict";
import { USDMClient, WebsocketClient, type WsUserDataEvents } from "binance";
import { eventually } from "../eventually.ts";
import { KEY_VALIDITY_MS, type PaperVenue, Reports, testBothWays } from "./paper-venue.ts";

const SILENT = { trace: () => {}, info: () => {}, error: () => {} };

const ORDER = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: 0.01 } as const;

testBothWays("binance trades, survives a cut and hears its account on /private/stream?listenKey=", async (venue) => {
  const rest = restOf(venue);
  const { stream, reports, listenKeys, exceptions } = await follow(venue);

  const first = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...ORDER, newClientOrderId: first });
  await reports.assertFilled(first);

  venue.cutAllSockets();
  await eventually("the stream opens again", () => listenKeys.length === 2);
  assert.equal(listenKeys[1], listenKeys[0]);
  const second = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...ORDER, newClientOrderId: second });
  await reports.assertFilled(second);

  assert.deepEqual(await rest.keepAliveFuturesUserDataListenKey(), { listenKey: listenKeys[0] });

  await stream.unsubscribeUsdFuturesUserDataStream();
  assert.deepEqual(await rest.closeFuturesUserDataListenKey(), {});
  await assert.rejects(rest.keepAliveFuturesUserDataListenKey(), { code: -1125 });
  assert.deepEqual(exceptions, []);
});

testBothWays("binance takes a new key when it hears that its own has expired", async (venue) => {
  const rest = restOf(venue);
  const { reports, listenKeys } = await follow(venue);

  await venue.expireKeys();
  rest.setTimeOffset(KEY_VALIDITY_MS);
  await eventually("the stream opens again", () => listenKeys.length === 2);
  assert.notEqual(listenKeys[1], listenKeys[0]);

  const order = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...ORDER, newClientOrderId: order });
  await reports.assertFilled(order);
});

function restOf({ account, url }: PaperVenue): USDMClient {
  return new USDMClient({ api_key: account.apiKey, api_secret: account.apiSecret, baseUrl: url });
}

/** A followed account. */
interface Following {
  readonly stream: WebsocketClient;
  readonly reports: Reports;
  /** The key of each socket that opened, oldest first. */
  readonly listenKeys: readonly string[];
  readonly exceptions: readonly unknown[];
}

/** Subscribes to the user data stream and resolves once its socket is open. */
async function follow(venue: PaperVenue): Promise<Following> {
  const stream = new WebsocketClient(
    {
      api_key: venue.account.apiKey,
      api_secret: venue.account.apiSecret,
      beautify: true,
      wsUrl: venue.wsUrl,
      reconnectTimeout: 100,
      restOptions: { baseUrl: venue.url },
    },
    SILENT,
  );
  const reports = new Reports();
  const listenKeys: string[] = [];
  const exceptions: unknown[] = [];
  const opened = ({ wsUrl }: { wsUrl: string }) => {
    listenKeys.push(new URL(wsUrl).searchParams.get("listenKey") ?? "");
  };
  stream.on("open", opened);
  stream.on("reconnected", opened);
  stream.on("exception", (exception: unknown) => void exceptions.push(exception));
  stream.on("formattedUserDataMessage", (event) => collect(reports, event));
  venue.atEnd(() => {
    stream.closeAll(true);
    // The client's 50 minute keep-alive timers go on after their sockets are closed. This call, hidden by its types,
    // ends them.
    for (const listenKey of listenKeys) {
      // biome-ignore lint/complexity/useLiteralKeys: a quoted name is how TypeScript reaches a private member
      stream["getUserDataStreamManager"]().teardownUserDataListenKey(listenKey);
    }
  });
  await stream.subscribeUsdFuturesUserDataStream();
  await eventually("the stream opens", () => listenKeys.length === 1);
  return { stream, reports, listenKeys, exceptions };
}

function collect(reports: Reports, event: WsUserDataEvents): void {
  if (event.eventType === "ORDER_TRADE_UPDATE") {
    reports.orders.push({ clientOrderId: event.order.clientOrderId, status: event.order.orderStatus });
  }
  if (event.eventType === "ACCOUNT_UPDATE") {
    for (const { asset, walletBalance } of event.updateData.updatedBalances) {
      reports.balances.push({ asset, wallet: walletBalance });
    }
  }
}
