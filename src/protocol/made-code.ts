/** Functions made from text, where that is allowed. Pure. */

/** Names for values that made code refers to. */
export interface Bindings {
  readonly names: string[];
  readonly values: unknown[];
  /** Gives the value a name. */
  bind(value: unknown): string;
}

/** None yet. */
export function bindings(): Bindings {
  const names: string[] = [];
  const values: unknown[] = [];
  const bind = (value: unknown): string => {
    names.push(`b${names.length}`);
    values.push(value);
    return `b${names.length - 1}`;
  };
  return { names, values, bind };
}

/** What the source, a function body, returns; `otherwise` where a strict content security policy forbids to make it. */
export function makeOr<T>(otherwise: T, names: readonly string[], values: readonly unknown[], source: string): T {
  try {
    return new Function(...names, source)(...values);
  } catch (error) {
    // A content security policy refuses so. Source that does not compile is a bug of ours and throws something else.
    if (!(error instanceof EvalError)) throw error;
    return otherwise;
  }
}
