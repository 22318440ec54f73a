/** The lines of a file, read piece by piece: a tape of any length costs the memory of one piece. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { UsageError } from "../../kernel/errors.ts";
import { Tape, type TapeLines } from "../market/tape.ts";

/** Bytes read at once. */
const PIECE_BYTES = 64 * 1024;

/** Characters of one line; a longer one is no line of a tape. */
const LINE_CHARS_MAX = 4096;

/** A tape in a file. `close` gives the file back. */
export interface TapeFile extends TapeLines {
  /** SHA-256 of its lines, in hexadecimal: equal tapes have equal digests, wherever they stand. */
  readonly digest: string;
  close(): void;
}

/**
 * Opens a tape, after reading all of it once, so that what is wrong with it is told before anything begins.
 * @throws {UsageError} when the file cannot be read, or naming the first malformed line
 */
export function openTape(path: string): TapeFile {
  const hash = createHash("sha256");
  const tape = new Tape({ name: path, lines: hashed(linesOf(path), hash) });
  while (tape.takeUntil(Number.POSITIVE_INFINITY) !== undefined);
  const lines = linesOf(path);
  return { name: path, lines, digest: hash.digest("hex"), close: () => void lines.return() };
}

function* hashed(lines: Iterable<string>, hash: Hash): Generator<string, void> {
  for (const line of lines) {
    hash.update(`${line}\n`);
    yield line;
  }
}

function* linesOf(path: string): Generator<string, void> {
  const file = opened(path);
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const decoder = new StringDecoder("utf8");
    let rest = "";
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      const lines = (rest + decoder.write(piece.subarray(0, read))).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_CHARS_MAX)
        throw new UsageError(path, `lines of at most ${LINE_CHARS_MAX} characters`, rest);
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new UsageError(path, "a file that can be read", (error as NodeJS.ErrnoException).code ?? error);
  }
  if (!fstatSync(file).isDirectory()) return file;
  closeSync(file);
  throw new UsageError(path, "a file that can be read", "a folder");
}
