/** The one way out of all trouble: let go, pause, and ask for the key. Pure. */
import { fullJitter } from "../kernel/jitter.ts";
import { after, type ListenKey } from "../kernel/scalars.ts";
import type { Lease } from "./lease.ts";
import { isOpen } from "./line.ts";
import type { Effect, Env, In, Lifecycle, Pausing, Step } from "./phases.ts";

/** Why the key in hand is no good any more, when the exchange names another one. */
export const KEY_CHANGED = "key changed elsewhere: another program has probably ended ours with DELETE";
/** The same, when the exchange knows no key of the account (`-1125`). */
export const KEY_UNKNOWN = "key unknown (-1125): another program has probably ended it with DELETE";

/** What a recovery remembers of the time before it. */
export type Memory = Pick<Pausing, "failures" | "lease" | "isDeaf">;

/** The answer names another key: somebody ended ours, and a socket on it would hear nothing. */
export function isChanged({ key, named }: { readonly key: ListenKey; readonly named?: ListenKey }): boolean {
  return named !== undefined && named !== key;
}

/** The key is no good any more: everything bound to it ends, and a new one is asked for. */
export function recover(state: In<"following">, why: string, env: Env): Step {
  return recoverWith(state, letGo(state, why, why), { failures: state.failures }, why, env);
}

/** The lines say nothing though there is something to say. The key may be good: it is remembered, to be compared. */
export function recoverHearing(state: In<"following">, cause: string, env: Env): Step {
  if (!state.lines.some(isOpen)) return [state, []];
  const why = `deaf: ${cause}`;
  // The cause may be long and in any script; a close frame takes 123 bytes.
  const effects = letGo(state, why, "deaf");
  return recoverWith(state, effects, { failures: state.failures, lease: state.lease, isDeaf: true }, why, env);
}

function letGo({ lines }: In<"following">, why: string, toThePeer: string): Effect[] {
  const hangUps = lines.map(({ epoch }) => ({ type: "hang-up", epoch, why: toThePeer }) as const);
  return [...hangUps, lines.some(isOpen) ? { type: "lost", why } : { type: "diagnosed", why }];
}

/** Carries out `effects`, then pauses. */
export function recoverWith(
  state: In<"following">,
  effects: readonly Effect[],
  memory: Memory,
  why: string,
  env: Env,
): Step {
  const [next, more] = pause(state, memory, { why, waitMs: 0 }, env);
  return [next, [...effects, ...more]];
}

/** The last line is gone; the key, held in `lease`, may be good. */
export function pause(
  { epoch }: Lifecycle,
  memory: Memory,
  { why, waitMs }: { readonly why: string; readonly waitMs: number },
  env: Env,
): Step {
  const until = after(env.now, waitMs + jittered(memory.failures, env));
  return [{ phase: "pausing", epoch, ...memory, failures: memory.failures + 1, until, why }, []];
}

/** The wait before the next attempt. */
export function jittered(failures: number, { random, timing }: Env): number {
  return fullJitter(random, failures, { firstMs: timing.backoffMs, maxMs: timing.backoffMaxMs });
}

/**
 * What the grant says about the key that was held before it, in plain words: `undefined` when it says nothing, since
 * that one had lapsed or nothing was held.
 */
export function findingOf(granted: ListenKey, lease: Lease | undefined, isDeaf: boolean, env: Env): string | undefined {
  if (lease === undefined || lease.validUntil <= env.now) return undefined;
  if (granted !== lease.key) return KEY_CHANGED;
  return isDeaf ? "the key is good: the socket, or its subscription, was deaf" : undefined;
}
