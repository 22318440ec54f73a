/**
 * `node-binance-api` 1.0.33, unchanged against the paper venue: `/private/ws?listenKey=K`, raw frames, a new POST on
 * each reconnect, a PUT with `?listenKey=` on its own timer.
 *
 * Not asserted, because the client is known to fail there: it ignores listenKeyExpired; every reconnect starts one more
 * chain of keep-alive timers, which nothing ends.
 */
import assert from "node:assert/strict";
import Binance from "node-binance-api";
import { eventually } from "../eventually.ts";
import { Reports, testBothWays } from "./paper-venue.ts";

const KEEP_ALIVE_MS = 200;

testBothWays(
  "node-binance-api trades, survives a cut and hears its account on /private/ws?listenKey=",
  async (venue) => {
    const client = new Binance({
      APIKEY: venue.account.apiKey,
      APISECRET: venue.account.apiSecret,
      urls: { fapi: `${venue.url}/fapi/` },
      log: () => {},
    });
    client.futuresListenKeyKeepAlive = KEEP_ALIVE_MS;
    // No option covers the stream's base URL.
    client.getFStreamSingleUrl = (category) => `${venue.wsUrl}/${category ? `${category}/` : ""}ws/`;
    const keepAlives = recordKeepAlives(client);
    const reports = new Reports();
    const listenKeys: string[] = [];
    client.websockets.userFutureData(
      undefined,
      undefined,
      (event: AccountUpdate) => {
        for (const { asset, walletBalance } of event.updateData.balances) {
          reports.balances.push({ asset, wallet: Number(walletBalance) });
        }
      },
      (event: OrderUpdate) => {
        if (event.eventType !== "ORDER_TRADE_UPDATE") return;
        reports.orders.push({ clientOrderId: event.order.clientOrderId, status: event.order.orderStatus });
      },
      (listenKey: string) => void listenKeys.push(listenKey),
    );
    const openSockets = () => Object.keys(client.futuresSubscriptions);
    venue.atEnd(() => {
      for (const endpoint of openSockets()) client.futuresTerminate(endpoint);
      // The client's keep-alive timers go on after its socket is closed and set themselves again whatever comes back. A
      // request that stays unanswered is the only thing that ends them.
      client.apiRequest = () => new Promise(() => {});
    });
    await eventually("the stream opens", () => openSockets().length === 1);

    await client.futuresOrder("MARKET", "BUY", "BTCUSDT", 0.01, undefined, { newClientOrderId: "first" });
    await reports.assertFilled("first");

    venue.cutAllSockets();
    await eventually("a key is asked for again", () => listenKeys.length === 2);
    await eventually("the stream opens again", () => openSockets().length === 1);
    assert.equal(listenKeys[1], listenKeys[0]);
    await client.futuresOrder("MARKET", "BUY", "BTCUSDT", 0.01, undefined, { newClientOrderId: "second" });
    await reports.assertFilled("second");

    await eventually("a keep-alive succeeds", () => keepAlives.length > 0);
    assert.deepEqual(keepAlives[0], { listenKey: listenKeys[0] });

    for (const endpoint of openSockets()) client.futuresTerminate(endpoint);
    assert.deepEqual(await client.futuresCloseDataStream(), {});
    await assert.rejects(client.futuresKeepDataStream(), /-1125/);
  },
);

/** The answers to the client's own keep-alive requests, oldest first; grows as they come. */
function recordKeepAlives(client: Binance): readonly unknown[] {
  const answers: unknown[] = [];
  const request = client.apiRequest.bind(client);
  client.apiRequest = async (url, data, method) => {
    const answer: unknown = await request(url, data, method);
    if (method === "PUT") answers.push(answer);
    return answer;
  };
  return answers;
}

/** The client's own shapes, as far as the test looks at them; its types call both `any`. */
interface OrderUpdate {
  readonly eventType: string;
  readonly order: { readonly clientOrderId: string; readonly orderStatus: string };
}
interface AccountUpdate {
  readonly updateData: { readonly balances: readonly { readonly asset: string; readonly walletBalance: string }[] };
}
