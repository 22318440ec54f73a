/** Replies of the three listenKey calls. Protocol sheet 4. */
import { type Infer, listenKey, optional, record } from "../codec.ts";

/** The key of the account's user data stream, valid for 60 minutes from now. */
export const ListenKeyGranted = record({
  /** 64 alphanumerics in captures (one documentation example has 60): treat it as opaque, and as a secret. */
  listenKey,
});

/** The key of the account's user data stream. */
export type ListenKeyGranted = Infer<typeof ListenKeyGranted>;

/** The key was extended. Servers before 2024-04-25 answered `{}`. */
export const ListenKeyExtended = record({
  /** The same key. */
  listenKey: optional(listenKey),
});

/** The key was extended. */
export type ListenKeyExtended = Infer<typeof ListenKeyExtended>;

/** Nothing to say: `{}`. */
export const Nothing = record({});

/** Nothing to say. */
export type Nothing = Infer<typeof Nothing>;
