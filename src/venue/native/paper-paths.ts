/** The calls under `/v1/paper`, described as OpenAPI describes paths. `docs/venue.md` says what each does. Pure. */
import { FAULT_TYPES } from "../faults/fault-kinds.ts";

const TEXT = { type: "string" };
const FLAG = { type: "boolean" };
const COUNT = { type: "integer", minimum: 1 };
const AMOUNT = { type: "string", description: "A decimal, as a text.", examples: ["25.5"] };

type Schemas = Readonly<Record<string, object>>;

/** Paths → what `/v1/openapi.json` says of them. */
export const PAPER_PATHS: Readonly<Record<string, object>> = {
  "/v1/paper/accounts": post("Makes an account, with a key and its secret.", [], {
    name: TEXT,
    balances: { type: "object", additionalProperties: AMOUNT },
    publicKey: { ...TEXT, description: "PEM of an RSA or Ed25519 key; an HMAC secret is made when absent." },
  }),
  "/v1/paper/accounts/{id}/keys": post("Makes another key of an account.", [], { publicKey: TEXT }, "id"),
  "/v1/paper/accounts/{id}/transfer": post(
    "Deposits; withdraws when the amount is negative.",
    ["asset", "amount"],
    {
      asset: TEXT,
      amount: AMOUNT,
    },
    "id",
  ),
  "/v1/paper/accounts/{id}/margin-call": post(
    "Moves the mark price until a margin call is due.",
    [],
    { symbol: TEXT },
    "id",
  ),
  "/v1/paper/accounts/{id}/liquidation": post("Moves the mark price until a liquidation.", [], { symbol: TEXT }, "id"),
  "/v1/paper/accounts/{id}/adl": post("Takes positions away by auto-deleveraging.", [], { symbol: TEXT }, "id"),
  "/v1/paper/accounts/{id}/auto-exchange": post(
    "Pays debts with other assets, or buys one with them.",
    [],
    {
      asset: TEXT,
      amount: AMOUNT,
    },
    "id",
  ),
  "/v1/paper/funding/{symbol}": post("Pays funding now.", [], { rate: AMOUNT }, "symbol"),
  "/v1/paper/delist/{symbol}": post(
    "Ends a symbol, now or ahead.",
    [],
    { settlementPrice: AMOUNT, inMs: COUNT },
    "symbol",
  ),
  "/v1/paper/clock/advance": post("Lets venue time jump; all that is due happens in order.", ["ms"], { ms: COUNT }),
  "/v1/paper/market/{symbol}": post(
    "Moves the market, or its mark price alone.",
    [],
    { price: AMOUNT, markPrice: AMOUNT },
    "symbol",
  ),
  "/v1/paper/strategies": {
    ...post("Starts a grid.", ["account", "symbol", "gridCount", "gridLowerLimit", "gridUpperLimit"], {
      account: TEXT,
      symbol: TEXT,
      gridCount: COUNT,
      gridLowerLimit: AMOUNT,
      gridUpperLimit: AMOUNT,
      ...ending(),
    }),
    get: operation("Lists grids.", [parameter("account", "query")]),
  },
  "/v1/paper/strategies/{id}": {
    get: operation("Shows a grid.", [parameter("id", "path")]),
    put: operation("Changes a grid.", [parameter("id", "path")], [], ending()),
    delete: operation("Stops a grid.", [parameter("id", "path")]),
  },
  "/v1/paper/faults": {
    ...post("Starts a fault.", ["type"], {
      type: { type: "string", enum: [...FAULT_TYPES] },
      account: TEXT,
      forMs: COUNT,
    }),
    get: operation("Lists the faults that are active.", []),
    delete: operation("Ends all faults.", []),
  },
  "/v1/paper/faults/{id}": {
    get: operation("Shows a fault.", [parameter("id", "path")]),
    delete: operation("Ends a fault.", [parameter("id", "path")]),
  },
};

function ending(): Schemas {
  return { stopUpperLimit: AMOUNT, stopLowerLimit: AMOUNT, stopTriggerType: TEXT, cos: FLAG, cps: FLAG };
}

function parameter(name: string, place: "path" | "query"): object {
  return { name, in: place, ...(place === "path" ? { required: true } : {}), schema: TEXT };
}

function post(
  summary: string,
  required: readonly string[],
  properties: Schemas,
  inPath?: "id" | "symbol",
): { readonly post: object } {
  const parameters = inPath === undefined ? [] : [parameter(inPath, "path")];
  return { post: operation(summary, parameters, required, properties) };
}

function operation(
  summary: string,
  parameters: readonly object[],
  required: readonly string[] = [],
  properties?: Schemas,
): object {
  const schema = { type: "object", additionalProperties: true, required, properties };
  return {
    summary,
    security: [],
    parameters,
    ...(properties === undefined ? {} : { requestBody: { content: { "application/json": { schema } } } }),
    responses: {
      200: { description: summary, content: { "application/json": { schema: { type: "object" } } } },
      default: { description: "Refused: the message says what was expected, the remedy what to do." },
    },
  };
}
