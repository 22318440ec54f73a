/**
 * Records as they arrive, newest first. Only the rows that can be seen are in the page, however many there are; whoever
 * scrolls down or pauses is shown what was there then, until they come back to the top.
 */
import { type Signal, signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { AccountRecord } from "../../src/account/record.ts";
import type { AccountSession } from "../state/account-session.ts";
import { RecordList } from "../state/record-list.ts";
import { words } from "../words/chosen.ts";
import { clockTime, counted } from "../words/numbers.ts";
import { kindOf, lineOf, type RecordKind, searchableText } from "../words/record-words.ts";
import { chosenRecord } from "./record-drawer.tsx";
import { now } from "./ticking.ts";

/** In CSS pixels, as `parts.css` has it: one line, or two where there is no room for one. */
const ROW_PX = 28;
const NARROW_ROW_PX = 46;

const narrowness = matchMedia("(max-width: 719px)");
const rowPx = signal(narrowness.matches ? NARROW_ROW_PX : ROW_PX);
narrowness.addEventListener("change", ({ matches }) => {
  rowPx.value = matches ? NARROW_ROW_PX : ROW_PX;
});

/** Rows above and below those that can be seen. */
const MORE_ROWS = 8;

/** When fewer rows than these are left below, older records are read. */
const ROWS_AHEAD = 40;

/** More events in a second than anybody reads. */
const FAST_PER_SECOND = 50;

type Wish = "all" | "fills" | "orders" | "account" | "stream" | "other";

const WISHES: readonly Wish[] = ["all", "fills", "orders", "account", "stream", "other"];
const KIND_OF_WISH: Readonly<Record<Wish, RecordKind | undefined>> = {
  all: undefined,
  fills: "fill",
  orders: "order",
  account: "account",
  stream: "stream",
  other: "other",
};

/** The feed, with what chooses from it. */
export function Events({ session }: { readonly session: AccountSession }) {
  const w = words.value.events;
  const wish = useSignal<Wish>("all");
  const search = useSignal("");
  /** Nothing newer than this is shown; `undefined`: everything. */
  const until = useSignal<number | undefined>(undefined);
  void session.news.value;
  const newest = session.book.records.at(-1)?.seq ?? 0;
  const isPaused = until.value !== undefined;
  return (
    <section class="part feed" aria-labelledby="events-title" id="events">
      <div class="bar">
        <h2 id="events-title">
          {w.title} <Rate session={session} />
        </h2>
        <input
          type="search"
          aria-label={w.search}
          placeholder={w.searchHint}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
        <button
          type="button"
          aria-pressed={isPaused}
          id="pause"
          onClick={() => {
            until.value = isPaused ? undefined : newest;
          }}
        >
          {isPaused ? w.resume : w.pause}
        </button>
      </div>
      <fieldset class="choices">
        <legend class="unseen">{w.kind}</legend>
        {WISHES.map((one) => (
          <button key={one} type="button" aria-pressed={wish.value === one} onClick={() => (wish.value = one)}>
            {w[one]}
          </button>
        ))}
      </fieldset>
      <Rows
        session={session}
        wish={wish.value}
        search={search.value.trim().toLowerCase()}
        until={until}
        newest={newest}
      />
    </section>
  );
}

function Rate({ session }: { readonly session: AccountSession }) {
  const rate = rateOf(session, now.value);
  return <span class="count">{rate === 0 ? "" : words.value.events.rate(counted(rate))}</span>;
}

/** Events of the last whole second. */
function rateOf(session: AccountSession, at: number): number {
  const whole = Math.floor(at / 1000) - 1;
  return session.lag.seconds.findLast(({ second }) => second === whole)?.count ?? 0;
}

interface RowsProps {
  readonly session: AccountSession;
  readonly wish: Wish;
  readonly search: string;
  readonly until: Signal<number | undefined>;
  readonly newest: number;
}

function Rows({ session, wish, search, until, newest }: RowsProps) {
  const w = words.value.events;
  const row = rowPx.value;
  const top = useSignal(0);
  const place = useRef<HTMLDivElement>(null);
  const height = useHeight(place);
  const list = useMemo(
    () => new RecordList(session.book, (record) => passes(record, wish, search)),
    [session.book, wish, search],
  );
  const records = list.records;
  const end = until.value === undefined ? records.length : countUpTo(records, until.value);
  // When all rows are others each time, making them anew costs more than changing their words.
  const isFast = until.value === undefined && rateOf(session, now.value) > FAST_PER_SECOND;
  const more = isFast ? 1 : MORE_ROWS;
  const first = Math.max(0, Math.floor(top.value / row) - more);
  const last = Math.min(end, Math.ceil((top.value + height.value) / row) + more);
  useOlder(session, end - last < ROWS_AHEAD, end);
  const scrolled = (event: Event) => {
    const { scrollTop } = event.currentTarget as HTMLElement;
    if (scrollTop > row && top.value <= row && until.value === undefined) until.value = newest;
    if (scrollTop <= 2 && top.value > 2) until.value = undefined;
    top.value = scrollTop;
  };
  const toTop = () => {
    until.value = undefined;
    place.current?.scrollTo({ top: 0 });
  };
  return (
    <div class="rows-frame">
      <Newer count={until.value === undefined ? 0 : records.length - end} toTop={toTop} />
      <div
        class="rows"
        ref={place}
        onScroll={scrolled}
        onKeyDown={moveByKeys}
        tabIndex={0}
        role="group"
        aria-label={w.list}
      >
        {end === 0 ? <p class="quiet">{session.book.records.length === 0 ? w.none : w.noMatch}</p> : null}
        <ol style={{ height: `${end * row}px`, paddingTop: `${first * row}px` }}>
          {records
            .slice(Math.max(0, end - last), end - first)
            .reverse()
            .map((record, index) => (
              <Row key={isFast ? index : record.seq} record={record} />
            ))}
        </ol>
        <p class="quiet end">{{ none: w.beginning, reading: w.older, more: "" }[session.older.value]}</p>
      </div>
    </div>
  );
}

function Newer({ count, toTop }: { readonly count: number; readonly toTop: () => void }) {
  if (count <= 0) return null;
  return (
    <button type="button" class="newer" onClick={toTop}>
      ↑ {words.value.events.newer(counted(count))}
    </button>
  );
}

/** The height of an element, as it is and becomes. */
function useHeight(place: RefObject<HTMLElement | null>): Signal<number> {
  const height = useSignal(600);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const seen = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    seen.observe(element);
    return () => seen.disconnect();
  }, [height, place]);
  return height;
}

/** Reads older records while there are too few. @param count how many there are; one more try when it has grown */
function useOlder(session: AccountSession, areFew: boolean, count: number): void {
  const isLive = session.link.value?.live === true;
  const older = session.older.value;
  useEffect(() => {
    if (areFew && isLive && older === "more") void session.readOlder();
  }, [session, areFew, isLive, older, count]);
}

function Row({ record }: { readonly record: AccountRecord }) {
  const w = words.value;
  const { tag, symbol, side, text } = lineOf(record, w);
  const isRepaired = record.kind === "event" && record.origin === "repair";
  return (
    <li>
      <button
        type="button"
        class={`row ${record.kind} ${kindOf(record)}`}
        tabIndex={-1}
        data-seq={record.seq}
        onClick={() => (chosenRecord.value = record)}
      >
        <time>{clockTime(record.at)}</time>
        <span class="tag">{tag}</span>
        <span class="symbol">{symbol}</span>
        <span class={`side ${side === "BUY" ? "up" : "down"}`}>
          {side === undefined ? "" : side === "BUY" ? w.orders.buy : w.orders.sell}
        </span>
        <span class="text">
          {isRepaired ? <em>{w.events.repaired}</em> : null}
          {text}
        </span>
        <span class="seq">{record.seq}</span>
      </button>
    </li>
  );
}

/** Up and down go from row to row, from the list itself to the first that is seen: Tab passes by all of them. */
function moveByKeys(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const list = event.currentTarget as HTMLElement;
  const row = document.activeElement?.closest("li");
  const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
  const button = (row === null || row === undefined ? firstSeen(list) : next)?.querySelector("button");
  if (button === null || button === undefined) return;
  event.preventDefault();
  button.focus();
}

function firstSeen(list: HTMLElement): Element | undefined {
  const { top } = list.getBoundingClientRect();
  return [...list.querySelectorAll("li")].find((row) => row.getBoundingClientRect().top >= top - 1);
}

function passes(record: AccountRecord, wish: Wish, search: string): boolean {
  const kind = KIND_OF_WISH[wish];
  if (kind !== undefined && kindOf(record) !== kind) return false;
  return search === "" || searchableText(record, words.peek()).includes(search);
}

/** How many of the records are no newer than this. */
function countUpTo(records: readonly AccountRecord[], seq: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
