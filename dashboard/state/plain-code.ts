/** Stands for `src/protocol/made-code.ts` in the page, whose policy forbids functions made from text. Pure. */

/** As there; what is bound is never used. */
export function bindings() {
  return { names: [] as string[], values: [] as unknown[], bind: () => "" };
}

/** Always the plain way. */
export function makeOr<T>(otherwise: T): T {
  return otherwise;
}
