/** What a kept venue was begun with, and with what it may go on. Pure. */
import { UsageError } from "../../kernel/errors.ts";
import type { TransactMs } from "../../kernel/scalars.ts";

/** What a venue was begun with. */
export interface Beginning {
  /** Of the data folder. */
  readonly format: number;
  /** Of the exchange: `rules-version.ts`. */
  readonly rules: number;
  /** Of the package. */
  readonly version: string;
  /** Name → JSON of its value: whatever decides, beside the inputs, what happens on the exchange. */
  readonly settings: Readonly<Record<string, string>>;
  readonly openedAt: TransactMs;
}

/** Of the files and tables of a data folder. */
export const DATA_FORMAT = 1;

/** Longer values are not shown. */
const SHOWN_CHARS_MAX = 60;

/** @throws {UsageError} naming the first thing that differs, when the venue cannot go on with `now` */
export function mustFit(folder: string, begun: Beginning, now: Beginning): void {
  const another = "or start with another folder.";
  if (begun.format !== now.format) {
    throw new UsageError(
      folder,
      `data of format ${now.format}`,
      begun.format,
      `Use listenkey ${begun.version}, ${another}`,
    );
  }
  if (begun.rules !== now.rules) {
    const found = `those of version ${begun.rules}`;
    const remedy = `Use listenkey ${begun.version}, which wrote it, ${another}`;
    throw new UsageError(folder, `a log by the rules of version ${now.rules}`, found, remedy);
  }
  for (const name of new Set([...Object.keys(begun.settings), ...Object.keys(now.settings)])) {
    const { [name]: before = "nothing" } = begun.settings;
    const { [name]: after = "nothing" } = now.settings;
    if (before === after) continue;
    const isShort = before.length <= SHOWN_CHARS_MAX && after.length <= SHOWN_CHARS_MAX;
    const expected = isShort ? `${name} ${before}, as it was begun with` : `the ${name} it was begun with`;
    const remedy = `Start with the settings it was begun with, ${another}`;
    const found: unknown = isShort && after !== "nothing" ? JSON.parse(after) : isShort ? after : "others";
    throw new UsageError(folder, expected, found, remedy);
  }
}
