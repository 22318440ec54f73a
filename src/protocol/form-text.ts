/**
 * Query strings and form bodies: `name=value&name=value`, percent-encoded UTF-8. The text itself is what gets signed,
 * so it is never rebuilt; reading it gives a copy. Pure.
 */
import type { GivenParameters } from "./endpoints/endpoint.ts";

/** What a text of parameters says, or what is wrong with it. */
export type FormReading =
  | { readonly outcome: "read"; readonly parameters: GivenParameters }
  | { readonly outcome: "malformed" }
  | { readonly outcome: "duplicate"; readonly name: string };

/** Reads one text of parameters, in the order as sent. Empty parts (`a=1&&b=2`) are skipped; `+` is a blank. */
export function readForm(text: string): FormReading {
  const parameters = new Map<string, string>();
  for (const part of text.split("&")) {
    if (part === "") continue;
    const cut = part.indexOf("=");
    const name = decode(cut === -1 ? part : part.slice(0, cut));
    const value = decode(cut === -1 ? "" : part.slice(cut + 1));
    if (name === undefined || value === undefined) return { outcome: "malformed" };
    if (parameters.has(name)) return { outcome: "duplicate", name };
    parameters.set(name, value);
  }
  return { outcome: "read", parameters };
}

/** Writes parameters in their order, percent-encoded. */
export function writeForm(parameters: GivenParameters): string {
  return [...parameters].map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Half of a surrogate pair: it has no UTF-8 form, and is sent as the replacement character. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** As `encodeURIComponent`, and the five characters it leaves alone besides: servers differ on them, `%` never does. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(LONE_SURROGATE, "\ufffd")).replace(/[!'()*]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
