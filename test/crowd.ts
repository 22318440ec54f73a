/**
 * A crowd of consumers in a process of its own: `fork(crowd, [url, path, count])`. It opens so many websockets, without
 * a library, so that a thousand of them cost less than the hub that serves them; counts what each is sent; and checks
 * that the numbers of its records follow one another.
 *
 * Says `{ open }` when all are, then, asked `{ seq }`, `{ reached }` when each has that record; or
 * `{ broken }`.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What the crowd says. */
export type CrowdSays =
  | { readonly open: number }
  | { readonly reached: number; readonly bytes: number }
  | { readonly broken: string };

const DIALS_AT_ONCE = 200;
const [url = "", path = "", count = "0"] = process.argv.slice(2);
const { hostname, port } = new URL(url);

function say(message: CrowdSays): void {
  process.send?.(message);
}

let bytes = 0;

/** One websocket: frames are counted where they lie, and only the number of a record is read. */
class Member {
  readonly socket: Socket;
  /** The last record it was sent. */
  seq: number | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;

  constructor(opened: () => void) {
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.on("error", (error) => say({ broken: error.message }));
    this.socket.on("close", () => say({ broken: "a connection was closed" }));
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    this.socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      if (!this.#isUpgraded) {
        const end = this.#rest.indexOf("\r\n\r\n");
        if (end === -1) return;
        if (!this.#rest.toString("latin1", 0, 12).endsWith("101")) say({ broken: this.#rest.toString("latin1") });
        this.#isUpgraded = true;
        this.#rest = this.#rest.subarray(end + 4);
        opened();
      }
      this.#readFrames();
    });
  }

  #readFrames(): void {
    const { length } = this.#rest;
    let at = 0;
    while (at + 2 <= length) {
      const opcode = (this.#rest[at] ?? 0) & 15;
      const short = (this.#rest[at + 1] ?? 0) & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > length) break;
      const size =
        short < 126
          ? short
          : short === 126
            ? this.#rest.readUInt16BE(at + 2)
            : Number(this.#rest.readBigUInt64BE(at + 2));
      if (at + head + size > length) break;
      if (opcode === 9) this.socket.write(maskedPong);
      if (opcode === 1) this.#readRecord(at + head);
      at += head + size;
    }
    this.#rest = this.#rest.subarray(at);
  }

  /** `{"seq":123,…`; a notice begins otherwise. */
  #readRecord(at: number): void {
    if (this.#rest[at + 2] !== 0x73 || this.#rest[at + 6] !== 0x3a) return;
    let seq = 0;
    for (let i = at + 7; ; i++) {
      const digit = (this.#rest[i] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      seq = seq * 10 + digit;
    }
    if (this.seq !== undefined && seq !== this.seq + 1) say({ broken: `record ${seq} after ${this.seq}` });
    this.seq = seq;
  }
}

/** An empty pong, masked as a client's frames are. */
const maskedPong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

const members: Member[] = [];
let openCount = 0;

function dial(): void {
  if (members.length === Number(count)) return;
  members.push(
    new Member(() => {
      openCount++;
      if (openCount === Number(count)) say({ open: openCount });
      dial();
    }),
  );
}

for (let i = 0; i < DIALS_AT_ONCE; i++) dial();

process.on("message", ({ seq }: { readonly seq: number }) => {
  const timer = setInterval(() => {
    if (!members.every((member) => (member.seq ?? 0) >= seq)) return;
    clearInterval(timer);
    say({ reached: seq, bytes });
  }, 5);
});
