/**
 * An account as it was: a copy that reads can be made on, while the account itself goes on. Pure.
 *
 * Copied is what changes: records, lists, maps, and open orders. Shared is what does not: markets, listings, ended
 * orders, fills. What is new in an account is copied by its form, so that reads of it are as old as the rest.
 */

import type { Account, Order } from "../exchange/records.ts";
import { Retained } from "../exchange/retained.ts";
import { isOpen } from "../orders/order-life.ts";

/** An account that nothing happens to any more. */
export type PastAccount = Account;

/** The account as it is at this moment. Costs as much as it has open orders, and a reference for each retained one. */
export function pastOf(account: Account): PastAccount {
  return copied(account, new Map()) as PastAccount;
}

function copied(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (value instanceof Map) return copiedMap(value, copies);
  if (value instanceof Set) return noted(value, new Set([...value].map((entry) => copied(entry, copies))), copies);
  if (value instanceof Retained) return noted(value, value.copy(), copies);
  if (Array.isArray(value)) return value.map((entry) => copied(entry, copies));
  if (isOrder(value)) return isOpen(value) ? noted(value, { ...value }, copies) : value;
  // Markets belong to everybody, and what has methods of its own knows best what it is.
  if ("listing" in value || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const copy: Record<string, unknown> = {};
  copies.set(value, copy);
  for (const [name, field] of Object.entries(value)) copy[name] = copied(field, copies);
  return copy;
}

function copiedMap(map: Map<unknown, unknown>, copies: Map<object, object>): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  copies.set(map, copy);
  for (const [key, entry] of map) copy.set(key, copied(entry, copies));
  return copy;
}

function noted(original: object, copy: object, copies: Map<object, object>): object {
  copies.set(original, copy);
  return copy;
}

function isOrder(value: object): value is Order {
  return "clientOrderId" in value && "holding" in value;
}
