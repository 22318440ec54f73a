/**
 * The hub: what it hands to many consumers, against bare `ws` that writes frames made beforehand in the same batches;
 * what its hop adds; what a consumer and an account cost. Consumers are a process of their own (`test/crowd.ts`), the
 * journal is on the disk, and nobody is given what is not committed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket, WebSocketServer } from "ws";
import { textFrames } from "../src/face/io/text-frames.ts";
import { Access } from "../src/hub/access.ts";
import { Hub } from "../src/hub/hub.ts";
import { HubServer } from "../src/hub/io/hub-server.ts";
import { tokenDigest } from "../src/hub/io/token-digest.ts";
import { RequestRate } from "../src/hub/request-rate.ts";
import { openJournal } from "../src/journal/io/journal-store.ts";
import { openSqlite } from "../src/kernel/io/sqlite.ts";
import { systemClock } from "../src/kernel/io/system-clock.ts";
import type { CrowdSays } from "../test/crowd.ts";
import { InventedUpstream } from "../test/invented-upstream.ts";
import type { Entry, Result } from "./harness.ts";

const CROWD = fileURLToPath(new URL("../test/crowd.js", import.meta.url));
const PATH = "/v1/accounts/demo/stream?snapshots=none&queue=10000";
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
/** Characters that make an invented event as long as an order's. */
const FILL_CHARS = 520;
const BATCH = 50;
const TURNS = 8;
const WARM_UP_TURNS = 2;

/** Whatever hands events to a crowd. */
interface Source {
  readonly url: string;
  /** Hands on so many more, at once. */
  tell(count: number): void;
  close(): Promise<void>;
}

async function hubSource(): Promise<Source & { readonly hub: Hub }> {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-"));
  const journal = await openJournal(folder, {
    openDatabase: openSqlite,
    clock: systemClock,
    log: SILENT,
    version: "0.0.0-bench",
    durability: "normal",
    retention: { keepEntries: 1 },
  });
  const hub = new Hub({ journal, clock: systemClock, log: SILENT });
  const access = new Access([], tokenDigest, systemClock);
  const server = new HubServer({ hub, access, rate: new RequestRate(1e6, systemClock), version: "0.0.0" });
  const { url } = await server.listen("127.0.0.1", 0);
  const upstream = new InventedUpstream("demo");
  await hub.add("demo", upstream.make);
  return {
    url,
    hub,
    tell(count) {
      for (let i = 0; i < count; i++) upstream.tell(FILL_CHARS);
    },
    async close() {
      await hub.close();
      await server.close();
      await journal.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The same texts, framed beforehand; a batch is written to each socket in one piece. */
async function bareSource(): Promise<Source> {
  const server: Server = createServer();
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const sockets: Duplex[] = [];
  server.on("upgrade", (request, socket, head) =>
    upgrader.handleUpgrade(request, socket, head, () => void sockets.push(socket)),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let seq = 0;
  const fill = "x".repeat(FILL_CHARS);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell(count) {
      const texts = Array.from({ length: count }, () => {
        seq++;
        const head = `{"seq":${seq},"account":"demo","kind":"event","origin":"stream","at":${seq}`;
        return `${head},"event":{"e":"INVENTED","n":${seq},"fill":"${fill}"}}`;
      });
      const bytes = textFrames(texts);
      for (const socket of sockets) socket.write(bytes);
    },
    async close() {
      for (const ws of upgrader.clients) ws.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

class Crowd {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async of({ url }: Source, count: number): Promise<Crowd> {
    const child = fork(CROWD, [url, PATH, String(count)]);
    const crowd = new Crowd(child);
    await crowd.#says();
    return crowd;
  }

  /** Settles when each has this record. */
  async has(seq: number): Promise<void> {
    const said = this.#says();
    this.#child.send({ seq });
    await said;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  async #says(): Promise<void> {
    const [said] = (await once(this.#child, "message")) as [CrowdSays];
    if ("broken" in said) throw new Error(said.broken);
  }
}

/** Milliseconds until so many events in batches, one a turn of the loop, are with all of a crowd. */
async function milliseconds(source: Source, crowd: Crowd, from: number, count: number): Promise<number> {
  const since = performance.now();
  for (let told = 0; told < count; told += BATCH) {
    source.tell(BATCH);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await crowd.has(from + count);
  return performance.now() - since;
}

async function fanOut(consumers: number, eventsPerTurn: number): Promise<Result> {
  const [ours, theirs] = [await hubSource(), await bareSource()];
  const crowds = [await Crowd.of(ours, consumers), await Crowd.of(theirs, consumers)] as const;
  const ratios: number[] = [];
  const spent: number[] = [];
  for (let turn = 0; turn < TURNS + WARM_UP_TURNS; turn++) {
    const from = turn * eventsPerTurn;
    const first = turn % 2 === 0 ? await milliseconds(theirs, crowds[1], from, eventsPerTurn) : undefined;
    const mine = await milliseconds(ours, crowds[0], from, eventsPerTurn);
    const bare = first ?? (await milliseconds(theirs, crowds[1], from, eventsPerTurn));
    if (turn < WARM_UP_TURNS) continue;
    ratios.push(bare / mine);
    spent.push(mine);
  }
  for (const crowd of crowds) crowd.end();
  await Promise.all([ours.close(), theirs.close()]);
  const value = (eventsPerTurn * consumers * 1000) / quantile(spent, 0.5);
  return { value, unit: "deliveries/s", versus: { what: "bare ws, framed beforehand", ratio: quantile(ratios, 0.5) } };
}

/** One event at a time, every few milliseconds: from the upstream's word to the consumer's listener. */
async function hopMicroseconds(share: number): Promise<Result> {
  const source = await hubSource();
  const ws = new WebSocket(`${source.url.replace("http", "ws")}${PATH}`);
  await once(ws, "open");
  const took: number[] = [];
  for (let i = 0; i < 600; i++) {
    const heard = once(ws, "message");
    const since = performance.now();
    source.tell(1);
    await heard;
    if (i >= 100) took.push(performance.now() - since);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  ws.terminate();
  await source.close();
  return { value: quantile(took, share) * 1000, unit: "µs" };
}

async function bytesPerConsumer(): Promise<Result> {
  const count = 5_000;
  const source = await hubSource();
  source.tell(BATCH);
  const before = bytesInUse();
  const crowd = await Crowd.of(source, count);
  const value = (bytesInUse() - before) / count;
  crowd.end();
  await source.close();
  return { value, unit: "bytes of heap and buffers" };
}

async function bytesPerAccount(): Promise<Result> {
  const count = 1_000;
  const { hub, close } = await hubSource();
  const before = bytesInUse();
  for (let i = 0; i < count; i++) await hub.add(`account-${i}`, new InventedUpstream(`account-${i}`).make);
  const value = (bytesInUse() - before) / count;
  await close();
  return { value, unit: "bytes of heap, empty and without its stream" };
}

/** After the collector has been: twice, for what it finds the first time frees more. */
function bytesInUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** All of them. */
export const HUB_ENTRIES: readonly Entry[] = [
  { name: "hub fan-out, 1 consumer", run: () => fanOut(1, 5_000) },
  { name: "hub fan-out, 100 consumers", run: () => fanOut(100, 2_000) },
  { name: "hub fan-out, 1 000 consumers", run: () => fanOut(1_000, 500) },
  { name: "hub hop, p50", run: () => hopMicroseconds(0.5) },
  { name: "hub hop, p99", run: () => hopMicroseconds(0.99) },
  { name: "hub memory, a consumer", run: bytesPerConsumer },
  { name: "hub memory, an account", run: bytesPerAccount },
];
