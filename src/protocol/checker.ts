/** Checkers made from codecs: one look at a parsed value says whether it is right as it stands. Pure. */
import { bindings, makeOr } from "./made-code.ts";

/** What a checker is made from: see `Codec`. */
export interface Checked {
  readonly fast: (bind: (value: unknown) => string) => string;
  readonly assign?: (bind: (value: unknown) => string) => string;
}

/**
 * Compiles a codec to a checker that answers whether a parsed value is right as it stands, replacing ids in place.
 * `false` means "read it slowly": something is new, spelt differently, or wrong. Where code may not be made from
 * text (a strict content security policy) the checker always answers `false`, and everything is read slowly.
 */
export function compile(codec: Checked): (value: unknown) => boolean {
  const { names, values, bind } = bindings();
  return makeOr(slowly, names, values, `return function (v) { return ${codec.fast(bind)}; };`);
}

const slowly = () => false;

/** The checker of a list. */
export function compileList(item: Checked): (value: unknown) => boolean {
  const { names, values, bind } = bindings();
  const check = `v = list[i]; if (!(${item.fast(bind)})) return false;`;
  const store = item.assign === undefined ? "" : ` list[i] = ${item.assign(bind)};`;
  return makeOr(
    slowly,
    names,
    values,
    `return function (v) {
       const list = v; if (!Array.isArray(list)) return false;
       for (let i = 0; i < list.length; i++) { ${check}${store} }
       return true;
     };`,
  );
}

/** The checker of a record with these rows. */
export function compileRecord(entries: [string, Checked][]): (value: unknown) => boolean {
  const { names, values, bind } = bindings();
  const body = entries.map(([key, codec]) => {
    const field = `o[${JSON.stringify(key)}]`;
    const check = `if (!(${codec.fast(bind)})) return false;`;
    const store = codec.assign === undefined ? "" : ` ${field} = ${codec.assign(bind)};`;
    const whole = `${check}${store}`;
    return `v = ${field}; ${isOptional(codec) ? `if (v !== undefined) { ${whole} known++; }` : whole}`;
  });
  const required = entries.filter(([, codec]) => !isOptional(codec)).length;
  const source = [
    "return function (v) {",
    `const o = v; if (typeof o !== "object" || o === null || Array.isArray(o)) return false;`,
    `let known = ${required};`,
    ...body,
    "for (const _ in o) known--;",
    "return known === 0;",
    "};",
  ];
  return makeOr(slowly, names, values, source.join("\n"));
}

/** May the field be absent? */
export function isOptional(codec: Checked): boolean {
  return "optional" in codec;
}
