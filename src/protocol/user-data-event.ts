/**
 * The USDⓈ-M user data stream: which table reads which event, and one frame in or out. Pure.
 *
 * L4: ids and decimals come out as they came in. L10: an event no table knows is data, and so are new fields and
 * values; each is told, none is dropped.
 */
import { WireFormatError } from "../kernel/errors.ts";
import { compile } from "./checker.ts";
import { type Codec, type NoveltySink, Place } from "./codec.ts";
import { AccountConfigUpdate } from "./events/account-config-update.ts";
import { AccountUpdate } from "./events/account-update.ts";
import { AlgoUpdate } from "./events/algo-update.ts";
import { ConditionalOrderTriggerReject } from "./events/conditional-order-trigger-reject.ts";
import { GridUpdate } from "./events/grid-update.ts";
import { ListenKeyExpired } from "./events/listen-key-expired.ts";
import { MarginCall } from "./events/margin-call.ts";
import { OrderTradeUpdate } from "./events/order-trade-update.ts";
import { StrategyUpdate } from "./events/strategy-update.ts";
import { TradeLite } from "./events/trade-lite.ts";
import { parseJson } from "./json.ts";
import { bytesOf, type LayoutReader, layoutReader } from "./layout.ts";
import { checkNesting } from "./nesting.ts";

/** All documented USDⓈ-M events by name (the official connector's closed union of 2026-09-22). */
export interface UserDataEvents {
  /** A key in use on this connection ran out. */
  listenKeyExpired: ListenKeyExpired;
  /** Balances, positions or margin types changed. */
  ACCOUNT_UPDATE: AccountUpdate;
  /** Positions run a high risk of liquidation. */
  MARGIN_CALL: MarginCall;
  /** An order was accepted, filled, amended, cancelled or expired. */
  ORDER_TRADE_UPDATE: OrderTradeUpdate;
  /** A fill, told early and briefly. */
  TRADE_LITE: TradeLite;
  /** Leverage of one symbol, or Multi-Assets mode, changed. */
  ACCOUNT_CONFIG_UPDATE: AccountConfigUpdate;
  /** A strategy was made, changed or ended. */
  STRATEGY_UPDATE: StrategyUpdate;
  /** A sub-order of a grid filled. */
  GRID_UPDATE: GridUpdate;
  /** A triggered conditional order was refused by the engine. */
  CONDITIONAL_ORDER_TRIGGER_REJECT: ConditionalOrderTriggerReject;
  /** A conditional order was placed, triggered, finished or refused. */
  ALGO_UPDATE: AlgoUpdate;
}

/** The name of a documented event: the value of its `e`. */
export type EventName = keyof UserDataEvents;

/** An event of a documented type. */
export type KnownEvent = UserDataEvents[EventName];

/** An event of a type no table knows, as it came; integers beyond 2^53 are strings of their digits. */
export interface UnknownEvent {
  /** Its type: none of {@link EventName}. */
  readonly e: string & { readonly unknown?: never };
  /** Its other fields. */
  readonly [field: string]: unknown;
}

/** What a frame of the stream can mean. */
export type UserDataEvent = KnownEvent | UnknownEvent;

interface Table {
  readonly codec: Codec<KnownEvent>;
  readonly isRightAsItStands: (value: unknown) => boolean;
  /** Of layouts that came, the one that came last first. */
  readonly layouts: LayoutReader[];
  /** How many more readers may be made. */
  layoutsLeft: number;
}

/** Layouts of one event that get a reader, or turn out to have none. The exchange has a handful. */
const LAYOUTS_MAX = 16;

const TABLES: ReadonlyMap<string, Table> = new Map(
  Object.entries({
    listenKeyExpired: ListenKeyExpired,
    ACCOUNT_UPDATE: AccountUpdate,
    MARGIN_CALL: MarginCall,
    ORDER_TRADE_UPDATE: OrderTradeUpdate,
    TRADE_LITE: TradeLite,
    ACCOUNT_CONFIG_UPDATE: AccountConfigUpdate,
    STRATEGY_UPDATE: StrategyUpdate,
    GRID_UPDATE: GridUpdate,
    CONDITIONAL_ORDER_TRIGGER_REJECT: ConditionalOrderTriggerReject,
    ALGO_UPDATE: AlgoUpdate,
  } satisfies { [N in EventName]: Codec<UserDataEvents[N]> }).map(([name, codec]) => [
    name,
    {
      codec: codec as unknown as Codec<KnownEvent>,
      isRightAsItStands: compile(codec as unknown as Codec<unknown>),
      layouts: [],
      layoutsLeft: LAYOUTS_MAX,
    },
  ]),
);

/** The names of all documented events. */
export const EVENT_NAMES: readonly EventName[] = [...TABLES.keys()] as EventName[];

/** Is it an event of a documented type? */
export function isKnownEvent(event: UserDataEvent): event is KnownEvent {
  return TABLES.has(event.e);
}

/**
 * Reads one raw event frame (`/ws` framing). See {@link decodeFrame} for frames that may be wrapped or be replies.
 * @param tell is told what no table knows
 * @throws {WireFormatError} when it is not JSON, has no `e`, or is a documented event in another shape
 */
export function decodeEvent(frame: string, tell?: NoveltySink): UserDataEvent {
  return readLaidOut(frame) ?? learnLayout(frame, readEvent(parseJson(frame), tell));
}

/** Every bare event begins so. */
const BEGINNING = '{"e":"';

/**
 * Reads one raw event frame of a layout that came before; `undefined` when it has another one.
 * @param bytes the frame in UTF-8, where they are at hand
 */
export function readLaidOut(frame: string, bytes?: Uint8Array): KnownEvent | undefined {
  if (!frame.startsWith(BEGINNING)) return undefined;
  const table = TABLES.get(frame.slice(BEGINNING.length, frame.indexOf('"', BEGINNING.length)));
  if (table === undefined) return undefined;
  const { layouts } = table;
  if (layouts.length === 0) return undefined;
  const ascii = bytes ?? bytesOf(frame);
  for (let i = 0; i < layouts.length; i++) {
    const read = layouts[i] as LayoutReader;
    const event = read(frame, ascii);
    if (event === undefined) continue;
    if (i > 0) layouts.unshift(...layouts.splice(i, 1));
    return event as KnownEvent;
  }
  return undefined;
}

/** Remembers the layout of a raw event frame. Returns the event. */
export function learnLayout(frame: string, event: UserDataEvent): UserDataEvent {
  const table = TABLES.get(event.e);
  if (table === undefined || table.layoutsLeft === 0 || !frame.startsWith(BEGINNING)) return event;
  // No reader reads such a one, but others of its layout may be read.
  if (BEYOND_ASCII.test(frame)) return event;
  table.layoutsLeft--;
  const read = layoutReader(table.codec as unknown as Codec<unknown>, event);
  if (read?.(frame, bytesOf(frame)) !== undefined) table.layouts.unshift(read);
  return event;
}

const BEYOND_ASCII = /\P{ASCII}/u;

/**
 * Checks an event that is parsed already, and gives it its final form, in place.
 * @param path where in its frame the event stands, as a JSONPath
 * @throws {WireFormatError} as {@link decodeEvent}
 */
export function readEvent(wire: unknown, tell?: NoveltySink, path = "$"): UserDataEvent {
  const name = (wire as { e?: unknown } | null | undefined)?.e;
  if (typeof name !== "string") throw new WireFormatError(`${path}.e`, "the name of an event", name);
  const table = TABLES.get(name);
  if (table === undefined) {
    checkNesting(wire, path);
    tell?.({ what: "event", where: "$", found: name });
    return wire as UnknownEvent;
  }
  if (table.isRightAsItStands(wire)) return wire as KnownEvent;
  return table.codec.read(wire, new Place(path, name, tell));
}

/**
 * Gives an event its final form, in place, of which some fields may be missing: one that was told from REST answers.
 * @param path where in its text the event stands, as a JSONPath
 * @throws {WireFormatError} when it has no `e`, or a field that is there is not what it should be
 */
export function readPartialEvent(wire: unknown, path = "$"): UserDataEvent {
  const name = (wire as { e?: unknown } | null | undefined)?.e;
  if (typeof name !== "string") throw new WireFormatError(`${path}.e`, "the name of an event", name);
  const table = TABLES.get(name);
  if (table !== undefined) readPresent(table.codec as Codec<unknown>, wire, new Place(path, name, undefined));
  return wire as UserDataEvent;
}

/** Reads what is there; returns the value in its final form. */
function readPresent(codec: Codec<unknown> & Partial<Nested>, value: unknown, place: Place): unknown {
  const { rows, item } = codec;
  if (item !== undefined && Array.isArray(value)) {
    for (const [index, entry] of value.entries()) value[index] = readPresent(item, entry, place.entry(index));
    return value;
  }
  if (rows === undefined || typeof value !== "object" || value === null) return codec.read(value, place);
  const found = value as Record<string, unknown>;
  for (const [key, row] of Object.entries(rows)) {
    if (found[key] !== undefined) found[key] = readPresent(row, found[key], place.field(key));
  }
  return found;
}

/** What codecs of objects and arrays know of their parts. */
interface Nested {
  readonly rows: Readonly<Record<string, Codec<unknown>>>;
  readonly item: Codec<unknown>;
}

/**
 * The JSON text of an event: rows in wire order, ids as bare numbers, fields no row names last.
 *
 * No copy of a frame: in fields and events that no table knows, integers beyond 2^53 were read as strings (`parseJson`)
 * and are printed as strings. To pass on what came, pass on the raw frame.
 */
export function encodeEvent(event: UserDataEvent): string {
  const table = TABLES.get(event.e);
  return table === undefined ? JSON.stringify(event) : table.codec.write(event as KnownEvent);
}
