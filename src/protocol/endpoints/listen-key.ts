/** The three calls that keep a user data stream. Protocol sheet 4, 5.4: no parameters, no signature. */
import { ListenKeyExtended, ListenKeyGranted, Nothing } from "../rest/listen-key.ts";
import { endpoint } from "./endpoint.ts";

const facts = { path: "/fapi/v1/listenKey", security: "USER_STREAM", weight: 1, parameters: {} } as const;

/** Gets the key: a new one, or the active one extended to 60 minutes from now. */
export const startListenKey = endpoint({
  ...facts,
  method: "POST",
  wsMethod: "userDataStream.start",
  reply: ListenKeyGranted,
});

/** Extends the key to 60 minutes from now. `-1125` when there is none. */
export const keepListenKey = endpoint({
  ...facts,
  method: "PUT",
  wsMethod: "userDataStream.ping",
  reply: ListenKeyExtended,
});

/** Ends the key, for every program that uses it. `-1125` when there is none. */
export const closeListenKey = endpoint({
  ...facts,
  method: "DELETE",
  wsMethod: "userDataStream.stop",
  reply: Nothing,
});
