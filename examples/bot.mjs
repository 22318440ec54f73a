/**
 * A small bot, so that there is something to test: it buys once, and gives the position back when a margin call comes
 * or when it finds, after its stream was interrupted, that it holds more than it should.
 */
import { createHmac } from "node:crypto";
import { AccountStream } from "listenkey";

const SYMBOL = "BTCUSDT";

export class Bot {
  #account;
  #stream;
  #work = Promise.resolve();
  #interrupted = false;
  /** What it did, oldest first. */
  did = [];

  /** @param account `{ url, wsUrl, apiKey, apiSecret }`: production or a paper venue, the bot cannot tell */
  constructor(account) {
    this.#account = account;
    const { apiKey, url: rest, wsUrl: stream } = account;
    this.#stream = new AccountStream({ apiKey, environment: { rest, stream } });
    this.#stream.on("MARGIN_CALL", () => this.#then(() => this.#giveBack("margin call")));
    this.#stream.on("gap", () => {
      this.#interrupted = true;
    });
    this.#stream.on("status", ({ status }) => {
      if (status !== "live" || !this.#interrupted) return;
      this.#interrupted = false;
      this.#then(() => this.#lookAgain());
    });
  }

  /** Begins to listen, then buys. */
  async start(quantity) {
    await this.#stream.start();
    await this.#order("BUY", quantity);
  }

  /** Stops, once what was begun is done. */
  async stop() {
    await this.#stream.stop();
    await this.#work;
  }

  /** One thing after the other. */
  #then(next) {
    this.#work = this.#work.then(next);
  }

  async #giveBack(why) {
    const amount = await this.#held();
    if (amount > 0) await this.#order("SELL", String(amount), { reduceOnly: "true" });
    this.did.push(`gave back ${amount} after a ${why}`);
  }

  async #lookAgain() {
    this.did.push(`looked again: holds ${await this.#held()}`);
  }

  async #held() {
    const positions = await this.#signed("GET", "/fapi/v3/positionRisk", { symbol: SYMBOL });
    return Number(positions[0]?.positionAmt ?? 0);
  }

  async #order(side, quantity, more = {}) {
    await this.#signed("POST", "/fapi/v1/order", { symbol: SYMBOL, side, type: "MARKET", quantity, ...more });
  }

  async #signed(method, path, parameters) {
    const { url, apiKey, apiSecret } = this.#account;
    const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
    const signature = createHmac("sha256", apiSecret).update(query).digest("hex");
    const headers = { "x-mbx-apikey": apiKey };
    const response = await fetch(`${url}${path}?${query}&signature=${signature}`, { method, headers });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${answer.msg} (${answer.code})`);
    return answer;
  }
}
