/** A terminal that is painted over and over: only rows that changed are written. Pure: text out. */

/** How wide and high it is. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const ESCAPE = "\u001b[";

/** Keeps what the terminal shows, and writes the difference. */
export class Screen {
  readonly #write: (text: string) => void;
  #shown: string[] = [];
  #size: ScreenSize | undefined;

  /** Takes the terminal over, as editors do: what was there comes back with {@link leave}. */
  constructor(write: (text: string) => void) {
    this.#write = write;
    write(`${ESCAPE}?1049h${ESCAPE}?25l`);
  }

  /** Shows these lines from the top. What is too long or too many is cut; colours may stand in them. */
  paint(lines: readonly string[], size: ScreenSize): void {
    const isOther = size.columns !== this.#size?.columns || size.rows !== this.#size.rows;
    if (isOther) this.#shown = [];
    this.#size = size;
    const wanted = Array.from({ length: size.rows }, (_, row) => cut(lines[row] ?? "", size.columns));
    const changes = wanted.flatMap((line, row) =>
      this.#shown[row] === line ? [] : [`${ESCAPE}${row + 1};1H${line}${ESCAPE}0m${ESCAPE}K`],
    );
    this.#shown = wanted;
    if (changes.length > 0) this.#write(`${isOther ? `${ESCAPE}2J` : ""}${changes.join("")}`);
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    this.#write(`${ESCAPE}?25h${ESCAPE}?1049l`);
  }
}

const COLOURS = { strong: 1, faint: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** What a text can look like. */
export type Colour = keyof typeof COLOURS;

/** A text in a colour. */
export function coloured(text: string, colour: Colour): string {
  return `${ESCAPE}${COLOURS[colour]}m${text}${ESCAPE}0m`;
}

/** How many columns a text takes: colours take none. Of what is not ASCII, each character is counted as one. */
export function widthOf(text: string): number {
  return [...text.replace(COLOUR, "")].length;
}

/** Fills up to a width: to the right of it, or to the left for numbers. */
export function padded(text: string, width: number, side: "left" | "right" = "right"): string {
  const fill = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "right" ? text + fill : fill + text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour begins with
const COLOUR = /\u001b\[\d+m/g;

/** The first columns of a line; what is cut shows as `…`. */
function cut(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let width = 0;
  let out = "";
  for (const [piece = ""] of line.matchAll(PIECES)) {
    if (piece.startsWith("\u001b")) {
      out += piece;
    } else if (width < columns - 1) {
      out += piece;
      width++;
    }
  }
  return `${out}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const PIECES = /\u001b\[\d+m|[\s\S]/gu;
