/** The mirror: what it costs to know what the account holds, beside the reading of the frame. */
import { Mirror } from "../src/account/mirror.ts";
import { decodeFrame, type EventFrame } from "../src/protocol/frame.ts";
import { decodeEvent, type UserDataEvent } from "../src/protocol/user-data-event.ts";
import { accountFrames, arrived, orderFrames } from "./frames.ts";
import { duel, type Entry } from "./harness.ts";

/** Orders that rest while others come and go. */
const OPEN_ORDERS = 200;

const parse = (frame: string): unknown => JSON.parse(frame);
const decoded = (frames: readonly string[]): UserDataEvent[] => frames.map((frame) => decodeEvent(frame));

/** The entries of this file. */
export const MIRROR_ENTRIES: readonly Entry[] = [
  {
    name: "decode + mirror, orders",
    run: () => {
      const mirror = busyMirror();
      return duel({
        unit: "frames/s",
        versus: "JSON.parse",
        inputs: (turn) => arrived(livingOrders(turn)),
        ours: ({ text, bytes }) => mirror.apply((decodeFrame(text, undefined, bytes) as EventFrame).event, "stream"),
        theirs: ({ text }) => parse(text),
      });
    },
  },
  {
    name: "mirror alone, orders",
    run: () => {
      const mirror = busyMirror();
      return duel({
        unit: "events/s",
        versus: "JSON.stringify",
        inputs: (turn) => decoded(livingOrders(turn)),
        ours: (event) => mirror.apply(event, "stream"),
        theirs: (event) => JSON.stringify(event),
      });
    },
  },
  {
    name: "mirror + view, 200 open orders",
    run: () => {
      const mirror = busyMirror();
      return duel({
        unit: "events/s",
        versus: "JSON.stringify",
        inputs: (turn) => decoded(livingOrders(turn)),
        ours: (event) => {
          mirror.apply(event, "stream");
          return mirror.view;
        },
        theirs: (event) => JSON.stringify(event),
      });
    },
  },
  {
    name: "mirror alone, account updates",
    run: () => {
      const mirror = new Mirror();
      return duel({
        unit: "events/s",
        versus: "JSON.stringify",
        inputs: (turn) => decoded(accountFrames(turn)),
        ours: (event) => mirror.apply(event, "stream"),
        theirs: (event) => JSON.stringify(event),
      });
    },
  },
];

/** Orders that are accepted, and filled at once. */
function livingOrders(turn: number): string[] {
  return orderFrames(turn)
    .filter((frame) => frame.includes('"x":"NEW"'))
    .flatMap((frame) => [frame, filled(frame)]);
}

function filled(frame: string): string {
  const [, quantity = "0"] = /"q":"([^"]+)"/.exec(frame) ?? [];
  return Buffer.from(
    frame
      .replace('"x":"NEW","X":"NEW"', '"x":"TRADE","X":"FILLED"')
      .replace('"z":"0"', `"z":"${quantity}"`)
      .replace('"t":0', '"t":7655443321'),
    "latin1",
  ).toString("latin1");
}

function busyMirror(): Mirror {
  const mirror = new Mirror();
  for (let turn = 0; mirror.view.openOrders.size < OPEN_ORDERS; turn++) {
    for (const frame of livingOrders(-1000 - turn)) {
      if (frame.includes('"x":"NEW"')) mirror.apply(decodeEvent(frame), "stream");
    }
  }
  return mirror;
}
