/** What the face wants done with sockets. A session is one websocket on the server's side. Pure. */

/** Names a session; unique among all kinds of them in one server, and never used again. */
export type SessionId = string;

/** One thing to do with an open socket. Effects are carried out in the order in which they were made. */
export type SessionEffect =
  /** Sends one text frame. Sessions that are sent the same are given the very same string. */
  | { readonly session: SessionId; readonly type: "send"; readonly text: string }
  /** Sends a ping frame. */
  | { readonly session: SessionId; readonly type: "ping"; readonly payload: string }
  /** Closes the socket after what was sent before; the face has forgotten the session already. */
  | { readonly session: SessionId; readonly type: "close"; readonly code: number; readonly reason: string }
  /** Destroys the connection without a word, as a network that fails does; the face has forgotten the session. */
  | { readonly session: SessionId; readonly type: "cut" }
  /** From here on nothing is read from the socket, and no ping of the other side is answered. It stays open. */
  | { readonly session: SessionId; readonly type: "freeze" };

/** Is given each effect as it is made. */
export type EffectSink = (effect: SessionEffect) => void;

/** Why a session is closed by the server. */
export interface SessionEnd {
  /** Close code of the websocket. */
  readonly code: number;
  /** Close reason, for people. */
  readonly reason: string;
}
