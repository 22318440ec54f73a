/**
 * Things that happen to an account, each from its real cause and on command: caused over HTTP of a paper venue on a
 * port of this machine, and heard by a websocket. What is expected is the whole of what is heard, in its order.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import type { AccountChange } from "../protocol/events/account-update.ts";
import { parseJson } from "../protocol/json.ts";
import { type KnownEvent, readEvent } from "../protocol/user-data-event.ts";
import { type PaperVenueOptions, startPaperVenue } from "./index.ts";

const DEADLINE_MS = 30_000;
/** An asset that nothing happens to: it counts for nothing. */
const MARKER = "MARKER";
const BTC = { symbol: "BTCUSDT" };

interface Story {
  readonly name: string;
  /** Beside quotes that stand still. */
  readonly venue?: PaperVenueOptions;
  /** What the account has; 10 000 USDT when absent. */
  readonly balances?: Readonly<Record<string, string>>;
  readonly prepare?: (client: Client) => Promise<unknown>;
  readonly cause: (client: Client) => Promise<unknown>;
  readonly heard: readonly string[];
}

const buy = (quantity: string) => (client: Client) => client.order({ side: "BUY", type: "MARKET", quantity });
const isolated = async (client: Client) => {
  await client.call("POST", "/fapi/v1/marginType", { ...BTC, marginType: "ISOLATED" });
  await buy("0.5")(client);
};
const withOrder = async (client: Client) => {
  await buy("0.5")(client);
  await client.order({ side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.001", price: "60000" });
};
const multiAssets = (client: Client) => client.call("POST", "/fapi/v1/multiAssetsMargin", { multiAssetsMargin: true });
const native = (path: string, body: object) => (client: Client) => client.native(path, body);
const toFunding = async (client: Client) => {
  const { nextFundingTime, time } = await client.open("/fapi/v1/premiumIndex?symbol=BTCUSDT");
  await client.native("clock/advance", { ms: Number(nextFundingTime) - Number(time) });
};

const LIQUIDATED = [
  "ORDER autoclose- NEW/NEW",
  "ACCOUNT ORDER B USDT 0 P BTCUSDT BOTH flat",
  "ORDER autoclose- CALCULATED/FILLED",
];
const SETTLED = [
  "ORDER settlement_autoclose- NEW/NEW",
  "ACCOUNT ORDER B USDT 0 P BTCUSDT BOTH flat",
  "ORDER settlement_autoclose- CALCULATED/FILLED",
];
const DELEVERAGED = [
  "ORDER adl_autoclose NEW/NEW",
  "ACCOUNT ORDER B USDT 0 P BTCUSDT BOTH flat",
  "ORDER adl_autoclose CALCULATED/FILLED",
];
const FEE = "ACCOUNT INSURANCE_CLEAR B USDT - P none";

const STORIES: readonly Story[] = [
  {
    name: "margin call, cross: the mark price comes near to liquidation",
    prepare: buy("0.5"),
    cause: native("market/BTCUSDT", { markPrice: "66350" }),
    heard: ["MARGIN_CALL cw BTCUSDT BOTH CROSSED"],
  },
  {
    name: "margin call, isolated: the mark price comes near to liquidation",
    prepare: isolated,
    cause: native("market/BTCUSDT", { markPrice: "82100" }),
    heard: ["MARGIN_CALL BTCUSDT BOTH ISOLATED"],
  },
  {
    name: "margin call on command",
    prepare: buy("0.5"),
    cause: native("accounts/me/margin-call", {}),
    heard: ["MARGIN_CALL cw BTCUSDT BOTH CROSSED"],
  },
  {
    name: "liquidation, cross: the price falls",
    prepare: withOrder,
    cause: native("market/BTCUSDT", { price: "66100" }),
    heard: ["MARGIN_CALL cw BTCUSDT BOTH CROSSED", "ORDER mine EXPIRED/EXPIRED er 5", ...LIQUIDATED, FEE],
  },
  {
    name: "liquidation, isolated: the price falls, and the rest of the wallet is safe",
    prepare: isolated,
    cause: native("market/BTCUSDT", { price: "81800" }),
    heard: ["MARGIN_CALL BTCUSDT BOTH ISOLATED", ...LIQUIDATED, FEE],
  },
  {
    name: "liquidation on command",
    prepare: withOrder,
    cause: native("accounts/me/liquidation", { symbol: "BTCUSDT" }),
    heard: ["ORDER mine EXPIRED/EXPIRED er 5", ...LIQUIDATED, FEE],
  },
  {
    name: "auto-deleveraging: another account is bankrupt, and the insurance fund is empty",
    venue: { insuranceFund: { USDT: "0" } },
    async prepare(client) {
      await client.order({ side: "SELL", type: "MARKET", quantity: "0.1" });
      const other = await client.another("loser", { USDT: "1000" });
      await other.order({ side: "BUY", type: "MARKET", quantity: "0.2" });
    },
    cause: native("market/BTCUSDT", { price: "81000" }),
    heard: DELEVERAGED,
  },
  {
    name: "auto-deleveraging on command",
    prepare: buy("0.5"),
    cause: native("accounts/me/adl", {}),
    heard: DELEVERAGED,
  },
  {
    name: "funding, cross: its hour comes",
    venue: { funding: { intervalHours: 1 } },
    prepare: buy("0.5"),
    cause: toFunding,
    heard: ["ACCOUNT FUNDING_FEE BTCUSDT B USDT - P none"],
  },
  {
    name: "funding, isolated: its hour comes",
    venue: { funding: { intervalHours: 1 } },
    prepare: isolated,
    cause: toFunding,
    heard: ["ACCOUNT FUNDING_FEE BTCUSDT B USDT - P BTCUSDT BOTH 0.5"],
  },
  {
    name: "funding on command, at a rate of one's own",
    prepare: buy("0.5"),
    cause: native("funding/BTCUSDT", { rate: "-0.0005" }),
    heard: ["ACCOUNT FUNDING_FEE BTCUSDT B USDT + P none"],
  },
  {
    name: "deposit",
    cause: native("accounts/me/transfer", { asset: "USDC", amount: "25.5" }),
    heard: ["ACCOUNT DEPOSIT B USDC + P none"],
  },
  {
    name: "withdrawal",
    cause: native("accounts/me/transfer", { asset: "USDT", amount: "-25.5" }),
    heard: ["ACCOUNT WITHDRAW B USDT - P none"],
  },
  {
    name: "delisting: its time comes",
    async prepare(client) {
      await withOrder(client);
      // So soon that hardly ever a funding is due before.
      await client.native("delist/BTCUSDT", { inMs: 1_000 });
    },
    cause: native("clock/advance", { ms: 1_000 }),
    heard: ["ORDER mine EXPIRED/EXPIRED er 7", ...SETTLED],
  },
  {
    name: "delisting at once, at a price of one's own",
    prepare: buy("0.5"),
    cause: native("delist/BTCUSDT", { settlementPrice: "80000" }),
    heard: SETTLED,
  },
  {
    name: "auto-exchange: a funding fee takes the wallet below the threshold",
    balances: { BTC: "1", BNB: "5" },
    async prepare(client) {
      await multiAssets(client);
      await buy("0.5")(client);
    },
    cause: native("funding/BTCUSDT", { rate: "0.2" }),
    heard: ["ACCOUNT FUNDING_FEE BTCUSDT B USDT - P none", "ACCOUNT AUTO_EXCHANGE B USDT + BTC - BNB - P none"],
  },
  {
    name: "auto-exchange: a liquidation leaves a debt",
    balances: { BTC: "0.05" },
    async prepare(client) {
      await multiAssets(client);
      await buy("0.5")(client);
    },
    cause: native("market/BTCUSDT", { markPrice: "77900" }),
    heard: [
      "MARGIN_CALL cw BTCUSDT BOTH CROSSED",
      ...LIQUIDATED,
      "ACCOUNT INSURANCE_CLEAR B USDT - P none",
      "ACCOUNT AUTO_EXCHANGE B USDT + BTC - P none",
    ],
  },
  {
    name: "auto-exchange on command",
    balances: { BTC: "1" },
    prepare: multiAssets,
    cause: native("accounts/me/auto-exchange", { asset: "USDT", amount: "100" }),
    heard: ["ACCOUNT AUTO_EXCHANGE B USDT + BTC - P none"],
  },
];

for (const { name, venue = {}, balances = { USDT: "10000" }, prepare, cause, heard } of STORIES) {
  test(name, { timeout: DEADLINE_MS }, async (t) => {
    const client = await Client.start(t, venue, balances);
    await prepare?.(client);
    await client.told();
    await cause(client);
    assert.deepEqual(await client.told(), heard);
    assert.equal(client.discrepancy(), 0n, "money is conserved");
  });
}

interface Keys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** One account's HTTP and its websocket. */
class Client {
  readonly #venue: Awaited<ReturnType<typeof startPaperVenue>>;
  readonly #keys: Keys;
  readonly #frames: string[] = [];
  #ws: WebSocket | undefined;

  constructor(venue: Awaited<ReturnType<typeof startPaperVenue>>, keys: Keys) {
    this.#venue = venue;
    this.#keys = keys;
  }

  static async start(t: TestContext, options: PaperVenueOptions, balances: object): Promise<Client> {
    const venue = await startPaperVenue({ marketMaker: { volatilityBps: 0 }, ...options });
    t.after(() => venue.close());
    const client = await new Client(venue, { apiKey: "", apiSecret: "" }).another("me", balances);
    await client.#listen();
    return client;
  }

  /** Opens an account, and returns its client. */
  async another(name: string, balances: object): Promise<Client> {
    const { apiKey, apiSecret } = await this.native("accounts", { name, balances });
    return new Client(this.#venue, { apiKey: String(apiKey), apiSecret: String(apiSecret) });
  }

  async #listen(): Promise<void> {
    const { listenKey } = await this.#send("POST", "/fapi/v1/listenKey");
    const ws = new WebSocket(`${this.#venue.wsUrl}/private/ws?listenKey=${listenKey}`);
    this.#ws = ws;
    ws.on("message", (data) => this.#frames.push(String(data)));
    await once(ws, "open");
  }

  /** All that was heard since it was last asked: up to a deposit made to know where to stop. */
  async told(): Promise<string[]> {
    await this.native("accounts/me/transfer", { asset: MARKER, amount: "1" });
    const lines: string[] = [];
    for (;;) {
      while (this.#frames.length === 0) await once(this.#ws as WebSocket, "message");
      const event = readEvent(parseJson(this.#frames.shift() ?? ""), () => {}) as KnownEvent;
      if (event.e === "ACCOUNT_UPDATE" && event.a.B[0]?.a === MARKER) return lines;
      lines.push(lineOf(event));
    }
  }

  discrepancy(): bigint {
    return this.#venue.venue.exchange.auditMoney().discrepancy;
  }

  order(terms: object) {
    return this.call("POST", "/fapi/v1/order", { ...BTC, newClientOrderId: "mine", ...terms });
  }

  /** A signed call that is carried out. */
  call(method: string, path: string, parameters: object) {
    const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
    const signature = createHmac("sha256", this.#keys.apiSecret).update(query).digest("hex");
    return this.#send(method, `${path}?${query}&signature=${signature}`);
  }

  open(path: string) {
    return this.#send("GET", path);
  }

  native(path: string, body: object) {
    return this.#send("POST", `/v1/paper/${path}`, JSON.stringify(body));
  }

  async #send(method: string, path: string, body?: string): Promise<Readonly<Record<string, unknown>>> {
    const headers = { "X-MBX-APIKEY": this.#keys.apiKey };
    const answer = await fetch(`${this.#venue.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const json = await answer.json();
    assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(json)}`);
    return json as Readonly<Record<string, unknown>>;
  }
}

function lineOf(event: KnownEvent): string {
  switch (event.e) {
    case "MARGIN_CALL": {
      const cross = event.cw === undefined ? "" : " cw";
      return `MARGIN_CALL${cross} ${event.p.map(({ s, ps, mt }) => `${s} ${ps} ${mt}`).join(", ")}`;
    }
    case "ORDER_TRADE_UPDATE": {
      const { c, x, X, er } = event.o;
      return `ORDER ${c.replace(/-\d{19}$/, "-")} ${x}/${X}${er === "0" ? "" : ` er ${er}`}`;
    }
    case "ACCOUNT_UPDATE":
      return `ACCOUNT ${changeOf(event.a)}`;
    default:
      return event.e;
  }
}

/** Reason, symbol, and of each balance which way it went: + and -, 0 where only profit or commission changed it. */
function changeOf({ m, S, B, P }: AccountChange): string {
  const balances = B.map(({ a, bc = "0" }) => `${a} ${bc === "0" ? "0" : bc.startsWith("-") ? "-" : "+"}`);
  const positions = P.map(({ s, ps, pa }) => `${s} ${ps} ${pa === "0" ? "flat" : pa}`);
  return `${m}${S === undefined ? "" : ` ${S}`} B ${balances.join(" ")} P ${positions.join(", ") || "none"}`;
}
