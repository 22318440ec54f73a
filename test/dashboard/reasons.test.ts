/** What the hub says of causes and holes, in the words of each language. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EN } from "../../dashboard/words/en.ts";
import { ZH } from "../../dashboard/words/zh.ts";
import { eventLine } from "../../src/cli/event-line.ts";
import { HubRefused } from "../../src/hub/hub-errors.ts";
import { MarginDesk } from "../../src/hub/margin-desk.ts";
import type { CauseName, HoleName, MarginTroubleName } from "../../src/hub/reasons.ts";
import type { Upstream } from "../../src/hub/upstream.ts";
import { NetworkError, RateLimited, UsageError, VenueRejected, WireFormatError } from "../../src/kernel/errors.ts";
import type { TransactMs, WallMs } from "../../src/kernel/scalars.ts";
import { KEY_CHANGED, KEY_UNKNOWN } from "../../src/stream/recovery.ts";
import { FakeClock } from "../fake-world.ts";

const CAUSES: Readonly<Record<CauseName, string>> = {
  keyExpired: "key expired",
  keyLapsed: "key lapsed",
  keyUnknown: KEY_UNKNOWN,
  keyChanged: KEY_CHANGED,
  silent: "silent until rotated",
  late: "late",
  cut: "closed 1006",
  closed: "closed 1001 going away",
  deaf: "deaf: REST knows of ORDER_TRADE_UPDATE 7, and no event came",
  away: "the program was not running",
  unreadable: "unreadable frame: $1 {%1}",
};

const AT = 1_700_000_000_000;

const HOLES: Readonly<Record<HoleName, string>> = {
  before: `everything before ${AT}: the exchange keeps no more than three months`,
  unfilledBefore: `orders that others placed and that ended unfilled before ${AT}: they are not kept`,
  unfilledElsewhere:
    "orders that others placed and cancelled unfilled on symbols not known here: none were listed without one",
  notCompared: `what was missed before ${AT}: more was told meanwhile than can be compared`,
  clockBack: `everything since the exchange's clock was put back: it had shown ${AT}, and then ${AT}`,
  noSecret: "everything: nothing was asked, there is no secret to sign with",
  nothing: "everything: GET /fapi/v3/account was refused",
  contradiction: "REST contradicts itself: 0.5",
  orderEnd: "how order 7 of BTCUSDT ended: it is not open any more, and REST does not know it",
  conditionalEnd: "how conditional order 7 of BTCUSDT ended: it is not open any more, and REST does not know it",
  orderEnds: "how 3 orders of BTCUSDT ended: refused (-1000)",
  conditionalEnds: "how 3 conditional orders of BTCUSDT ended: refused (-1000)",
  strategy: "strategy 7 of BTCUSDT: no call tells what became of it",
  alike:
    `funding or transfers between ${AT} and ${AT}, 2 times FUNDING_FEE USDT: ` +
    "equal ones were told, and nothing shows which",
  more: "and 5 more",
  crowded: `fills of BTCUSDT of the millisecond ${AT} beyond the first 1000`,
  pages: "fills of BTCUSDT after 50 pages of them",
  rows: "income after 1000 rows",
  after: "orders of BTCUSDT after 1000 of them",
  orders: "orders of BTCUSDT: refused (-1000)",
  conditionals: "conditional orders of BTCUSDT: refused (-1000)",
  fills: "fills of BTCUSDT: refused (-1000)",
  order: "order 7 of BTCUSDT: refused (-1000)",
  allConditionals: "conditional orders: refused (-1000)",
  allOrders: "orders that were placed: refused (-1000)",
  income: "funding, transfers, and symbols that traded: refused (-1000)",
};

test("causes and holes are said in the words of each language, with times that people read", () => {
  const samples = [
    ...Object.entries(CAUSES).map(([name, text]) => ({ name, text, zh: ZH.cause(text), en: EN.cause(text) })),
    ...Object.entries(HOLES).map(([name, text]) => ({ name, text, zh: ZH.hole(text), en: EN.hole(text) })),
  ];
  for (const { name, text, zh, en } of samples) {
    assert.match(zh, /[\u4e00-\u9fff]/, `${name}: ${zh}`);
    assert.notEqual(zh, text, name);
    for (const said of [zh, en]) {
      assert.doesNotMatch(said, new RegExp(String(AT)), `${name}: ${said}`);
      if (name !== "unreadable") assert.doesNotMatch(said, /[${}@%]/, `${name}: ${said}`);
    }
  }
});

test("the terminal says causes and holes as the page does in English", () => {
  const head = { seq: 7, account: "demo", at: AT as WallMs } as const;
  for (const why of Object.values(CAUSES)) {
    const line = eventLine({ ...head, kind: "gap", from: undefined, why });
    assert.ok(line.endsWith(`may be missing: ${EN.cause(why)}`), line);
  }
  const found = {
    from: undefined,
    completeUpTo: AT as TransactMs,
    recovered: {},
    gaps: [],
    requests: 1,
    weightUsed: 1,
    tookMs: 1,
  };
  const holes = Object.values(HOLES).map((hole) => [hole, EN.hole(hole)] as const);
  for (const [hole, said] of holes.filter(([hole]) => !hole.includes(String(AT)))) {
    assert.ok(eventLine({ ...head, kind: "repair", ...found, holes: [hole] }).includes(`not recovered: ${said} (`));
  }
  const before = eventLine({ ...head, kind: "repair", ...found, holes: [HOLES.before] });
  assert.match(before, /not recovered: everything before 2023-11-14 22:13:20 UTC: the exchange keeps no more than/);
});

test("what came with a reason stands there to the letter", () => {
  assert.equal(EN.cause("closed 1006"), "the socket was cut (1006)");
  assert.equal(EN.cause("closed 1006: read ECONNRESET"), "the socket was cut (1006, read ECONNRESET)");
  assert.equal(EN.cause("closed 1001"), "the socket was closed (1001)");
  assert.equal(EN.cause("closed 1001 going away"), "the socket was closed (1001, going away)");
  assert.equal(EN.cause("unreadable frame: $1 {%1}"), "a message could not be read: $1 {%1}");
  assert.equal(ZH.hole("fills of BTCUSDT after 50 pages of them"), "BTCUSDT 的成交：前 50 页之后的部分");
  assert.equal(ZH.hole("orders of BTCUSDT after 1000 of them"), "BTCUSDT 的委托：前 1000 条之后的部分");
  assert.equal(EN.hole("how the world began"), "how the world began");
});

/** What the desk of an account says that cannot ask. */
function untold(upstream: Partial<Upstream> | undefined): string {
  const desk = new MarginDesk({ clock: new FakeClock(), upstream: () => upstream as Upstream | undefined });
  return desk.trouble ?? "";
}

const ASKED = "GET /fapi/v3/account";
const REFUSED = { status: 401, code: -2015, msg: "Invalid API-key" };
const SILENCED = { status: 418, waitMs: 1, msg: "banned" };

const MARGINS: Readonly<Record<MarginTroubleName, readonly [why: string, en: RegExp, zh: RegExp]>> = {
  unfollowed: [untold(undefined), /does not follow the account now$/, /未跟踪/],
  untold: [untold({ health: {} }), /source for this account/, /来源/],
  noSecret: [
    untold({ health: { sync: "unasked" }, margin: () => Promise.reject() }),
    /without an API secret/,
    /secret/,
  ],
  farHub: [new HubRefused(503, "GET /v1/accounts/demo/margin").message, /the other hub/, /另一个 hub/],
  limited: [new RateLimited(ASKED, SILENCED).message, /no requests from this address/, /此地址/],
  refused: [new VenueRejected(ASKED, REFUSED).message, /refused it: Invalid API-key \(-2015\)$/, /（-2015）$/],
  noAnswer: [new NetworkError(ASKED, "no answer in 10 s", "unknown").message, /no answer came/, /没有收到应答/],
  unreadable: [new WireFormatError(`${ASKED} $.assets`, "a list", 7).message, /could not be read$/, /无法解析$/],
};

test("why margin cannot be had is said in plain words, in the page's language", () => {
  for (const [name, [why, en, zh]] of Object.entries(MARGINS)) {
    const said = [EN.equity.refused(why), ZH.equity.refused(why)];
    assert.match(said[0] ?? "", en, name);
    assert.match(said[1] ?? "", zh, name);
    for (const text of said) assert.doesNotMatch(text, /expected|found |GET|undefined/, `${name}: ${text}`);
  }
  const { message } = new UsageError("apiSecret", "a secret or a private key, to sign with", undefined);
  assert.equal(EN.equity.refused(message), "Not available: without an API secret the exchange cannot be asked");
  assert.equal(EN.equity.refused("the moon is new"), "Not available: the moon is new");
});
