/** The wire: what our reading and writing of frames costs beside the engine's own JSON. */
import { decodeFrame } from "../src/protocol/frame.ts";
import { parseJson } from "../src/protocol/json.ts";
import { decodeEvent, encodeEvent } from "../src/protocol/user-data-event.ts";
import { accountFrames, arrived, orderFrames } from "./frames.ts";
import { duel, type Entry } from "./harness.ts";

/** Reading a frame costs no more than `JSON.parse`, which neither checks anything nor keeps ids exact. */
const DECODE_AT_LEAST = 1;

const parse = (frame: string): unknown => JSON.parse(frame);

/** The entries of this file. */
export const CODEC_ENTRIES: readonly Entry[] = [
  {
    name: "decode ORDER_TRADE_UPDATE",
    run: () =>
      duel({
        unit: "frames/s",
        versus: "JSON.parse",
        atLeast: DECODE_AT_LEAST,
        inputs: (turn) => arrived(orderFrames(turn)),
        ours: ({ text, bytes }) => decodeFrame(text, undefined, bytes),
        theirs: ({ text }) => parse(text),
      }),
  },
  {
    name: "decode ACCOUNT_UPDATE",
    run: () =>
      duel({
        unit: "frames/s",
        versus: "JSON.parse",
        inputs: (turn) => arrived(accountFrames(turn)),
        ours: ({ text, bytes }) => decodeFrame(text, undefined, bytes),
        theirs: ({ text }) => parse(text),
      }),
  },
  {
    name: "parseJson ORDER_TRADE_UPDATE",
    run: () => duel({ unit: "frames/s", versus: "JSON.parse", inputs: orderFrames, ours: parseJson, theirs: parse }),
  },
  {
    name: "encode ORDER_TRADE_UPDATE",
    run: () =>
      duel({
        unit: "frames/s",
        versus: "JSON.stringify",
        inputs: (turn) => orderFrames(turn).map((frame) => decodeEvent(frame)),
        ours: encodeEvent,
        theirs: (event) => JSON.stringify(event),
      }),
  },
];
