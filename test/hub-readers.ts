/** Consumers of a hub that come back with their cursor for as long as it takes, and keep every text they are given. */
import assert from "node:assert/strict";
import { WebSocket } from "ws";
import { readRecordText } from "../src/hub/record-text.ts";

const PAUSE_MS = 25;

/** What a reader has. */
export interface HubReader {
  readonly name: string;
  /** Texts of records: the first is that of record 1. */
  readonly texts: string[];
  /** Ends it. */
  stop(): Promise<void>;
}

/** Takes the record that follows the last one; anything else is a broken promise of the hub. */
function take(name: string, texts: string[], text: string): void {
  const { seq } = readRecordText(text);
  assert.equal(seq, texts.length + 1, `${name}: what follows record ${texts.length}`);
  texts.push(text);
}

function reading(name: string, round: (texts: string[], signal: AbortSignal) => Promise<void>): HubReader {
  const texts: string[] = [];
  const abort = new AbortController();
  let broken: unknown;
  const done = (async () => {
    while (!abort.signal.aborted) {
      await round(texts, abort.signal).catch((error: unknown) => {
        // A connection that is refused or cut is what these tests are about.
        if (error instanceof assert.AssertionError) throw error;
      });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })().catch((error: unknown) => {
    broken = error;
  });
  return {
    name,
    texts,
    async stop() {
      abort.abort();
      await done;
      if (broken !== undefined) throw broken;
    },
  };
}

/** Asks page after page. */
export function pageReader(url: string, account: string): HubReader {
  return reading("pages", async (texts, signal) => {
    const path = `${url}/v1/accounts/${account}/records?since=${texts.length}&limit=100`;
    const response = await fetch(path, { headers: { accept: "application/x-ndjson" }, signal });
    if (response.status !== 200) return;
    for (const line of (await response.text()).split("\n")) if (line !== "") take("pages", texts, line);
  });
}

/** Listens to server-sent events, as a browser does. */
export function eventsReader(url: string, account: string): HubReader {
  return reading("events", async (texts, signal) => {
    const headers = { "last-event-id": String(texts.length) };
    const response = await fetch(`${url}/v1/accounts/${account}/records/stream?snapshots=none`, { headers, signal });
    if (response.status !== 200 || response.body === null) return;
    let rest = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const [, text] = /^id: \d+\ndata: (\{"seq".*)$/s.exec(part) ?? [];
        if (text !== undefined) take("events", texts, text);
      }
    }
  });
}

/** Listens on a websocket. */
export function websocketReader(url: string, account: string): HubReader {
  return reading("websocket", (texts, signal) => {
    const path = `/v1/accounts/${account}/stream?snapshots=none&since=${texts.length}`;
    const ws = new WebSocket(`${url.replace("http", "ws")}${path}`, { handshakeTimeout: 2_000 });
    return new Promise((resolve, reject) => {
      const end = () => ws.terminate();
      signal.addEventListener("abort", end);
      ws.on("error", () => {});
      ws.on("message", (data) => {
        const text = String(data);
        if (!text.startsWith('{"seq"')) return;
        try {
          take("websocket", texts, text);
        } catch (error) {
          reject(error as Error);
          ws.terminate();
        }
      });
      ws.on("close", () => {
        signal.removeEventListener("abort", end);
        resolve();
      });
    });
  });
}
