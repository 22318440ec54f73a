/**
 * A venue whose process is killed again and again, by a client on real sockets: whatever was answered or told before
 * the end is there after it, to the digit, and everything goes on from there. More often: LISTENKEY_KILLS=100.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { type Fixed, fixed } from "../../kernel/decimal.ts";
import { parseJson } from "../../protocol/json.ts";
import { startPaperVenue } from "../index.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
const ROUNDS = Number(process.env.LISTENKEY_KILLS ?? 8);
const DEADLINE_MS = 20_000;

type Json = Readonly<Record<string, string>>;

test("kill -9 loses nothing that was answered or told, and doubles nothing", { timeout: 110_000 }, async (t) => {
  const folder = temporary(t);
  const client = new Client();
  for (let round = 0; round < ROUNDS; round++) {
    const child = await serve(folder);
    t.after(() => child.process.kill("SIGKILL"));
    client.url = child.url;
    if (round === 0) await client.signUp();
    await client.verify();
    const socket = await client.listen();
    const trading = client.trade();
    await client.heardInRound();
    // At any moment: in the middle of a request, of a write, of an answer.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    child.process.kill("SIGKILL");
    await once(child.process, "exit");
    await trading;
    socket.terminate();
  }
  assert(client.orderIds.length >= ROUNDS, `${client.orderIds.length} orders`);
  const venue = await startPaperVenue({ data: folder });
  t.after(() => venue.close());
  client.url = venue.url;
  await client.verify();
  assert.equal(venue.venue.exchange.auditMoney().discrepancy, 0n);
  assert.deepEqual(venue.venue.exchange.accountIds(), ["demo", "bot"]);
});

test("a venue that is closed twice closes its folder once", async (t) => {
  const folder = temporary(t);
  const venue = await startPaperVenue({ data: folder });
  await Promise.all([venue.close(), venue.close()]);
  const next = await startPaperVenue({ data: folder });
  await venue.close();
  await next.close();
});

test("a venue on a tape goes on in the tape, and refuses another one", async (t) => {
  const folder = temporary(t);
  const tapeOf = (name: string, price: number) => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => `${i},${price + i}.0,0.5,${i},${i},${1_650_000_000_000 + i * 60_000},true`,
    );
    writeFileSync(join(folder, name), `${rows.join("\n")}\n`);
    return { BTCUSDT: join(folder, name) };
  };
  const data = join(folder, "data");
  const tape = tapeOf("one.csv", 41_000);
  const first = await startPaperVenue({ data, tape });
  // Some seconds beyond the trade of the minute: in a jump the market takes steps as wide as seconds.
  await post(first.url, "/v1/paper/clock/advance", { ms: 10 * 60_000 + 5_000 });
  const price = () => fetch(`${second.url}/fapi/v2/ticker/price?symbol=BTCUSDT`).then((answer) => answer.text());
  await first.close();
  const elsewhere = tapeOf("two.csv", 41_000);
  const second = await startPaperVenue({ data, tape: elsewhere });
  assert.match(await price(), /"price":"41010\.00?"/, "equal tapes are one, wherever they stand");
  await post(second.url, "/v1/paper/clock/advance", { ms: 5 * 60_000 + 5_000 });
  assert.match(await price(), /"price":"41015\.00?"/);
  await second.close();
  await assert.rejects(
    startPaperVenue({ data, tape: tapeOf("three.csv", 42_000) }),
    /expected the tape it was begun with/,
  );
  await assert.rejects(startPaperVenue({ data }), /expected the tape it was begun with/);
});

async function post(url: string, path: string, body: object): Promise<void> {
  const { status } = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
  assert.equal(status, 200);
}

/** A bot that believes only what it was told. */
class Client {
  url = "";
  /** Answered, oldest first. */
  readonly orderIds: string[] = [];
  /** Trade ids that the stream told. */
  readonly told = new Set<string>();
  #apiKey = "";
  #secret = "";
  #listenKey = "";
  #toldBefore = 0;
  #wake = () => {};

  async signUp(): Promise<void> {
    const body = JSON.stringify({ name: "bot", balances: { USDT: "5000" } });
    const made = await this.#ask("POST", "/v1/paper/accounts", body);
    [this.#apiKey, this.#secret] = [made.apiKey ?? "", made.apiSecret ?? ""];
    this.#listenKey = (await this.#ask("POST", "/fapi/v1/listenKey")).listenKey ?? "";
  }

  /** The key of the first round, in all rounds. */
  async listen(): Promise<WebSocket> {
    const socket = new WebSocket(`${this.url.replace("http", "ws")}/private/ws/${this.#listenKey}`);
    this.#toldBefore = this.told.size;
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const event = parseJson(String(data)) as { e: string; o: Json };
      if (event.e !== "ORDER_TRADE_UPDATE" || event.o.x !== "TRADE") return;
      this.told.add(String(event.o.t));
      this.#wake();
    });
    await once(socket, "open", { signal: AbortSignal.timeout(DEADLINE_MS) });
    return socket;
  }

  async heardInRound(): Promise<void> {
    if (this.told.size > this.#toldBefore) return;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      setTimeout(() => reject(new Error("no fill was told")), DEADLINE_MS).unref();
    });
  }

  /** Until the venue is gone. */
  async trade(): Promise<void> {
    for (let i = 0; ; i++) {
      const resting = { type: "LIMIT", timeInForce: "GTC", price: "50000", side: "BUY" };
      const order = i % 3 === 2 ? resting : { type: "MARKET", side: i % 2 === 0 ? "BUY" : "SELL" };
      const answer = await this.#signed("POST", "/fapi/v1/order", { symbol: "BTCUSDT", quantity: "0.003", ...order });
      if (answer === undefined) return;
      this.orderIds.push(String(answer.orderId));
    }
  }

  /** Everything that is known is there, in one order, and the wallet is the sum of what the fills say. */
  async verify(): Promise<void> {
    const orders = (await this.#signed("GET", "/fapi/v1/allOrders", { symbol: "BTCUSDT", limit: "1000" })) ?? [];
    const trades = (await this.#signed("GET", "/fapi/v1/userTrades", { symbol: "BTCUSDT", limit: "1000" })) ?? [];
    const ids = orders.map(({ orderId }) => String(orderId));
    assert.deepEqual(
      this.orderIds.filter((id) => !ids.includes(id)),
      [],
    );
    const tradeIds = trades.map(({ id }) => String(id));
    assert.deepEqual(
      [...this.told].filter((id) => !tradeIds.includes(id)),
      [],
    );
    for (const known of [ids, tradeIds]) assert.deepEqual(known, [...new Set(known)].sort(byNumber));
    assert.deepEqual(this.orderIds, [...this.orderIds].sort(byNumber), "ids go on from round to round");
    for (const { status, executedQty, origQty, type } of orders) {
      assert.deepEqual([status, executedQty], type === "LIMIT" ? ["NEW", "0"] : ["FILLED", origQty]);
    }
    let wallet: Fixed = fixed("5000");
    for (const { realizedPnl = "", commission = "" } of trades) wallet += fixed(realizedPnl) - fixed(commission);
    const [usdt] = (await this.#signed("GET", "/fapi/v3/balance", {})) ?? [];
    assert.equal(fixed(usdt?.balance ?? ""), wallet);
  }

  /** `undefined` when the venue is gone, or does not want more just now. */
  async #signed(
    method: string,
    path: string,
    params: Readonly<Record<string, string>>,
  ): Promise<(Json[] & Json) | undefined> {
    const query = new URLSearchParams({ ...params, timestamp: String(Date.now()) }).toString();
    const signature = createHmac("sha256", this.#secret).update(query).digest("hex");
    try {
      return (await this.#ask(method, `${path}?${query}&signature=${signature}`)) as Json[] & Json;
    } catch (error) {
      if (method !== "GET") return undefined;
      throw error;
    }
  }

  async #ask(method: string, path: string, body?: string): Promise<Json> {
    const init = { method, headers: { "X-MBX-APIKEY": this.#apiKey }, ...(body === undefined ? {} : { body }) };
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return parseJson(text) as Json;
  }
}

function byNumber(a: string, b: string): number {
  return BigInt(a) < BigInt(b) ? -1 : 1;
}

async function serve(folder: string): Promise<{ process: ChildProcess; url: string }> {
  const args = [MAIN, "serve", "--port", "0", "--json", "--data", folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const errors: string[] = [];
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  for await (const line of createInterface(child.stdout)) {
    return { process: child, url: (JSON.parse(line) as { listening: { rest: string } }).listening.rest };
  }
  throw new Error(errors.join("\n"));
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "listenkey-restart-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
