/**
 * Records as bytes: websocket frames and server-sent events. What goes to many sockets is made
 * once: everybody who is handed the same array of records is written the same bytes, in one piece.
 */
import { textFrames } from "../../face/io/text-frames.ts";
import type { FeedEntry } from "../feed.ts";

/** Bytes of some records, one after the other. */
export type BytesOf = (entries: readonly FeedEntry[]) => Buffer;

/** Text frames, unmasked as a server sends them: one a record. */
export const websocketBytes: BytesOf = madeOnce((entries) => textFrames(entries.map(({ text }) => text)));

/** Server-sent events without a name: one a record, with its `seq` as id. */
export const eventBytes: BytesOf = madeOnce((entries) =>
  Buffer.from(entries.map(({ seq, text }) => `id: ${seq}\ndata: ${text}\n\n`).join("")),
);

/** The same, made once for each array of records. */
export function madeOnce(make: BytesOf): BytesOf {
  const made = new WeakMap<readonly FeedEntry[], Buffer>();
  return (entries) => {
    let bytes = made.get(entries);
    if (bytes === undefined) {
      bytes = make(entries);
      made.set(entries, bytes);
    }
    return bytes;
  };
}
