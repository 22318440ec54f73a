/** What is examined, and by what: one account at one exchange, through the ports of the SDK. Pure. */
import type { AccountStream } from "../../account-stream.ts";
import type { Clock, Dialer } from "../../kernel/ports.ts";
import type { ListenKey } from "../../kernel/scalars.ts";
import type { ListenKeyService } from "../../protocol/listen-key-service.ts";
import type { KeyType } from "../../protocol/signing.ts";
import type { RestClient } from "../../rest/rest-client.ts";
import type { WeightBudget } from "../../rest/weight-budget.ts";
import type { ExchangeUrls } from "../../stream-options.ts";
import type { CheckName } from "./finding.ts";
import type { Visit } from "./visit.ts";

/** Makes one event happen on the account, and leaves the account as it was. */
export interface Provocation {
  /** What it does, for people, before it is done. */
  readonly what: string;
  /** Does it. Resolves when the exchange has accepted it: then the event is due. */
  cause(): Promise<void>;
  /** Takes back whatever was done of it, also when it was done half. */
  undo(): Promise<void>;
}

/** One account at one exchange. */
export interface Patient {
  readonly urls: ExchangeUrls;
  /** Is it a paper exchange, whose clock somebody may have moved? */
  readonly isPaper: boolean;
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly rest: RestClient;
  readonly budget: WeightBudget;
  /** What requests are signed with; `undefined` when there is neither a secret nor a private key. */
  readonly keyType: KeyType | undefined;
  readonly keys: ListenKeyService;
  /** The same over the WS API, where there is one. */
  readonly keysOverWs: ListenKeyService | undefined;
  /** How to prove that events are delivered; `undefined`: only by waiting for one. Asked for in hedge mode or not. */
  readonly provocation: ((isHedgeMode: boolean) => Provocation) | undefined;
  /** How long an event is waited for, in milliseconds. */
  readonly eventWaitMs: number;
  /** A new stream of the account, with two sockets. */
  follow(): AccountStream;
  /** Says something to the user that is no finding. */
  say(line: string): void;
  /** Is told what is looked at now. */
  lookingAt(checks: readonly CheckName[]): void;
  readonly visit: Visit;
}

/** What earlier checks learned for later ones. */
export interface Learned {
  key?: ListenKey;
  isHedgeMode?: boolean;
  mayRead?: boolean;
}
