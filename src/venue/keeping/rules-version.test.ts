/** Holds what {@link RULES_VERSION} stands for: the bytes that follow from fixed inputs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { VenueClient } from "../../../test/venue-client.ts";
import { RULES_VERSION } from "./rules-version.ts";

const MINUTE = 60_000;

/** Version → SHA-256 of everything that was pushed and read on the day below. */
const DIGESTS: Readonly<Record<number, string>> = {
  1: "480ab103f046bf983c303e8488954d52a7f52a57c37defe0e2aad1a909f7d41c",
};

test("equal inputs give the bytes of this version of the rules", () => {
  const told = `Equal inputs give other bytes than before. If a release has rules version ${RULES_VERSION}, raise it`;
  assert.equal(digestOfADay(), DIGESTS[RULES_VERSION], `${told}; in any case put the new digest here.`);
});

function digestOfADay(): string {
  const hash = createHash("sha256");
  const client = new VenueClient({
    marketMaker: {},
    onPush: (account, json) => void hash.update(`${account} ${json}\n`),
  });
  client.native("/v1/paper/accounts", { name: "other", balances: { USDT: "3000", BNB: "1" } });
  for (let i = 0; i < 40; i++) {
    const symbol = ["BTCUSDT", "ETHUSDT"][i % 2] ?? "";
    const side = i % 3 === 0 ? "SELL" : "BUY";
    client.call("POST", "/fapi/v1/order", { symbol, side, type: "MARKET", quantity: "0.050" });
    const limit = { type: "LIMIT", timeInForce: "GTC", quantity: "0.010", priceMatch: "QUEUE_5" };
    client.call("POST", "/fapi/v1/order", { symbol, side, ...limit });
    const stop = { type: "STOP_MARKET", algoType: "CONDITIONAL", triggerPrice: i % 2 === 0 ? "85900" : "2790" };
    client.call("POST", "/fapi/v1/algoOrder", { symbol, side: "SELL", quantity: "0.010", ...stop });
    client.wait(i % 10 === 0 ? 3 * MINUTE : 700);
  }
  client.native("/v1/paper/clock/advance", { ms: 1000 * MINUTE });
  for (const path of ["/fapi/v3/account", "/fapi/v1/userTrades", "/fapi/v1/allOrders", "/fapi/v1/income"]) {
    hash.update(client.call("GET", path, { symbol: "BTCUSDT" }).text);
  }
  hash.update(client.open("GET", "/fapi/v1/klines", { symbol: "ETHUSDT", interval: "1h" }).text);
  return hash.digest("hex");
}
