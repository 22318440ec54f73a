/** What is written to the sockets of bots, and who is cut. */
import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { WebSocket } from "ws";
import { OpenBotSockets } from "./bot-sockets.ts";

test("L7 L12 a bot that does not read what is sent to it is cut, and what goes to several is framed once", () => {
  const sockets = new OpenBotSockets();
  const written: Buffer[] = [];
  let cutCount = 0;
  for (const [session, writableLength] of Object.entries({ b1: 0, b2: 0, b3: 5 * 1024 * 1024 })) {
    const ws = { readyState: WebSocket.OPEN, terminate: () => cutCount++ } as unknown as WebSocket;
    const socket = { writableLength, write: (frames: Buffer) => written.push(frames) } as unknown as Duplex;
    sockets.add(session, ws, socket);
  }
  for (const session of ["b1", "b2", "b3"]) sockets.carryOut({ session, type: "send", text: '{"e":"aggTrade"}' });
  assert.deepEqual([written.length, cutCount], [2, 1]);
  assert.equal(written[0], written[1]);
  sockets.carryOut({ session: "b1", type: "send", text: "other" });
  assert.deepEqual(
    written.map((frames) => String(frames.subarray(2))),
    ['{"e":"aggTrade"}', '{"e":"aggTrade"}', "other"],
  );
});
