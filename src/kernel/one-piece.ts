/** Text to be kept. Pure. */

/**
 * The same text, as one piece in memory. An engine keeps text that was put together as a tree of its parts, and with a
 * part the whole text it was cut from: a key of thirty letters may hold on to a frame. Looking at a letter makes one
 * piece of it.
 */
export function inOnePiece(text: string): string {
  return text.charCodeAt(0) === NOTHING ? "" : text;
}

/** What is kept never begins so; without a use the look would be left out. */
const NOTHING = 0;
