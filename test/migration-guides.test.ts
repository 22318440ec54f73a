/** The programs of those who come from other clients run on both sides, and print the same order. */
import { ORDER, testPrograms } from "./guide-programs.ts";

/** What programs print before they hear of an order. */
const USDT = /^USDT (?:10000|99\d\d)/m;

testPrograms({
  "migrate-from-ccxt": [
    [USDT, /^order \d{19}: buy ETH\/USDT:USDT closed, 0\.1 of 0\.1$/m],
    [USDT, ORDER],
  ],
  "migrate-from-binance": [
    [USDT, ORDER],
    [USDT, ORDER],
  ],
  "migrate-from-the-official-connector": [
    [USDT, ORDER],
    [USDT, ORDER],
  ],
});
