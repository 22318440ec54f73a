/** A table whose numbers stand with their points in one line. Rows are few: the whole of it is in the page. */
import type { ComponentChildren } from "preact";
import { aligned } from "../words/numbers.ts";

/** One column. */
export interface Column<Row> {
  readonly title: string;
  /** What more there is to say of it. */
  readonly hint?: string;
  /** A number as a text; all of a column are aligned. */
  readonly number?: (row: Row) => string;
  /** Anything else. */
  readonly cell?: (row: Row) => ComponentChildren;
  /** A class of each cell of it. */
  readonly tone?: (row: Row) => string;
  /** Left out where there is no room. */
  readonly isExtra?: boolean;
}

/** What a table shows. */
export interface TableProps<Row> {
  readonly title: string;
  readonly id: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
}

/** Rows of the whole table that are in the page; what is more is counted. */
const ROWS_MAX = 200;

/** The table, with its title. */
export function Table<Row>({ title, id, columns, rows, keyOf, empty }: TableProps<Row>) {
  const shown = rows.slice(0, ROWS_MAX);
  const numbers = columns.map(({ number }) => (number === undefined ? undefined : aligned(shown.map(number))));
  return (
    <section class="part" aria-labelledby={`${id}-title`} id={id}>
      <h2 id={`${id}-title`}>
        {title} <span class="count">{rows.length === 0 ? "" : rows.length}</span>
      </h2>
      {rows.length === 0 ? (
        <p class="quiet">{empty}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby={`${id}-title`}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.title} scope="col" class={classOf(column)} title={column.hint}>
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, index) => (
                <tr key={keyOf(row)}>
                  {columns.map((column, place) => (
                    <td key={column.title} class={`${classOf(column)} ${column.tone?.(row) ?? ""}`}>
                      {numbers[place]?.[index] ?? column.cell?.(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > ROWS_MAX ? <p class="quiet">+ {rows.length - ROWS_MAX}</p> : null}
        </div>
      )}
    </section>
  );
}

function classOf<Row>({ number, isExtra }: Column<Row>): string {
  return `${number === undefined ? "" : "number"} ${isExtra === true ? "extra" : ""}`.trim();
}
