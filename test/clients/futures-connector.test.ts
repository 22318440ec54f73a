/**
 * `@binance/futures-connector` 0.1.7, the retired official connector, unchanged against the paper venue, over both URL
 * forms it knows: `/ws/<key>` (raw frames, here behind `/private`) and `/stream?streams=<key>` (wrapped frames).
 *
 * Not asserted, because the client is known to fail there: a second `subscribe` on an open socket lower-cases the key;
 * ids above 2^53 are rounded.
 */
import assert from "node:assert/strict";
import { type Logger, UMFutures, UMStream } from "@binance/futures-connector";
import { eventually } from "../eventually.ts";
import { Reports, testBothWays } from "./paper-venue.ts";

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const FORMS = [
  { name: "/private/ws/<key>", prefix: "/private", combinedStreams: false },
  { name: "/ws/<key>", prefix: "", combinedStreams: false },
  { name: "/private/stream?streams=<key>", prefix: "/private", combinedStreams: true },
  { name: "/stream?streams=<key>", prefix: "", combinedStreams: true },
];

for (const { name, prefix, combinedStreams } of FORMS) {
  testBothWays(`@binance/futures-connector trades, survives a cut and hears its account on ${name}`, async (venue) => {
    const client = new UMFutures(venue.account.apiKey, venue.account.apiSecret, { baseURL: venue.url });
    const { listenKey } = (await client.createListenKey()).data;

    const reports = new Reports();
    let openCount = 0;
    let closeCount = 0;
    const stream = new UMStream({
      wsURL: venue.wsUrl + prefix,
      reconnectDelay: 100,
      combinedStreams,
      logger: SILENT,
      callbacks: {
        open: () => void openCount++,
        close: () => void closeCount++,
        message: (data) => collect(reports, data, combinedStreams ? listenKey : undefined),
      },
    });
    venue.atEnd(() => stream.disconnect());
    stream.subscribe(listenKey);
    await eventually("the stream opens", () => openCount === 1);

    await client.newOrder("BTCUSDT", "BUY", "MARKET", { quantity: "0.010", newClientOrderId: "first" });
    await reports.assertFilled("first");

    venue.cutAllSockets();
    await eventually("the stream opens again", () => closeCount === 1 && openCount === 2);
    await client.newOrder("BTCUSDT", "BUY", "MARKET", { quantity: "0.010", newClientOrderId: "second" });
    await reports.assertFilled("second");

    const renewed = await client.renewListenKey(listenKey);
    assert.equal(renewed.status, 200);
    assert.equal(renewed.data.listenKey, listenKey);

    const closed = await client.closeListenKey(listenKey);
    assert.deepEqual(closed.data, {});
    await assert.rejects(client.renewListenKey(listenKey), isKeyUnknown);
  });
}

testBothWays("@binance/futures-connector forwards listenKeyExpired and finds its key gone", async (venue) => {
  const client = new UMFutures(venue.account.apiKey, venue.account.apiSecret, { baseURL: venue.url });
  const { listenKey } = (await client.createListenKey()).data;
  const frames: Frame[] = [];
  let openCount = 0;
  const stream = new UMStream({
    wsURL: `${venue.wsUrl}/private`,
    reconnectDelay: 100,
    logger: SILENT,
    callbacks: { open: () => void openCount++, message: (data) => void frames.push(JSON.parse(data) as Frame) },
  });
  venue.atEnd(() => stream.disconnect());
  stream.subscribe(listenKey);
  await eventually("the stream opens", () => openCount === 1);

  await venue.expireKeys();
  await eventually("the expiry is heard", () => frames.length > 0);
  assert.equal(frames[0]?.e, "listenKeyExpired");
  assert.equal(frames[0]?.listenKey, listenKey);
  await assert.rejects(client.renewListenKey(listenKey), isKeyUnknown);
  const granted = await client.createListenKey();
  assert.notEqual(granted.data.listenKey, listenKey);
});

/** The error axios throws for an answer that is not 2xx. */
interface AxiosRefusal {
  readonly response?: { readonly status: number; readonly data: { readonly code: number } };
}

function isKeyUnknown({ response }: AxiosRefusal): boolean {
  return response?.status === 400 && response.data.code === -1125;
}

/** The frames the test looks at; a wrapped one has `data`. */
interface Frame {
  readonly stream?: string;
  readonly data?: Frame;
  readonly e?: string;
  readonly listenKey?: string;
  readonly o?: { readonly c: string; readonly X: string };
  readonly a?: { readonly B: readonly { readonly a: string; readonly wb: string }[] };
}

function collect(reports: Reports, text: string, wrappedAs: string | undefined): void {
  const frame = JSON.parse(text) as Frame;
  assert.equal(frame.stream, wrappedAs);
  const event = frame.data ?? frame;
  if (event.e === "ORDER_TRADE_UPDATE" && event.o) {
    reports.orders.push({ clientOrderId: event.o.c, status: event.o.X });
  }
  if (event.e === "ACCOUNT_UPDATE") {
    for (const { a, wb } of event.a?.B ?? []) reports.balances.push({ asset: a, wallet: Number(wb) });
  }
}
