/**
 * Records as bytes: websocket frames (RFC 6455, section 5.2) and server-sent events. What goes to many sockets is made
 * once: everybody who is handed the same array of records is written the same bytes, in one piece.
 */
import type { FeedEntry } from "../feed.ts";

/** Bytes of some records, one after the other. */
export type BytesOf = (entries: readonly FeedEntry[]) => Buffer;

const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Text frames, unmasked as a server sends them: one a record. */
export const websocketBytes: BytesOf = madeOnce((entries) => textFrames(entries.map(({ text }) => text)));

/** Server-sent events without a name: one a record, with its `seq` as id. */
export const eventBytes: BytesOf = madeOnce((entries) =>
  Buffer.from(entries.map(({ seq, text }) => `id: ${seq}\ndata: ${text}\n\n`).join("")),
);

/** Whole, unmasked text frames. */
export function textFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const size = lengths.reduce((sum, length) => sum + headBytes(length) + length, 0);
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] ?? 0;
    at = writeHead(frames, at, length);
    at += frames.write(text, at);
  }
  return frames;
}

function headBytes(length: number): number {
  return length < LENGTH_16 ? 2 : length < 2 ** 16 ? 4 : 10;
}

/** Returns where the payload begins. */
function writeHead(frames: Buffer, at: number, length: number): number {
  frames[at] = FINAL_TEXT;
  if (length < LENGTH_16) {
    frames[at + 1] = length;
  } else if (length < 2 ** 16) {
    frames[at + 1] = LENGTH_16;
    frames.writeUInt16BE(length, at + 2);
  } else {
    frames[at + 1] = LENGTH_64;
    frames.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + headBytes(length);
}

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
