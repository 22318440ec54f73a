/** Frames as they arrive today: trimmed decimals, every field on the wire of 2026, a fresh id in each. Seeded. */
import type { Random } from "../src/kernel/ports.ts";
import { pick, seededRandom } from "../src/kernel/random.ts";

/** Frames of one turn: enough to time, few enough to stay in the cache as single frames do. */
const FRAMES = 128;

/** Half fills, half new orders; half with ids as on most symbols, half with the 19-digit ids of ETHUSDT. */
export function orderFrames(turn: number): string[] {
  const random = seededRandom(turn);
  return Array.from({ length: FRAMES }, (_, i) => flat(orderFrame(random, i % 2 === 0, (i >> 1) % 2 === 0)));
}

/** Fills of one-way accounts: one or two balances, one to three positions. */
export function accountFrames(turn: number): string[] {
  const random = seededRandom(turn);
  return Array.from({ length: FRAMES }, (_, i) => flat(accountFrame(random, 1 + (i % 2), 1 + (i % 3))));
}

/** As a socket hands it over: one piece, one byte a character. Strings put together by `+` are slower for everyone. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** A frame as a socket hands it over. */
export interface Arrived {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** The same frames, with their bytes. */
export function arrived(frames: readonly string[]): Arrived[] {
  return frames.map((text) => ({ text, bytes: Buffer.from(text) }));
}

function orderFrame(random: Random, isFill: boolean, isLarge: boolean): string {
  const at = 1_790_000_000_000 + pick(random, 1_000_000_000);
  const id = isLarge ? `8389766${digits(random, 12)}` : `6${digits(random, 10)}`;
  const price = `${1000 + pick(random, 2000)}.${1 + pick(random, 9)}`;
  const quantity = `0.${100 + pick(random, 900)}`;
  const isDone = pick(random, 4) > 0;
  const [execution, status] = isFill ? ["TRADE", isDone ? "FILLED" : "PARTIALLY_FILLED"] : ["NEW", "NEW"];
  const fill = (value: string): string => (isFill ? value : "0");
  return (
    `{"e":"ORDER_TRADE_UPDATE","T":${at},"E":${at + 1},"o":{"s":"${isLarge ? "ETHUSDT" : "ETHUSDC"}",` +
    `"c":"x-lk${digits(random, 10)}","S":"${pick(random, 2) === 0 ? "BUY" : "SELL"}","o":"LIMIT","f":"GTC",` +
    `"q":"${quantity}","p":"${price}","ap":"${fill(price)}","sp":"0","x":"${execution}","X":"${status}","i":${id},` +
    `"l":"${fill(quantity)}","z":"${fill(quantity)}","L":"${fill(price)}","n":"${fill(`0.0${digits(random, 7)}`)}",` +
    `"N":"USDT","T":${at},"t":${fill(`4${digits(random, 9)}`)},"b":"0","a":"${isFill ? "0" : price}",` +
    `"m":${pick(random, 2) === 0},"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,` +
    `"rp":"${fill(`-0.${digits(random, 8)}`)}","pP":false,"si":0,"ss":0,` +
    `"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}`
  );
}

function accountFrame(random: Random, balances: number, positions: number): string {
  const at = 1_790_000_000_000 + pick(random, 1_000_000_000);
  const amount = (): string => `${pick(random, 100_000)}.${digits(random, 8)}`;
  const balance = (_: unknown, i: number): string =>
    `{"a":"${["USDT", "USDC"][i]}","wb":"${amount()}","cw":"${amount()}","bc":"0"}`;
  const position = (_: unknown, i: number): string =>
    `{"s":"${["BTCUSDT", "ETHUSDT", "SOLUSDC"][i]}","pa":"-0.${digits(random, 3)}","ep":"${amount()}",` +
    `"cr":"${amount()}","up":"-${amount()}","mt":"cross","iw":"0","ps":"BOTH","ma":"USDT","bep":"${amount()}"}`;
  return (
    `{"e":"ACCOUNT_UPDATE","T":${at},"E":${at + 2},"a":{"B":[${Array.from({ length: balances }, balance)}],` +
    `"P":[${Array.from({ length: positions }, position)}],"m":"ORDER"}}`
  );
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => 1 + pick(random, 9)).join("");
}

/** Orders of one turn of {@link lifeFrames}. */
export const LIVES = 400;

/** Frames of each order there. */
export const FRAMES_PER_LIFE = 3;

/** Orders as they live: accepted, then what the fill did to the account, then the fill; in the order of time. */
export function lifeFrames(turn: number): string[] {
  const random = seededRandom(turn);
  const frames: string[] = [];
  for (let i = 0; i < LIVES; i++) {
    const at = 1_790_000_000_000 + (turn * LIVES + i) * 5;
    const isLarge = i % 2 === 0;
    const id = `${isLarge ? "8389766000" : "60"}${String(turn * LIVES + i).padStart(9, "0")}`;
    const placed = orderFrame(random, false, isLarge)
      .replace(/"T":\d+/g, `"T":${at}`)
      .replace(/"E":\d+/, `"E":${at + 1}`)
      .replace(/"i":\d+/, `"i":${id}`);
    const [, quantity = "0"] = /"q":"([^"]+)"/.exec(placed) ?? [];
    const [, price = "0"] = /"p":"([^"]+)"/.exec(placed) ?? [];
    const filled = placed
      .replace('"x":"NEW","X":"NEW"', '"x":"TRADE","X":"FILLED"')
      .replace(/"([lz])":"0"/g, `"$1":"${quantity}"`)
      .replace(/"(ap|L)":"0"/g, `"$1":"${price}"`)
      .replace('"n":"0"', '"n":"0.04217312"')
      .replace('"t":0', `"t":${4_000_000_000 + turn * LIVES + i}`)
      .replace(/"T":\d+/g, `"T":${at + 2}`)
      .replace(/"E":\d+/, `"E":${at + 3}`);
    const booked = accountFrame(random, 1 + (i % 2), 1)
      .replace(/"T":\d+/, `"T":${at + 2}`)
      .replace(/"E":\d+/, `"E":${at + 3}`);
    frames.push(placed, booked, filled);
  }
  return frames.map(flat);
}
