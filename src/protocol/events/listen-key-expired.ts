/** `listenKeyExpired`: a key that is in use on this connection has run out. Protocol sheet 7.1. */
import { eventMs, type Infer, listenKey, literal, optional, record } from "../codec.ts";

/**
 * A key in use on this connection ran out; nothing more comes for it, while the socket stays open. May arrive twice for
 * one key, or never (*seen*). Not sent for a key that was never valid.
 */
export const ListenKeyExpired = record({
  /** Event type: the only one in camel case. */
  e: literal("listenKeyExpired"),
  /** When the message was generated. Older servers print it as a string; it is a number here either way. */
  E: eventMs,
  /** The key that ran out. Missing in frames up to at least 2022 (*seen*). */
  listenKey: optional(listenKey),
});

/** A key in use on this connection ran out. */
export type ListenKeyExpired = Infer<typeof ListenKeyExpired>;
