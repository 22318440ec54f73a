/** What came of the faults, by name: seen in the records, in the health, and in what is logged. Pure. */
import type { SyncHealth } from "../src/account/follower-deps.ts";
import type { AccountRecord } from "../src/account/record.ts";
import type { StreamHealth } from "../src/stream/health.ts";
import { isOfStrategy } from "./named-holes.ts";

/** What a look at a program shows. */
export interface Look {
  readonly stream: Pick<StreamHealth, "lines" | "counts">;
  readonly sync: SyncHealth;
}

/** Log lines and what they stand for. */
const LOGGED: readonly (readonly [line: string, name: string])[] = [
  ["an answer is stale: asked again", "stale answer refused"],
  ["the account cannot be asked", "REST refused for good"],
];

/** The beginning of `why` of a gap, and what it stands for. */
const CAUSES: readonly (readonly [why: string, name: string])[] = [
  ["deaf: ", "deafness noticed"],
  ["key unknown (-1125)", "foreign DELETE noticed"],
  ["key changed elsewhere", "foreign key noticed"],
  ["key expired", "key expiry noticed"],
  ["key lapsed", "key lapsed"],
  ["silent", "dead socket noticed"],
  ["the program was not running", "resumed after a crash"],
];

/** Of requests: what their path and query say, and what that stands for. */
const ASKED: readonly (readonly [url: RegExp, name: string])[] = [
  [/\/income\?.*[?&]page=[2-9]/, "repair paged"],
  [/\/userTrades\?.*[?&]fromId=/, "fills asked by id"],
  [/\/allOrders\?(?=.*[?&]startTime=).*[?&]symbol=/, "orders asked symbol by symbol"],
];

/**
 * Path → how likely it is at least to be in a mixed world of 30 hours: half of what was measured over 300 of them; what
 * the trader does, over 40.
 */
export const PATH_CHANCES: Readonly<Record<string, number>> = {
  "418 obeyed": 0.09,
  "429 obeyed": 0.11,
  "clock step noticed": 0.17,
  "copy dropped": 0.33,
  "crash between the rounds": 0.27,
  "crash during a repair": 0.045,
  "dead socket noticed": 0.29,
  "deafness noticed": 0.26,
  "event swallowed": 0.21,
  "foreign DELETE noticed": 0.44,
  "foreign key noticed": 0.21,
  "held too long, told early": 0.22,
  "hole named": 0.045,
  "key expiry noticed": 0.41,
  "key lapsed": 0.36,
  "key renewed after doubt": 0.9,
  "late copy of a repaired event dropped": 0.1,
  "one certificate for several gaps": 0.35,
  "one of two lines died without a gap": 0.21,
  "orders asked symbol by symbol": 0.026,
  "repair paged": 0.028,
  "repair told ACCOUNT_CONFIG_UPDATE": 0.15,
  "repair told ALGO_UPDATE": 0.46,
  "repair told FUNDING_FEE": 0.18,
  "repair told how things stand": 0.49,
  "repair told NEW": 0.49,
  "repair told of a symbol never seen": 0.25,
  "repair told TRADE": 0.49,
  "REST refused for good": 0.008,
  "resumed after a crash": 0.35,
  "resumed before the first certificate": 0.1,
  "rotation overlapped": 0.07,
  "second gap during a repair": 0.19,
  "stale answer refused": 0.11,
  "started afresh after a crash": 0.17,
  "strategy in doubt named": 0.03,
  "trader: amended an order": 0.37,
  "trader: batch": 0.11,
  "trader: cancel all": 0.5,
  "trader: cancel one": 0.28,
  "trader: cancel stops": 0.5,
  "trader: close position": 0.31,
  "trader: its orders met": 0.12,
  "trader: leverage": 0.13,
  "trader: limit order": 0.5,
  "trader: margin type": 0.11,
  "trader: market order": 0.5,
  "trader: position margin": 0.07,
  "trader: stop order": 0.38,
  "trader: took an amendment back": 0.2,
  "trader: trailing stop": 0.5,
};

/** Looks on while a program lives. */
export class RarePaths {
  readonly #reach: (name: string) => void;
  readonly #redundancy: number;
  #wasOverlapping = false;
  #openLines = 0;
  #gaps = 0;
  #lateCopies = 0;
  #copies = 0;
  /** Those that were told of, in whatever life. */
  readonly #symbols: Set<string>;
  #toldByRepair = new Set<string>();

  constructor(reach: (name: string) => void, redundancy: number, symbols: Set<string>) {
    this.#symbols = symbols;
    this.#reach = reach;
    this.#redundancy = redundancy;
  }

  /** A line was logged. */
  logged(line: string): void {
    for (const [text, name] of LOGGED) if (line === text) this.#reach(name);
  }

  /** Something was asked of REST. */
  asked(url: string): void {
    for (const [form, name] of ASKED) if (form.test(url)) this.#reach(name);
  }

  /** The health is another one, maybe. */
  changed({ stream: { lines, counts } }: Look): void {
    const open = lines.filter(({ stage }) => stage !== "dialing").length;
    const isOverlapping = open > this.#redundancy;
    if (isOverlapping && !this.#wasOverlapping) this.#reach("rotation overlapped");
    this.#wasOverlapping = isOverlapping;
    if (open === 1 && this.#openLines === 2 && this.#redundancy === 2 && counts.gaps === this.#gaps) {
      this.#reach("one of two lines died without a gap");
    }
    this.#openLines = open;
    this.#gaps = counts.gaps;
  }

  /** A record was told; `look` is how things stood when it was. */
  told(record: AccountRecord, look: () => Look): void {
    switch (record.kind) {
      case "event":
        return this.#event(record);
      case "status":
        return;
      case "gap":
        if (["asking", "confirming"].includes(look().sync.sync)) this.#reach("second gap during a repair");
        for (const [why, name] of CAUSES) if (record.why.startsWith(why)) this.#reach(name);
        return;
      case "repair":
        return this.#certified(record, look());
    }
  }

  #event(record: Extract<AccountRecord, { kind: "event" }>): void {
    if (record.origin === "stream") {
      if (record.early) this.#reach("held too long, told early");
      const symbol = /"s":"([^"]*)"/.exec(record.raw)?.[1];
      if (symbol !== undefined) this.#symbols.add(symbol);
      return;
    }
    const { event } = record;
    if ("o" in event && !this.#symbols.has(event.o.s)) this.#reach("repair told of a symbol never seen");
    if ("o" in event) this.#symbols.add(event.o.s);
    if (event.e === "ORDER_TRADE_UPDATE") this.#toldByRepair.add(`repair told ${event.o.x}`);
    else if (event.e === "ACCOUNT_UPDATE") this.#toldByRepair.add(`repair told ${event.a.m ?? "how things stand"}`);
    else this.#toldByRepair.add(`repair told ${event.e}`);
  }

  #certified(record: Extract<AccountRecord, { kind: "repair" }>, { sync, stream }: Look): void {
    for (const name of this.#toldByRepair) this.#reach(name);
    this.#toldByRepair.clear();
    if (record.gaps.length > 1) this.#reach("one certificate for several gaps");
    if (!record.holes.every(isOfStrategy)) this.#reach("hole named");
    if (record.holes.some(isOfStrategy)) this.#reach("strategy in doubt named");
    if (sync.lateCopies > this.#lateCopies) this.#reach("late copy of a repaired event dropped");
    this.#lateCopies = sync.lateCopies;
    if (stream.counts.copies > this.#copies) this.#reach("copy dropped");
    this.#copies = stream.counts.copies;
  }
}
