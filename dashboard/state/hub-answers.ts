/** What the hub answers to the page, as far as the page looks at it. */
import type { UpstreamHealth } from "../../src/hub/upstream.ts";

/** One row of `/v1/accounts`. */
export interface ListedAccount {
  readonly id: string;
  readonly ready: boolean;
  readonly phase: string;
  readonly trouble?: string;
  readonly sync?: string;
  readonly lastSeq: number;
  /** What the paper venue on the hub's port calls it; absent when it is not there. */
  readonly paper?: string;
}

/** `/v1/accounts/ID/health`. */
export interface AccountHealth {
  readonly phase: "opening" | "following" | "waiting" | "closed";
  readonly trouble?: string;
  readonly lastSeq: number;
  readonly consumers: number;
  readonly journal: { readonly phase: string; readonly trouble?: string };
  readonly margin?: { readonly trouble?: string };
  readonly desk?: { readonly phase: string; readonly heldRecords: number };
  readonly upstream?: Omit<UpstreamHealth, "lines" | "key"> & {
    readonly key?: NonNullable<UpstreamHealth["key"]> & { readonly shown?: string };
    readonly lines?: readonly Line[];
    readonly diagnosis?: { readonly why: string; readonly agoMs: number };
    readonly askingTrouble?: string;
    readonly lastEventE?: number;
  };
}

type Line = NonNullable<UpstreamHealth["lines"]>[number] & { readonly epoch?: number; readonly stage?: string };

/** One row of `/v1/accounts/ID/consumers`. */
export interface ConsumerRow {
  readonly over: string;
  readonly address: string;
  readonly connectedForMs: number;
  readonly policy: string;
  readonly cursor: number;
  readonly lag: number;
  readonly queueEntries: number;
  readonly unsentBytes: number;
}
