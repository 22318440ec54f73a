/**
 * What the native face answers, as JSON Schemas. Facts are described by the tables that read them. Pure.
 *
 * Objects may gain members: clients ignore those they do not know.
 */
import { decimal, flag, integer, text, transactMs } from "../protocol/codec.ts";
import {
  BALANCE,
  CONDITIONAL_ORDER,
  type FactTable,
  id,
  isCodec,
  LEVERAGE,
  MARGIN_TYPE,
  MODE,
  ORDER,
  POSITION,
  type Row,
  STRATEGY,
} from "./fact-tables.ts";

/** A JSON Schema, draft 2020-12. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const TEXT = { type: "string" };
const COUNT = { type: "integer", minimum: 0 };
const DURATION = { type: "number", description: "Milliseconds." };
const HOW_MUCH = {
  type: "string",
  enum: ["nothing", "part", "whole"],
  description: "How much of what the account holds is known here.",
};
const FLAG = { type: "boolean" };
const EXCHANGE_TIME = { type: "integer", description: "Milliseconds since 1970, by the exchange's clock." };
const OUR_TIME = { type: "integer", description: "Milliseconds since 1970, by the hub's clock." };
const ID = { type: "string", pattern: "^-?\\d{1,20}$", description: "A 64-bit number, as a text." };
const DECIMAL = { type: "string", pattern: "^-?\\d+(\\.\\d+)?$", description: "As the exchange spelled it." };

function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { type: "object", required: Object.keys(required), properties: { ...required, ...optional } };
}

function listOf(items: Schema): Schema {
  return { type: "array", items };
}

/** A reference to one of {@link SCHEMAS}. */
export function schemaNamed(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const KNOWN: ReadonlyMap<unknown, Schema> = new Map<unknown, Schema>([
  [decimal, DECIMAL],
  [flag, FLAG],
  [integer, { type: "integer" }],
  [transactMs, EXCHANGE_TIME],
  [id, ID],
  [text, TEXT],
]);

/** The schema of a fact, from the table that reads it. */
function factSchema<F>(table: FactTable<F>): Schema {
  const rows = Object.entries(table) as [string, Row][];
  const properties = rows.map(([name, row]) => {
    const [plain] = Array.isArray(row) ? row : [row];
    const schema = isCodec(plain) ? (KNOWN.get(plain) ?? { ...TEXT, description: plain.expected }) : factSchema(plain);
    return [name, schema] as const;
  });
  const required = rows.filter(([, row]) => !Array.isArray(row)).map(([name]) => name);
  return { type: "object", required, properties: Object.fromEntries(properties) };
}

const RECORD_HEAD = { seq: COUNT, account: TEXT, at: OUR_TIME };

const SECRET = {
  description: "A variable of the hub's environment, a file on its machine, or the secret itself.",
  oneOf: [object({ env: TEXT }), object({ file: TEXT }), object({ value: TEXT })],
};

/** All of them, by name. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Text: TEXT,
  Sign: object({ status: { type: "string", enum: ["alive", "ready", "not ready"] } }),
  Description: { type: "object" },
  Error: object({
    error: object({ code: TEXT, message: TEXT }, { remedy: TEXT, firstSeq: COUNT, lastSeq: COUNT }),
  }),
  Accounts: object({
    accounts: listOf(
      object(
        { id: TEXT, ready: FLAG, phase: TEXT, lastSeq: COUNT, consumers: COUNT },
        {
          trouble: TEXT,
          sync: TEXT,
          paper: { ...TEXT, description: "What the paper venue on this port calls it; absent when it is not there." },
        },
      ),
    ),
  }),
  Balance: factSchema(BALANCE),
  Position: factSchema(POSITION),
  Order: factSchema(ORDER),
  ConditionalOrder: factSchema(CONDITIONAL_ORDER),
  Leverage: factSchema(LEVERAGE),
  MarginType: factSchema(MARGIN_TYPE),
  Mode: factSchema(MODE),
  Strategy: factSchema(STRATEGY),
  Account: object(
    {
      account: TEXT,
      asOfSeq: { ...COUNT, description: "The last record it includes." },
      known: HOW_MUCH,
      openGaps: { ...listOf(COUNT), description: "Gaps that no certificate has ended." },
      balances: listOf(schemaNamed("Balance")),
      positions: listOf(schemaNamed("Position")),
      openOrders: listOf(schemaNamed("Order")),
      finishedOrders: listOf(schemaNamed("Order")),
      conditionalOrders: listOf(schemaNamed("ConditionalOrder")),
      finishedConditionalOrders: listOf(schemaNamed("ConditionalOrder")),
      leverage: listOf(schemaNamed("Leverage")),
      marginType: listOf(schemaNamed("MarginType")),
      strategies: listOf(schemaNamed("Strategy")),
      finishedStrategies: listOf(schemaNamed("Strategy")),
      lastTradeIds: { type: "object", additionalProperties: ID },
    },
    {
      asOf: EXCHANGE_TIME,
      completeUpTo: { ...EXCHANGE_TIME, description: "Nothing dated up to here is missing; by the exchange's clock." },
      promisedSince: EXCHANGE_TIME,
      lastEventAt: EXCHANGE_TIME,
      hedgeMode: schemaNamed("Mode"),
      multiAssetsMode: schemaNamed("Mode"),
    },
  ),
  Health: object(
    {
      account: TEXT,
      phase: { type: "string", enum: ["opening", "following", "waiting", "closed"] },
      known: HOW_MUCH,
      lastSeq: COUNT,
      consumers: COUNT,
      journal: object({ phase: TEXT }, { trouble: TEXT }),
      margin: object(
        {},
        { trouble: { ...TEXT, description: "Why margin cannot be had now; absent when it is worth asking for." } },
      ),
    },
    {
      trouble: TEXT,
      desk: object({ phase: TEXT, heldRecords: COUNT }, { trouble: TEXT }),
      upstream: object(
        {},
        {
          sync: TEXT,
          completeUpTo: EXCHANGE_TIME,
          key: object({ shown: TEXT, heldForMs: DURATION, validForMs: DURATION, failures: COUNT }),
          lines: listOf(object({ epoch: COUNT, stage: TEXT, openForMs: DURATION, quietForMs: DURATION })),
          budget: object({ used: COUNT, limit: COUNT, blockedForMs: DURATION }),
          waiting: COUNT,
          clock: object({ offsetMs: DURATION }, { uncertaintyMs: DURATION }),
        },
      ),
    },
  ),
  Margin: object({
    at: { ...EXCHANGE_TIME, description: "When the exchange had answered; by its clock." },
    wallet: DECIMAL,
    equity: { ...DECIMAL, description: "Margin balance: wallets and unrealised profit." },
    available: DECIMAL,
    initialMargin: DECIMAL,
    maintenanceMargin: DECIMAL,
    unrealizedProfit: DECIMAL,
    positions: listOf(
      object(
        {
          symbol: TEXT,
          side: { type: "string", enum: ["BOTH", "LONG", "SHORT"] },
          amount: DECIMAL,
          markPrice: DECIMAL,
          maintenanceMargin: DECIMAL,
          notional: DECIMAL,
          unrealizedProfit: DECIMAL,
          changedAt: EXCHANGE_TIME,
        },
        { liquidationPrice: { ...DECIMAL, description: "Absent when nothing would liquidate it." } },
      ),
    ),
  }),
  Equity: object({
    everyMs: DURATION,
    samples: listOf(object({ at: OUR_TIME, equity: DECIMAL, wallet: DECIMAL })),
  }),
  Consumers: object({
    consumers: listOf(
      object({
        over: TEXT,
        address: TEXT,
        connectedForMs: DURATION,
        policy: TEXT,
        cursor: COUNT,
        lag: { ...COUNT, description: "Records that wait for it." },
        queueEntries: COUNT,
        unsentBytes: COUNT,
      }),
    ),
  }),
  Record: {
    oneOf: ["EventRecord", "GapRecord", "RepairRecord", "StatusRecord"].map(schemaNamed),
    discriminator: { propertyName: "kind" },
  },
  EventRecord: object(
    {
      ...RECORD_HEAD,
      kind: { const: "event" },
      origin: { type: "string", enum: ["stream", "repair"] },
      event: { ...object({ e: TEXT }), description: "The payload, byte for byte; always the last member." },
    },
    { early: FLAG, putBack: FLAG },
  ),
  GapRecord: object({ ...RECORD_HEAD, kind: { const: "gap" }, why: TEXT }, { from: EXCHANGE_TIME }),
  RepairRecord: object(
    {
      ...RECORD_HEAD,
      kind: { const: "repair" },
      gaps: listOf(COUNT),
      completeUpTo: EXCHANGE_TIME,
      recovered: { type: "object", additionalProperties: COUNT },
      holes: listOf(TEXT),
      weightUsed: { type: "number" },
      requests: COUNT,
      tookMs: DURATION,
    },
    { from: EXCHANGE_TIME },
  ),
  StatusRecord: object(
    {
      ...RECORD_HEAD,
      kind: { const: "status" },
      status: { type: "string", enum: ["live", "synced", "stopped"] },
    },
    { since: { ...EXCHANGE_TIME, description: "With synced: what is dated since is told; by the exchange's clock." } },
  ),
  Page: object({ records: listOf(schemaNamed("Record")), cursor: COUNT, firstSeq: COUNT, lastSeq: COUNT }),
  AccountWish: object(
    {},
    {
      environment: {
        description: "`production`, `demo`, `paper`, or the URLs of an exchange.",
        oneOf: [
          { type: "string", enum: ["production", "demo", "paper"] },
          object({ rest: TEXT, stream: TEXT }, { wsApi: TEXT }),
        ],
      },
      apiKey: SECRET,
      apiSecret: SECRET,
      privateKey: SECRET,
      passphrase: SECRET,
      keyService: { type: "string", enum: ["rest", "ws-api"] },
      redundancy: { type: "integer", enum: [1, 2] },
      hub: { ...TEXT, description: "The URL of another hub, in the place of an exchange." },
      account: { ...TEXT, description: "What that hub calls the account." },
      token: SECRET,
    },
  ),
  Changes: object({ added: listOf(TEXT), changed: listOf(TEXT), removed: listOf(TEXT) }),
};
