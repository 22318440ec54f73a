/** The bytes of websocket text frames, made once for all sockets they go to. RFC 6455, section 5.2. */

const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Whole, unmasked text frames, as a server sends them: one a text. */
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
