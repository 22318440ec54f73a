import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { NetworkError } from "../../kernel/errors.ts";
import { httpWithin, REQUEST_MAX_MS, undiciHttp } from "./undici-http.ts";

test("a request is sent as it stands, and the answer comes back whole, header names in lower case", async (t) => {
  const { url } = await serve(t, async (request, response) => {
    const chunks = await request.toArray();
    response.setHeader("X-MBX-USED-WEIGHT-1M", "7");
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.statusCode = 418;
    const { method, url, headers } = request;
    response.write("币安 ");
    response.end(JSON.stringify({ method, url, key: headers["x-mbx-apikey"], body: Buffer.concat(chunks).toString() }));
  });
  for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
    const body = method === "POST" ? { body: "a=1&b=%20" } : {};
    const headers = { "X-MBX-APIKEY": "key" };
    const answer = await undiciHttp.request({ method, url: `${url}/fapi/v1/x?q=%2F&r=1`, headers, ...body });
    assert.equal(answer.status, 418);
    assert.equal(answer.headers["x-mbx-used-weight-1m"], "7");
    assert.equal(answer.headers["set-cookie"], "a=1, b=2");
    const expected = { method, url: "/fapi/v1/x?q=%2F&r=1", key: "key", body: body.body ?? "" };
    assert.equal(answer.body, `币安 ${JSON.stringify(expected)}`);
  }
});

test("a redirect is an answer like any other: it is not followed", async (t) => {
  const { url } = await serve(t, (_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  const { status } = await undiciHttp.request({ method: "GET", url, headers: {} });
  assert.equal(status, 302);
});

test("a refused connection was surely not sent", async (t) => {
  const { url, stop } = await serve(t, () => {});
  await stop();
  await assert.rejects(
    undiciHttp.request({ method: "POST", url: `${url}/fapi/v1/order?signature=SECRET`, headers: {} }),
    {
      name: "NetworkError",
      message: `POST /fapi/v1/order failed: connect ECONNREFUSED ${new URL(url).host}`,
      outcome: "not-sent",
    },
  );
});

test("a connection that breaks off may have carried the request out", async (t) => {
  const before = await serve(t, (request) => request.socket.destroy());
  const within = await serve(t, (request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setImmediate(() => request.socket.destroy());
  });
  for (const { url } of [before, within]) {
    await assert.rejects(
      undiciHttp.request({ method: "POST", url: `${url}/x`, headers: {} }),
      (error: NetworkError) => {
        assert(error instanceof NetworkError);
        assert.equal(error.outcome, "unknown");
        assert.match(error.message, /^POST \/x failed: ./);
        return true;
      },
    );
  }
});

test("L12 an answer that is not whole within the limit is given up, before and after its headers", async (t) => {
  const mute = await serve(t, () => {});
  const slow = await serve(t, (_, response) => {
    response.writeHead(200);
    response.write("half");
  });
  for (const { url } of [mute, slow]) {
    const http = httpWithin(100);
    await assert.rejects(http.request({ method: "PUT", url: `${url}/fapi/v1/listenKey`, headers: {} }), {
      name: "NetworkError",
      message: "PUT /fapi/v1/listenKey failed: no answer in 0.1 s",
      outcome: "unknown",
    });
  }
  assert.equal(REQUEST_MAX_MS, 10_000);
});

test("L9 no error tells more of the URL than its path, and nothing of the headers", async (t) => {
  const { url, stop } = await serve(t, () => {});
  await stop();
  const headers = { "X-MBX-APIKEY": "SECRET" };
  const bad = { "X-MBX-APIKEY": "SECRET\n" };
  for (const sent of [headers, bad]) {
    const asking = undiciHttp.request({ method: "GET", url: `${url}/x?signature=SECRET`, headers: sent });
    await assert.rejects(asking, (error: NetworkError) => {
      assert(error instanceof NetworkError);
      const text = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      assert(!text.includes("SECRET"), text);
      return true;
    });
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** An HTTP server on a free port, which ends with the test. */
async function serve(t: TestContext, answer: Answer): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}
