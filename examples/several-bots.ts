/**
 * Several bots on one account. Binance has one position for all of them; here each knows its own part of it, because
 * its orders bear its name, and every bot hears every fill: from the hub, so that none takes another's listenKey.
 *
 *     npm run example several-bots                in a clone: a hub on paper with another trader runs beside it
 *     node several-bots.ts                        elsewhere, while `npx listenkey demo` runs
 *
 * On Binance each bot is a process with an API key of its own, invented in the hub's configuration (docs/hub.md, Bots):
 * LISTENKEY_URL, LISTENKEY_ACCOUNT, LISTENKEY_API_KEY and LISTENKEY_API_SECRET.
 */
import { createHmac } from "node:crypto";
import { HubClient } from "listenkey";

const { LISTENKEY_URL: url = "http://127.0.0.1:9780", LISTENKEY_ACCOUNT: account = "demo" } = process.env;
const { LISTENKEY_API_KEY: apiKey = "paper-demo-key", LISTENKEY_API_SECRET: secret = "paper-demo-secret" } =
  process.env;
const SYMBOL = "BTCUSDT";

class Bot {
  readonly #name: string;
  readonly #hub: HubClient;
  readonly #filled = new Map<string, () => void>();
  #isCertain = false;
  #orders = 0;
  /** What it holds, in hundred-millionths: sums of decimals are exact in whole numbers only. */
  held = 0n;

  constructor(name: string) {
    this.#name = name;
    // From the first record on: what it holds is the sum of its fills. With a long journal keep the sum and the cursor,
    // as mirror-to-database.ts does.
    this.#hub = new HubClient({ url, account, symbols: [SYMBOL], since: 0 });
    this.#hub.on("ORDER_TRADE_UPDATE", ({ o }) => {
      if (o.s !== SYMBOL || !o.c?.startsWith(`${name}-`)) return;
      if (o.x === "TRADE") this.held += o.S === "BUY" ? units(o.l) : -units(o.l);
      if (o.X === "FILLED") this.#filled.get(o.c)?.();
    });
    this.#hub.on("gap", () => {
      this.#isCertain = false;
    });
    this.#hub.on("status", ({ status }) => {
      this.#isCertain = status === "synced";
    });
  }

  /** The whole account's position, whosever it is. */
  get account(): bigint {
    return units(this.#hub.account.position(SYMBOL)?.amount ?? "0");
  }

  async start(): Promise<void> {
    await this.#hub.start();
    while (!this.#isCertain) await pause(50);
  }

  stop(): void {
    this.#hub.stop();
  }

  /** One order at the market. Resolves when a record says that it is filled: an answer can get lost. */
  async trade(side: "BUY" | "SELL", quantity: string): Promise<void> {
    // While something may be missing nobody knows what is held, and no order is placed.
    while (!this.#isCertain) await pause(50);
    // Not used before, not even by an earlier run.
    const id = `${this.#name}-${Date.now()}-${++this.#orders}`;
    const filled = new Promise<void>((resolve) => this.#filled.set(id, resolve));
    await order({ symbol: SYMBOL, side, type: "MARKET", quantity, newClientOrderId: id });
    await filled;
    this.#filled.delete(id);
    console.log(`${this.#name}: ${side} ${quantity}, holds ${text(this.held)}`);
  }
}

/** The SDK listens and never trades: use the REST client of your choice. */
async function order(parameters: Record<string, string>): Promise<void> {
  const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
  const signature = createHmac("sha256", secret).update(query).digest("hex");
  const request = { method: "POST", headers: { "X-MBX-APIKEY": apiKey } };
  const answer = await fetch(`${url}/fapi/v1/order?${query}&signature=${signature}`, request);
  if (!answer.ok) throw new Error(await answer.text());
}

/** "-0.01" → -1000000n */
function units(decimal: string): bigint {
  const [whole = "0", part = ""] = decimal.split(".");
  return BigInt(whole + part.padEnd(8, "0"));
}

/** -1000000n → "-0.01" */
function text(amount: bigint): string {
  return String(Number(amount) / 1e8);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const grid = new Bot("grid");
const trend = new Bot("trend");
await Promise.all([grid.start(), trend.start()]);
const before = grid.account - grid.held - trend.held;
await Promise.all([
  grid.trade("BUY", "0.003").then(() => grid.trade("SELL", "0.001")),
  trend.trade("SELL", "0.004").then(() => trend.trade("BUY", "0.005")),
]);
await pause(500); // what is still on its way
const others = grid.account - grid.held - trend.held;
console.log(
  `grid ${text(grid.held)}, trend ${text(trend.held)}, others ${text(others)}: ${text(grid.account)} ${SYMBOL}`,
);
if (others !== before) console.log("somebody else has traded meanwhile, and neither bot took it for its own");
grid.stop();
trend.stop();
