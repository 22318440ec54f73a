/**
 * The program under test, from its start to its death: the production drivers of one account in a simulated process.
 * Pure.
 *
 * A program that dies does so between two turns of its world: no alarm of its own rings any more, no answer reaches it,
 * and its sockets are gone without a word.
 */
import { AccountFollower } from "../src/account/follower.ts";
import type { Resume } from "../src/account/follower-deps.ts";
import type { AccountRecord } from "../src/account/record.ts";
import type { ListenkeyError } from "../src/kernel/errors.ts";
import type { Clock, Dialer, Http, Log, Random } from "../src/kernel/ports.ts";
import type { WallMs } from "../src/kernel/scalars.ts";
import type { Signer } from "../src/protocol/signing.ts";
import { RestAccountReads } from "../src/rest/account-reads.ts";
import { restListenKeys } from "../src/rest/listen-keys.ts";
import { RestClient } from "../src/rest/rest-client.ts";
import { WeightBudget } from "../src/rest/weight-budget.ts";
import { WeightQueue } from "../src/rest/weight-queue.ts";
import { StreamClient } from "../src/stream/stream-client.ts";
import type { Circumstances } from "./circumstances.ts";

/** What a program needs of its world. */
export interface ProgramDeps {
  readonly clock: Clock;
  /** Dice by name: of one program they are not those of the next. */
  readonly dice: (name: string) => Random;
  readonly http: Http;
  readonly dialer: Dialer;
  readonly log: Log;
  readonly circumstances: Circumstances;
  readonly apiKey: string;
  readonly signer: Signer;
  /** What an earlier program left; `undefined`: nothing. */
  readonly resume: Resume | undefined;
  /** How far our wall clock is from that of the world. */
  readonly wallOffMs: () => number;
  readonly tell: (record: AccountRecord) => void;
  /** The health may be another one. */
  readonly changed: () => void;
  readonly failed: (error: ListenkeyError) => void;
  /** Takes each key before it is dialled with. */
  readonly dialling: (key: string) => void;
  /** The key was doubted. */
  readonly doubted: () => void;
}

/** One life of the program. */
export class Program {
  readonly stream: StreamClient;
  readonly follower: AccountFollower;
  readonly rest: RestClient;
  readonly #deps: ProgramDeps;
  #isAlive = true;

  constructor(deps: ProgramDeps) {
    this.#deps = deps;
    const { circumstances, log, dice } = deps;
    const clock = this.#clock();
    this.rest = this.#makeRest(clock);
    const world = { clock, log, account: "demo", changed: () => this.#ifAlive(deps.changed) };
    const failed = (error: ListenkeyError) => this.#ifAlive(() => deps.failed(error));
    this.follower = new AccountFollower({
      ...world,
      random: dice("follower"),
      timing: circumstances.timing,
      reads: new RestAccountReads(this.rest),
      resume: deps.resume,
      tell: (record) => this.#ifAlive(() => deps.tell(record)),
      failed,
      doubtKey: () => {
        deps.doubted();
        this.stream.doubtKey();
      },
      declareDeaf: (why) => this.stream.declareDeaf(why),
    });
    this.stream = new StreamClient({
      ...world,
      random: dice("stream"),
      dialer: this.#dialer(),
      keys: restListenKeys(this.rest),
      timing: circumstances.streamTiming,
      redundancy: circumstances.redundancy,
      urlOf: (key) => {
        deps.dialling(key);
        return `wss://venue${circumstances.urlForm}${key}`;
      },
      tell: (told) => this.#ifAlive(() => this.follower.take(told)),
      ...(circumstances.isWhole ? { dated: (E, at) => this.rest.venueClock.observe(E, at) } : {}),
      failed,
    });
  }

  #makeRest(clock: Clock): RestClient {
    const { dice, apiKey, signer, circumstances } = this.#deps;
    const budget = new WeightBudget();
    const queue = circumstances.isWhole ? { queue: new WeightQueue({ budget, clock, random: dice("queue") }) } : {};
    return new RestClient({ http: this.#http(), clock, budget, ...queue, baseUrl: "https://venue", apiKey, signer });
  }

  /** Begins. */
  start(): void {
    if (this.#deps.circumstances.isWhole) this.rest.venueClock.keep();
    this.stream.start();
  }

  /** Ends it as its owner would. */
  stop(): Promise<void> {
    this.rest.venueClock.rest();
    return this.stream.stop(false);
  }

  /** It does nothing any more, and hears nothing. Its sockets are the network's to take away. */
  die(): void {
    this.#isAlive = false;
  }

  #ifAlive(act: () => void): void {
    if (this.#isAlive) act();
  }

  #clock(): Clock {
    const { clock, wallOffMs } = this.#deps;
    return {
      now: () => clock.now(),
      wall: () => (clock.wall() + wallOffMs()) as WallMs,
      wake: (at, why, fire) => (this.#isAlive ? clock.wake(at, why, () => this.#ifAlive(fire)) : () => {}),
    };
  }

  #dialer(): Dialer {
    const { dialer } = this.#deps;
    const nothing = { send() {}, ping() {}, close() {} };
    return { dial: (url, events) => (this.#isAlive ? dialer.dial(url, events) : nothing) };
  }

  #http(): Http {
    const { http } = this.#deps;
    const never = () => new Promise<never>(() => {});
    return {
      request: async (request) => {
        if (!this.#isAlive) return never();
        try {
          const answer = await http.request(request);
          return this.#isAlive ? answer : await never();
        } catch (error) {
          if (!this.#isAlive) return never();
          throw error;
        }
      },
    };
  }
}
