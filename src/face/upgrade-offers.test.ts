import assert from "node:assert/strict";
import { test } from "node:test";
import { headWithoutOffer, wantsWebsocket } from "./upgrade-offers.ts";

test("a request that offers another protocol is the same one without the offer, and the last of its connection", () => {
  const offer = ["Upgrade", "h2c", "HTTP2-Settings", "AAMAAABk", "connection", "Upgrade, HTTP2-Settings"];
  const rawHeaders = ["Host", "127.0.0.1:9780", ...offer, "X-MBX-APIKEY", "k", "content-length", "2"];
  assert.equal(
    headWithoutOffer({ method: "POST", url: "/fapi/v1/order?a=%20b", rawHeaders }),
    "POST /fapi/v1/order?a=%20b HTTP/1.1\r\nHost: 127.0.0.1:9780\r\nX-MBX-APIKEY: k\r\ncontent-length: 2\r\n" +
      "Connection: close\r\n\r\n",
  );
});

test("a websocket is wanted by that word alone", () => {
  const wants = ["websocket", "WebSocket", "h2c", "h2c, websocket", undefined].map((upgrade) =>
    wantsWebsocket({ upgrade }),
  );
  assert.deepEqual(wants, [true, true, false, false, false]);
});
