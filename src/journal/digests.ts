/**
 * The chain of digests. Each entry's digest is taken over the digest before it, what it is found by, and its record: so
 * whoever changes, removes or puts in an entry must change every digest after it, the last one included. Pure.
 *
 * Against disks and tools this is proof. Against a person who may write the file it is proof only from a digest on that
 * is also kept elsewhere: nothing secret goes into it.
 */
import type { JournalEntry, Snapshot } from "./entry.ts";

/** Takes the SHA-256 of a text in UTF-8: 64 hexadecimal digits in lower case. */
export type Digest = (text: string) => string;

/** Stands before the first entry of an account. */
export const FIRST_DIGEST = "0".repeat(64);

/** The text whose digest is the entry's. Its form is frozen: docs/journal.md. */
export function digestText(previous: string, entry: JournalEntry): string {
  const { account, seq, at, kind, origin, event, symbol, eventAt, transactAt, record } = entry;
  const found = JSON.stringify([account, seq, at, kind, origin, event, symbol, eventAt, transactAt]);
  return `${previous}\n${found}\n${record}`;
}

/**
 * The text whose digest is the snapshot's.
 * @param digest of the entry it is as of: a snapshot hangs on the chain, and is no part of it
 */
export function snapshotDigestText(digest: string, { account, asOfSeq, at, text }: Snapshot): string {
  return `${digest}\n${JSON.stringify(["snapshot", account, asOfSeq, at])}\n${text}`;
}
