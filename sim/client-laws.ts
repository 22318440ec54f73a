/**
 * What holds for any program that follows an account, seen from outside of it: by its requests, its lines and what it
 * tells. One look at the key, one at what is asked and when, one at the digits. Pure.
 */
import type { AccountView } from "../src/account/account-view.ts";
import type { AccountRecord, RepairRecord } from "../src/account/record.ts";
import { assert } from "../src/kernel/errors.ts";
import type { Clock, Dialer, HttpRequest, HttpResponse, LogFields } from "../src/kernel/ports.ts";
import { after } from "../src/kernel/scalars.ts";
import type { AccountUpdate } from "../src/protocol/events/account-update.ts";
import type { ListenKeyExpired } from "../src/protocol/events/listen-key-expired.ts";
import type { OrderTradeUpdate } from "../src/protocol/events/order-trade-update.ts";
import { encodeEvent, isKnownEvent, type UserDataEvent } from "../src/protocol/user-data-event.ts";
import { assertBounded, assertFew, PASSED_ON_MS, Unknowns } from "./bounds.ts";
import { FactDates } from "./fact-dates.ts";
import { KeyLaws } from "./key-laws.ts";
import type { SimClock } from "./sim-clock.ts";

/** What is learned of a dead key is carried out within so much. */
const LET_GO_MS = 1_000;
/** A question under way when the line was lost may go out so much later: it waits for no more than an answer. */
const UNDER_WAY_MS = 12_000;
/** How far a certificate may be off: the exchange's clock may be set to and fro while we ask for the time. */
const CLOCK_SLACK_MS = 25_000;

/** What these laws look at. */
export interface ClientLawsDeps {
  readonly clock: SimClock;
  /** The exchange's time. */
  readonly venueTime: () => number;
  /** How many lines it wants. */
  readonly redundancy: number;
  /** What the program believes. */
  readonly account: () => AccountView;
  /** Takes what is broken. */
  readonly broken: (error: unknown) => void;
}

/** The laws of one life of a program. */
export class ClientLaws {
  readonly #deps: ClientLawsDeps;
  readonly #keys = new KeyLaws();
  readonly #facts = new FactDates();
  readonly #unknowns = new Unknowns();
  /** Lines that are dialled or open, and requests that are not answered. */
  #lineCount = 0;
  #requestCount = 0;
  #isOver = false;
  /** Lines that the program knows to be open. */
  #openCount = 0;
  #lastOpenAt = Number.NEGATIVE_INFINITY;
  /** When the line was first heard that is heard now, by both clocks. */
  #heard: { readonly at: number; readonly venueTime: number } | undefined;
  /** Between `live` and `synced`, a stream event was told that nothing older may follow. */
  #toldInOrder: UserDataEvent | undefined;
  #isAsking = false;
  #alarmCount = 0;

  constructor(deps: ClientLawsDeps) {
    this.#deps = deps;
  }

  /** The program's dialer, watched. The key stands at the end of a URL. */
  watched(dialer: Dialer): Dialer {
    return {
      dial: (url, events) => {
        const line = this.#held(() => this.#keys.dialled(url.slice(-64))) ?? { key: "", isOver: false };
        let isOpen = false;
        this.#held(() => assertFew("lines", ++this.#lineCount, this.#deps.redundancy));
        const end = () => {
          if (!line.isOver) this.#lineCount--;
          line.isOver = true;
          if (isOpen) this.#lastOpenAt = this.#now;
          if (isOpen) this.#openCount--;
          isOpen = false;
        };
        const socket = dialer.dial(url, {
          ...events,
          opened: () => {
            isOpen = !line.isOver;
            if (isOpen) this.#openCount++;
            events.opened();
          },
          frame: (text) => {
            if (!line.isOver) this.#came(text);
            events.frame(text);
          },
          closed: (code, reason) => {
            end();
            events.closed(code, reason);
          },
        });
        return {
          send: (text) => socket.send(text),
          ping: () => socket.ping(),
          close: (code, reason) => {
            end();
            socket.close(code, reason);
          },
        };
      },
    };
  }

  /** The program's clock, watched: what it leaves set is {@link alarmCount}. */
  get clock(): Clock {
    const { clock } = this.#deps;
    return {
      now: () => clock.now(),
      wall: () => clock.wall(),
      wake: (at, why, fire) => {
        this.#held(() => assertFew("alarms", ++this.#alarmCount));
        let isOver = false;
        const end = () => {
          if (!isOver) this.#alarmCount--;
          isOver = true;
        };
        const cancel = clock.wake(at, why, () => {
          end();
          fire();
        });
        return () => {
          end();
          cancel();
        };
      },
    };
  }

  /** The program sends a request. Call the result with the answer; with nothing when none came. */
  sent(request: HttpRequest): (answer?: HttpResponse) => void {
    const isOfKey = request.url.includes("/listenKey");
    const answered = this.#held(() => {
      if (isOfKey) return this.#keys.sent(request, this.#now);
      const isHeard = this.#openCount > 0 || this.#now - this.#lastOpenAt < UNDER_WAY_MS;
      assert(isHeard || !isSigned(request), `L2 the account is asked before a line is open: ${pathOf(request)}`);
      return undefined;
    });
    this.#held(() => assertFew("requests", ++this.#requestCount));
    return (answer) => {
      this.#requestCount--;
      answered?.(answer, this.#now);
      this.#lookAtLines();
    };
  }

  /** Lines on dead keys are let go, soon. */
  #lookAtLines(): void {
    if (!this.#keys.isListeningToDead) return;
    const { clock } = this.#deps;
    clock.wake(after(clock.now(), LET_GO_MS), "law", () => void this.#held(() => this.#keys.letGo()));
  }

  /** The program told a record. */
  told(record: AccountRecord): void {
    this.#held(() => this.#looked(record));
    this.#held(() => {
      if (record.kind === "status") this.#status(record.status);
      else if (record.kind === "repair") this.#certified(record);
      else if (record.kind === "gap") this.#isAsking = false;
      else if (record.origin === "repair") this.#toldByRepair(record.event.e);
      else this.#toldByStream(record.event, record.raw, record.early === true);
    });
  }

  /** L3, L10, L12: the program believes what it told, or learned before that. */
  #looked(record: AccountRecord): void {
    const view = this.#deps.account();
    if (record.kind === "event") {
      const event = record.event as UserDataEvent;
      if (record.origin === "stream") this.#unknowns.told(event, record.raw);
      else return;
      if (event.e === "ACCOUNT_UPDATE") this.#facts.toldAccount(event as AccountUpdate, view);
      if (event.e === "ORDER_TRADE_UPDATE") this.#facts.toldOrder(event as OrderTradeUpdate, view);
    } else if (record.kind === "repair" || (record.kind === "status" && record.status === "synced")) {
      this.#facts.learned(view);
      assertBounded(view);
    }
  }

  /** A frame came in on a line that is not let go. */
  #came(text: string): void {
    if (!this.#unknowns.came(text)) return;
    const { clock } = this.#deps;
    clock.wake(after(clock.now(), PASSED_ON_MS), "law", () => {
      if (!this.#isOver) this.#held(() => this.#unknowns.overdue(text));
    });
  }

  /** The program logged a line. */
  logged(line: string, fields: LogFields | undefined): void {
    this.#held(() => this.#unknowns.logged(line, fields));
  }

  /** The program died. */
  died(): void {
    this.#isOver = true;
  }

  #status(status: "live" | "synced" | "stopped"): void {
    this.#isAsking = status === "live";
    this.#toldInOrder = undefined;
    if (status === "live") this.#heard = { at: this.#now, venueTime: this.#deps.venueTime() };
  }

  #toldByStream(event: UserDataEvent, raw: string, isEarly: boolean): void {
    if (event.e === "listenKeyExpired") {
      const { listenKey } = event as ListenKeyExpired;
      if (listenKey !== undefined) this.#keys.died(listenKey, "it has expired, as the exchange told");
      this.#lookAtLines();
    }
    if (this.#isAsking && !isEarly) this.#toldInOrder ??= event;
    if (!isKnownEvent(event)) return;
    const again = encodeEvent(event);
    assert(raw.includes(again), `L4 the digits are others: ${again}, not ${raw}`);
    if (event.e === "ACCOUNT_UPDATE") this.#believed(event as AccountUpdate);
  }

  /** What the mirror took from this event it has to the letter. */
  #believed({ T, a }: AccountUpdate): void {
    const view = this.#deps.account();
    for (const { a: asset, wb, cw } of a.B) {
      const known = view.balance(asset);
      if (known?.at !== T || known.source !== "stream") continue;
      const isSame = known.wallet === wb && known.crossWallet === cw;
      assert(isSame, `L4 the wallet of ${asset} is ${known.wallet} and ${known.crossWallet}, not ${wb} and ${cw}`);
    }
    for (const { s, ps, pa, ep } of a.P) {
      const known = view.position(s, ps);
      if (known?.at !== T || known.source !== "stream") continue;
      const isSame = known.amount === pa && known.entryPrice === ep;
      assert(isSame, `L4 the position ${s} ${ps} is ${known.amount} at ${known.entryPrice}, not ${pa} at ${ep}`);
    }
  }

  #toldByRepair(name: string): void {
    const before = this.#toldInOrder;
    assert(before === undefined, `L1 ${name} is told by repair after what came later: ${before?.e}, not marked early`);
  }

  #certified({ completeUpTo }: RepairRecord): void {
    if (this.#heard === undefined) return;
    const heardForMs = this.#now - this.#heard.at;
    // When the line was first heard, by the exchange's clock of then and by that of now: it may have been set since.
    const heardAt = Math.max(this.#heard.venueTime, this.#deps.venueTime() - heardForMs);
    const overMs = Math.round(completeUpTo - heardAt);
    assert(overMs <= CLOCK_SLACK_MS, `L2 a certificate reaches ${overMs} ms beyond what it was asked for`);
  }

  /** The program has stopped. @throws {InvariantViolation} when it has left an alarm */
  stopped(): void {
    this.#isOver = true;
    assert(this.#alarmCount === 0, `L12 ${this.#alarmCount} alarms are left of a program that has stopped`);
  }

  get #now(): number {
    return this.#deps.clock.now();
  }

  #held<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#deps.broken(error);
      return undefined;
    }
  }
}

function isSigned({ url }: HttpRequest): boolean {
  return url.includes("signature=");
}

function pathOf({ url }: HttpRequest): string {
  return /^[a-z]+:\/\/[^/]*([^?]*)/.exec(url)?.[1] ?? url;
}
