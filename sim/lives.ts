/**
 * The program under test in one world, over all its lives: it is born, dies at any moment, and is born again with what
 * its reader kept, or with nothing. Everything it asks, tells and logs is looked at on its way. Pure.
 */
import type { Resume } from "../src/account/follower-deps.ts";
import type { AccountRecord } from "../src/account/record.ts";
import { assert, type ListenkeyError } from "../src/kernel/errors.ts";
import type { Http, Log, LogFields, Random } from "../src/kernel/ports.ts";
import { after } from "../src/kernel/scalars.ts";
import type { Signer } from "../src/protocol/signing.ts";
import type { Circumstances } from "./circumstances.ts";
import { ClientLaws } from "./client-laws.ts";
import type { Crash } from "./faults.ts";
import type { Laws } from "./laws.ts";
import { Program } from "./program.ts";
import { type Look, RarePaths } from "./rare-paths.ts";
import { Reader } from "./reader.ts";
import type { SimClock } from "./sim-clock.ts";
import type { SimNetwork } from "./sim-network.ts";
import type { Trace } from "./trace.ts";

/** What the lives are lived in. */
export interface LivesDeps {
  readonly clock: SimClock;
  readonly dice: (name: string) => Random;
  readonly trace: Trace;
  readonly laws: Laws;
  readonly network: SimNetwork;
  readonly circumstances: Circumstances;
  readonly apiKey: string;
  readonly signer: Signer;
  /** Is called when a line is live. */
  readonly live: () => void;
  /** Whoever begins afresh may die before anything is certified; `undefined`: not this one. */
  readonly earlyCrash: (random: Random) => Crash | undefined;
  /** From then on, of virtual time, nothing dies any more. */
  readonly calmFromMs: number;
}

/** What becomes of a program that could not be started. */
const STARTED_LATER: Crash = { type: "crash", downMs: 5 * 60_000, isForgetful: true, afterMs: 0 };

/** One program, life after life. */
export class Lives {
  readonly #deps: LivesDeps;
  #reader = new Reader();
  /** `undefined` while it is dead. */
  #program: Program | undefined;
  /** What holds for it, seen from outside. */
  #client: ClientLaws | undefined;
  readonly #symbols = new Set<string>();
  #paths: RarePaths;
  #count = 0;
  #wallOffMs = 0;
  /** The crash that waits for a repair to begin. */
  #ambush: Crash | undefined;
  #isDoubted = false;
  #wireCount = 0;
  readonly #counts: Record<string, number> = {};

  constructor(deps: LivesDeps) {
    this.#deps = deps;
    this.#paths = this.#newPaths();
  }

  /** The program that lives. @throws {InvariantViolation} while it is dead */
  get living(): Program {
    assert(this.#program !== undefined, "the program lives again after the faults have stopped");
    return this.#program;
  }

  /** The program that lives; `undefined` while it is dead. */
  get program(): Program | undefined {
    return this.#program;
  }

  /** It has stopped, and leaves nothing. @throws {InvariantViolation} */
  stopped(): void {
    this.#client?.stopped();
  }

  /** Figures of all lives so far. */
  get counts(): Readonly<Record<string, number>> {
    const counts = { ...this.#counts };
    if (this.#program !== undefined) addCounts(counts, this.#program);
    return counts;
  }

  /** Our wall clock is set. */
  stepClock(byMs: number): void {
    this.#wallOffMs += byMs;
  }

  #newPaths(): RarePaths {
    const { laws, circumstances } = this.#deps;
    return new RarePaths((name) => laws.reach(name), circumstances.redundancy, this.#symbols);
  }

  /** A program begins, with what its reader kept or with nothing. */
  begin(resume?: Resume): void {
    const { clock, dice, laws, network, circumstances, apiKey, signer } = this.#deps;
    const life = this.#count++;
    // The first one begins in the millisecond of the venue's opening deposits, which nobody is told of.
    if (resume === undefined && life > 0)
      this.#ambush = this.#deps.earlyCrash(dice(`early crash ${life}`)) ?? this.#ambush;
    this.#paths = this.#newPaths();
    this.#isDoubted = false;
    const client: ClientLaws = new ClientLaws({
      clock,
      venueTime: () => laws.venueTime,
      redundancy: circumstances.redundancy,
      account: () => program.follower.account,
      broken: (error) => laws.break(error),
    });
    this.#client = client;
    const program: Program = new Program({
      clock: client.clock,
      dice: (name) => dice(life === 0 ? name : `${name} ${life}`),
      http: this.#watched(network.http, client),
      dialer: client.watched(network.dialer),
      log: this.#log,
      circumstances,
      apiKey,
      signer,
      resume,
      wallOffMs: () => this.#wallOffMs,
      tell: (record) => this.#told(record),
      changed: () => {
        // Looking costs more than everything else here: nothing is to be seen while the sockets are the usual ones.
        if (network.wireCount === this.#wireCount && network.wireCount <= circumstances.redundancy) return;
        this.#wireCount = network.wireCount;
        this.#paths.changed(this.#look(program));
      },
      failed: (error) => this.#failed(error),
      dialling: (key) => laws.keepSecret(key),
      doubted: () => {
        this.#isDoubted = true;
      },
    });
    this.#program = program;
    program.start();
  }

  /** Who cannot be started is started again later. It must not be for nothing that it could not. */
  #failed(error: ListenkeyError): void {
    const { clock, laws } = this.#deps;
    if (!laws.refusesPart) return laws.break(error);
    laws.reach("start refused");
    clock.wake(clock.now(), "start refused", () => this.#die(STARTED_LATER));
  }

  #look(program: Program): Look {
    return { stream: program.stream.health, sync: program.follower.health };
  }

  /** The program dies, and is born again in time; or it will, when the next line is live. */
  crash(crash: Crash): void {
    if (crash.type === "crash-in-repair") this.#ambush = crash;
    else this.#die(crash);
  }

  #die({ downMs, isForgetful }: Crash): void {
    const { clock, laws, network } = this.#deps;
    const program = this.#program;
    if (program === undefined) return;
    const { sync } = program.follower.health;
    if (sync === "asking") laws.reach("crash during a repair");
    if (sync === "confirming") laws.reach("crash between the rounds");
    addCounts(this.#counts, program);
    program.die();
    this.#client?.died();
    this.#program = undefined;
    network.vanish();
    laws.died(downMs);
    clock.wake(after(clock.now(), downMs), "born again", () => {
      if (isForgetful) return this.#bornAgain(undefined);
      void this.#reader
        .resume("demo", { ...this.#log, warn: this.#log.error })
        .then((resume) => this.#bornAgain(resume));
    });
  }

  #bornAgain(resume: Resume | undefined): void {
    const { laws, trace } = this.#deps;
    trace.say(`the program is started again, ${resume === undefined ? "afresh" : `after ${resume.seq}`}`);
    if (resume === undefined) {
      this.#reader = new Reader();
      this.#symbols.clear();
      laws.forgotten();
      laws.reach("started afresh after a crash");
    } else if (!this.#reader.hasProof) laws.reach("resumed before the first certificate");
    this.begin(resume);
  }

  get #log(): Log {
    const say = (line: string, fields?: LogFields) => {
      this.#paths.logged(line);
      this.#client?.logged(line, fields);
      this.#say(`log ${line} ${JSON.stringify(fields ?? {})}`);
    };
    const error = (line: string) => this.#deps.laws.break(new Error(`an error was logged: ${line}`));
    return { debug: say, info: say, warn: say, error };
  }

  #told(record: AccountRecord): void {
    const program = this.#program;
    const what = record.kind === "event" ? `${record.origin} ${record.event.e}` : JSON.stringify(record);
    this.#say(`told ${record.seq} ${what}`);
    this.#deps.laws.told(record);
    this.#client?.told(record);
    if (program === undefined) return;
    this.#reader.take(record, program.follower);
    this.#paths.told(record, () => this.#look(program));
    if (record.kind !== "status" || record.status !== "live") return;
    this.#spring();
    this.#deps.live();
  }

  /** A crash that waited for a repair comes within it. */
  #spring(): void {
    const { clock, calmFromMs } = this.#deps;
    const crash = this.#ambush;
    if (crash === undefined || clock.now() >= calmFromMs) return;
    this.#ambush = undefined;
    clock.wake(after(clock.now(), crash.afterMs), "crash", () => this.#die(crash));
  }

  /** Writes a line of ours, which L9 holds for. */
  #say(line: string): void {
    this.#deps.laws.said(line);
    this.#deps.trace.say(line);
  }

  #watched(http: Http, client: ClientLaws): Http {
    return {
      request: async (request) => {
        const answered = this.#deps.laws.sent(request);
        const done = client.sent(request);
        this.#paths.asked(request.url);
        const isDoubted = this.#isDoubted && request.method === "PUT";
        if (isDoubted) this.#isDoubted = false;
        try {
          const answer = await http.request(request);
          answered(answer);
          done(answer);
          if (isDoubted && answer.status === 200) this.#deps.laws.reach("key renewed after doubt");
          return answer;
        } catch (error) {
          answered();
          done();
          throw error;
        }
      },
    };
  }
}

function addCounts(counts: Record<string, number>, { stream, rest }: Program): void {
  for (const [name, value] of Object.entries(stream.health.counts)) counts[name] = (counts[name] ?? 0) + value;
  counts.steps = (counts.steps ?? 0) + rest.venueClock.health.steps;
}
