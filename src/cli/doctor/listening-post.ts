/** One socket that listens on one form of the stream's URL, and remembers what it heard first. Pure. */

import { withoutSecrets } from "../../kernel/errors.ts";
import type { Dialer, Socket } from "../../kernel/ports.ts";
import type { ListenKey, MonotonicMs } from "../../kernel/scalars.ts";
import { parseJson } from "../../protocol/json.ts";
import { type Framing, type StreamRoute, streamUrl } from "../../protocol/stream-url.ts";

/** One form of URL. */
export interface Form {
  /** With `<key>` for the listenKey. */
  readonly name: string;
  readonly isRouted: boolean;
  readonly urlOf: (key: ListenKey) => string;
  /** Sent when the socket is open, where the key is not in the URL. */
  readonly greeting?: (key: ListenKey) => string;
}

const named = (route: StreamRoute, framing: Framing) => (key: ListenKey) =>
  streamUrl({ route, framing, subscriptions: [{ name: key }] });

/** Every form in use, the routed ones first. Protocol sheet 6.1. */
export const FORMS: readonly Form[] = [
  { name: "/private/ws/<key>", isRouted: true, urlOf: named("private", "raw") },
  { name: "/private/ws?listenKey=<key>", isRouted: true, urlOf: (key) => `/private/ws?listenKey=${key}` },
  { name: "/private/stream?streams=<key>", isRouted: true, urlOf: named("private", "combined") },
  { name: "/private/stream?listenKey=<key>", isRouted: true, urlOf: (key) => `/private/stream?listenKey=${key}` },
  {
    name: "/private/stream with SUBSCRIBE",
    isRouted: true,
    urlOf: () => "/private/stream",
    greeting: (key) => JSON.stringify({ method: "SUBSCRIBE", params: [key], id: 1 }),
  },
  { name: "/ws/<key>", isRouted: false, urlOf: named("legacy", "raw") },
  { name: "/stream?streams=<key>", isRouted: false, urlOf: named("legacy", "combined") },
];

const KEY_ENDED = "listenKeyExpired";

/** One socket. */
export class ListeningPost {
  readonly name: string;
  readonly isRouted: boolean;
  readonly #socket: Socket;
  #stage: "dialing" | "open" | "closed" = "dialing";
  #trouble = "no answer in time";
  #heard: string | undefined;
  #heardAt: MonotonicMs | undefined;
  #isKeyEnded = false;

  constructor(
    { name, isRouted, urlOf, greeting }: Form,
    dialer: Dialer,
    base: string,
    key: ListenKey,
    now: () => MonotonicMs,
  ) {
    this.name = name;
    this.isRouted = isRouted;
    this.#socket = dialer.dial(`${base}${urlOf(key)}`, {
      opened: () => {
        this.#stage = "open";
        if (greeting !== undefined) this.#socket.send(greeting(key));
      },
      heard() {},
      frame: (text) => {
        const event = eventIn(text);
        if (event === KEY_ENDED) this.#isKeyEnded = true;
        else if (event !== undefined && this.#heardAt === undefined) {
          this.#heard = event;
          this.#heardAt = now();
        }
      },
      closed: (code, reason) => {
        this.#stage = "closed";
        this.#trouble = withoutSecrets(`closed ${code} ${reason}`.trimEnd());
      },
    });
  }

  /** Neither open nor closed yet. */
  get isDialing(): boolean {
    return this.#stage === "dialing";
  }

  /** Open at this moment. */
  get isOpen(): boolean {
    return this.#stage === "open";
  }

  /** Why it is not open. */
  get trouble(): string {
    return this.#trouble;
  }

  /** The type of the first event; `undefined` before. */
  get heard(): string | undefined {
    return this.#heard;
  }

  /** When it came; `undefined` before. */
  get heardAt(): MonotonicMs | undefined {
    return this.#heardAt;
  }

  /** Did `listenKeyExpired` come? */
  get isKeyEnded(): boolean {
    return this.#isKeyEnded;
  }

  /** Hangs up. */
  close(): void {
    this.#socket.close(1000, "heard enough");
  }
}

/** The type of the account's event in a frame, raw or combined; `undefined` for replies and what cannot be read. */
function eventIn(text: string): string | undefined {
  try {
    const frame = parseJson(text) as { e?: unknown; data?: { e?: unknown } } | null;
    const type = frame?.e ?? frame?.data?.e;
    return typeof type === "string" && type !== "serverShutdown" ? type : undefined;
  } catch {
    return undefined;
  }
}
