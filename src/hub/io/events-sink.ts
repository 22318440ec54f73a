/** A consumer of server-sent events. */
import type { ServerResponse } from "node:http";
import type { ConsumerEnd, ConsumerSink, Outgoing } from "../consumer.ts";
import { endText } from "../native-answers.ts";
import { eventBytes } from "./frames.ts";

/** Of an answer that is a stream of server-sent events. */
export const EVENTS_HEADERS = {
  "content-type": "text/event-stream;charset=UTF-8",
  "cache-control": "no-store, no-transform",
  // Proxies such as nginx hold an answer back until it is whole, unless told so.
  "x-accel-buffering": "no",
};

/** A browser that lost the connection comes back after so long. */
const RETRY_MS = 1_000;

/** After the last event, a connection that takes nothing is cut. */
const END_MAX_MS = 2_000;

/** Writes to one response. */
export class EventsSink implements ConsumerSink {
  readonly #response: ServerResponse;

  /** Begins the answer. */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, { ...EVENTS_HEADERS, ...headers });
    response.write(`retry: ${RETRY_MS}\n\n`);
  }

  get unsentBytes(): number {
    return this.#response.writableLength;
  }

  send(outgoing: Outgoing): void {
    if (this.#response.writableEnded) return;
    this.#response.write(outgoing.is === "records" ? eventBytes(outgoing.entries) : noticeText(outgoing));
  }

  /** A comment, which no reader hears of. */
  beat(): void {
    if (!this.#response.writableEnded) this.#response.write(":\n\n");
  }

  end(why: ConsumerEnd): void {
    this.#response.end(`event: end\ndata: ${endText(why)}\n\n`);
    const overdue = setTimeout(() => this.#response.destroy(), END_MAX_MS);
    this.#response.once("close", () => clearTimeout(overdue));
  }
}

/** An event without data moves the cursor of a browser, and is not told to its page. */
function noticeText(outgoing: Exclude<Outgoing, { is: "records" }>): string {
  switch (outgoing.is) {
    case "snapshot":
      return `event: snapshot\nid: ${outgoing.cursor}\ndata: ${outgoing.text}\n\n`;
    case "dropped":
      return `event: dropped\nid: ${outgoing.to}\ndata: {"from":${outgoing.from},"to":${outgoing.to}}\n\n`;
    case "cursor":
      return `id: ${outgoing.seq}\n\n`;
  }
}
