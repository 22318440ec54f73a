/**
 * The whole way of an event through a client, from the socket to the listener, against bare `ws` and against other
 * people's clients. All run in one process and take turns on the same frames, which another process sends by loopback
 * as fast as they are taken. What counts is the processor time of this process, all of its threads: a machine that is
 * busy with other things does not change it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SourceCommand, SourceNews } from "./frame-source.ts";
import { FRAMES_PER_LIFE, LIVES } from "./frames.ts";
import type { Entry, Result } from "./harness.ts";
import { bare, binance, type Connect, ccxtPro, connector, ours, type PipelineClient } from "./pipeline-clients.ts";

/** Ours costs at most so much more than `ws` and `JSON.parse`, which neither check, remember nor mirror anything. */
const PIPELINE_AT_LEAST = 0.7;
/** Faster than each of the others. */
const OTHERS_AT_LEAST = 1;

const WARM_UP_TURNS = 20;
const TURNS = 60;
const FRAMES = LIVES * FRAMES_PER_LIFE;
/** For one turn, or one client to connect. */
const WAIT_MAX_MS = 30_000;

const CLIENTS: Readonly<Record<string, Connect>> = {
  "ws + JSON.parse": bare,
  "our SDK": ours,
  "binance (formatted)": binance,
  "ccxt.pro": ccxtPro,
  "the official connector": connector,
};
const OURS = "our SDK";

const SOURCE = fileURLToPath(new URL("./frame-source.js", import.meta.url));

/** Client → microseconds of processor time a frame, turn by turn. */
type Costs = ReadonlyMap<string, readonly number[]>;

let measured: Promise<Costs> | undefined;

/** All clients are measured together, once. */
function costs(): Promise<Costs> {
  measured ??= measure();
  return measured;
}

async function measure(): Promise<Costs> {
  const source = new Source();
  const clients = new Map<string, PipelineClient>();
  try {
    const url = await source.url;
    for (const [name, connect] of Object.entries(CLIENTS))
      clients.set(name, await source.introduce(name, url, connect));
    const names = [...clients.keys()];
    const took = new Map<string, number[]>(names.map((name) => [name, []]));
    for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
      for (let i = 0; i < names.length; i++) {
        const name = names[(turn + i) % names.length] as string;
        const us = await source.turn(name, clients.get(name) as PipelineClient, turn);
        if (turn >= WARM_UP_TURNS) took.get(name)?.push(us / FRAMES);
      }
    }
    return took;
  } finally {
    for (const client of clients.values()) await client.close();
    source.end();
  }
}

/** The process that sends. */
class Source {
  readonly #child: ChildProcess = fork(SOURCE);
  readonly url: Promise<string>;

  constructor() {
    this.url = this.#news((news) => ("url" in news ? news.url : undefined));
  }

  async introduce(name: string, url: string, connect: Connect): Promise<PipelineClient> {
    this.#tell({ client: name });
    const ready = this.#news((news) => ("ready" in news && news.ready === name ? true : undefined));
    const client = await connect(url);
    await ready;
    return client;
  }

  /** Sends the frames of one turn. Returns the microseconds of processor time until the last was handed on. */
  async turn(name: string, client: PipelineClient, turn: number): Promise<number> {
    const until = client.count() + FRAMES;
    const deadline = performance.now() + WAIT_MAX_MS;
    const before = process.cpuUsage();
    this.#tell({ sendTo: name, turn });
    while (client.count() < until) {
      if (performance.now() > deadline) throw new Error(`${name} handed on ${client.count() - until + FRAMES} frames`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }

  end(): void {
    this.#child.disconnect();
  }

  #tell(command: SourceCommand): void {
    this.#child.send(command);
  }

  #news<T>(pick: (news: SourceNews) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the source of frames is silent")), WAIT_MAX_MS);
      const hear = (news: SourceNews) => {
        const picked = pick(news);
        if (picked === undefined) return;
        clearTimeout(late);
        this.#child.off("message", hear);
        resolve(picked);
      };
      this.#child.on("message", hear);
    });
  }
}

const POLL_MS = 2;

async function against(name: string, atLeast: number): Promise<Result> {
  const all = await costs();
  const mine = all.get(OURS) ?? [];
  const ratios = (all.get(name) ?? []).map((us, turn) => us / (mine[turn] ?? Number.NaN));
  const versus = { what: name, ratio: median(ratios), atLeast };
  return { value: 1e6 / median(mine), unit: "frames/CPU s", versus };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The entries of this file. */
export const PIPELINE_ENTRIES: readonly Entry[] = Object.keys(CLIENTS)
  .filter((name) => name !== OURS)
  .map((name) => ({
    name: `pipeline, to ${name}`,
    run: () => against(name, name === "ws + JSON.parse" ? PIPELINE_AT_LEAST : OTHERS_AT_LEAST),
  }));
