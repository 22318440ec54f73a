/** `listenkey doctor` against a paper venue on real sockets, well and with one fault at a time. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { ListenkeyError } from "../kernel/errors.ts";
import { DEMO_ACCOUNT, type RunningPaperVenue, startPaperVenue } from "../venue/index.ts";
import { define } from "./commands/doctor.ts";
import { CHECKS, type CheckName, type Finding, type Verdict } from "./doctor/finding.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const WAIT_MAX_MS = 60_000;
const QUICK = ["--wait", "1"];

/** Fault, or flags, and what is found of it. */
const TROUBLES: readonly {
  readonly name: string;
  readonly fault?: object;
  readonly args?: readonly string[];
  readonly finds: readonly [CheckName, Verdict, RegExp][];
}[] = [
  {
    name: "clock-skew",
    fault: { type: "clock-skew", byMs: 20_000 },
    finds: [
      ["clock", "wrong", /^this machine's clock is (?:19|20)\.\d{3} s behind the exchange's, give or take \d+ ms$/],
      ["key", "ok", /signature are accepted/],
      ["mirror", "ok", /in sync/],
    ],
  },
  {
    name: "a clock ahead",
    fault: { type: "clock-skew", byMs: -3_000 },
    finds: [["clock", "wrong", /s ahead of the exchange's/]],
  },
  {
    name: "ban",
    fault: { type: "ban", status: 418 },
    finds: [
      [
        "reach",
        "wrong",
        /^this address is banned for \d+ s more \(GET \/fapi\/v1\/ping was refused: .*\(HTTP 418\)\)$/,
      ],
      ["mirror", "skipped", /REST does not serve us/],
    ],
  },
  {
    name: "over the limit",
    fault: { type: "ban", status: 429 },
    finds: [["reach", "wrong", /^this address is over its limit, and has to wait \d+ s/]],
  },
  {
    name: "rest-error everywhere",
    fault: { type: "rest-error", status: 503, code: -1008 },
    finds: [["reach", "wrong", /the exchange is overloaded .*-1008/]],
  },
  {
    name: "an address that is not on the key's list",
    fault: { type: "rest-error", status: 401, code: -2015, path: "/fapi/v1/listenKey" },
    finds: [
      ["key", "ok", /accepted/],
      ["listenKey", "wrong", /the API key is refused .*-2015/],
      ["mirror", "skipped", /no listenKey/],
    ],
  },
  {
    name: "a key that may not read",
    fault: { type: "rest-error", status: 401, code: -2015, path: "/fapi/v1/accountConfig" },
    finds: [
      ["key", "wrong", /known and its address allowed, but it may not read/],
      ["delivery", "ok", /was caused/],
    ],
  },
  {
    name: "a key that may not trade",
    fault: { type: "rest-error", status: 401, code: -2015, path: "/fapi/v1/order/test" },
    finds: [["permissions", "ok", /may read and not trade/]],
  },
  {
    name: "legacy-url-silent",
    fault: { type: "legacy-url-silent" },
    finds: [
      ["delivery", "ok", /on all 5 forms/],
      ["retired-urls", "ok", /^\/ws\/<key> and \/stream\?streams=<key> are silent, as in production/],
    ],
  },
  {
    name: "silence",
    fault: { type: "silence" },
    finds: [
      ["urls", "ok", /all 5 forms/],
      ["delivery", "wrong", /^connected and deaf: .* none came in 1 s$/],
      ["mirror", "ok", /in sync/],
    ],
  },
  {
    name: "shutdown",
    fault: { type: "shutdown", noticeMs: 0 },
    finds: [
      ["urls", "wrong", /these do not open: .*503/],
      ["delivery", "skipped", /no socket/],
    ],
  },
  {
    name: "forget-key",
    fault: { type: "forget-key", forMs: 600_000 },
    finds: [["listenKey", "wrong", /knows no listenKey of this account .*-1125/]],
  },
  {
    name: "wrong secret",
    args: ["--api-secret", "not-the-right-secret"],
    finds: [
      ["key", "wrong", /^the signature is wrong: .*-1022/],
      ["permissions", "skipped", /signed calls are not accepted/],
      ["delivery", "ok", /was caused/],
      ["mirror", "skipped", /the key is not accepted/],
    ],
  },
  {
    name: "wrong key",
    args: ["--api-key", "k".repeat(64), "--api-secret", DEMO_ACCOUNT.apiSecret],
    finds: [
      ["key", "wrong", /^the API key is refused .*-2015/],
      ["listenKey", "wrong", /^the API key is refused/],
    ],
  },
];

// Each visit mostly waits, at a venue of its own.
describe("doctor", { concurrency: 4 }, () => {
  test("on a paper venue that is well, every check is, and a real event is heard on every form of URL", async (t) => {
    const { url } = await startVenue(t);
    const { findings, error, output } = await visit("--paper", url);
    assert.equal(error, undefined, output);
    assert.deepEqual(
      findings.map(({ check, verdict }) => [check, verdict]),
      CHECKS.map((check) => [check, "ok"]),
    );
    assert.match(
      said(findings, "delivery"),
      /^ACCOUNT_UPDATE was caused, and came on all 5 forms of \/private in \d+ ms$/,
    );
    assert.match(said(findings, "retired-urls"), /deliver here; in production they open and are silent/);
    assert.match(said(findings, "listenKey"), /no program had one within the hour/);
    assert.match(said(findings, "mirror"), /10000 USDT; 0 positions, 0 open orders/);
    assert.match(said((await visit("--paper", url, ...QUICK)).findings, "listenKey"), /it was alive before/);
    assert.match(await walletOf(url), /^10000(?:\.0+)?$/);
  });

  test("whatever is wrong, the verdict names it, says what to do, and no secret is shown", async (t) => {
    const visits = TROUBLES.map(async ({ name, fault, args = [], finds }) => {
      const { url } = await startVenue(t, fault);
      const { findings, error, output } = await visit("--paper", url, ...QUICK, ...args);
      for (const [check, verdict, says] of finds) {
        const finding = findings.find((one) => one.check === check);
        assert.equal(finding?.verdict, verdict, `${name}, ${check}: ${output}`);
        assert.match(finding?.says ?? "", says, name);
        if (verdict === "wrong") assert.ok((finding?.remedy?.length ?? 0) > 10, name);
      }
      const wrong = findings.filter(({ verdict }) => verdict === "wrong").map(({ check }) => check);
      const expected = wrong.length === 0 ? undefined : `something is wrong: ${wrong.join(", ")}`;
      assert.equal(error?.message, expected, name);
      assert.deepEqual(
        findings.map(({ check }) => check),
        [...CHECKS],
        name,
      );
      assert.doesNotMatch(output, /not-the-right-secret|paper-demo-secret|[A-Za-z0-9]{32}/, name);
    });
    await Promise.all(visits);
  });

  test("a port where nothing listens is said to be one", async () => {
    const { url, close } = await startPaperVenue();
    await close();
    const { findings } = await visit("--paper", url);
    assert.match(said(findings, "reach"), /GET \/fapi\/v1\/ping failed: connect ECONNREFUSED/);
    assert.deepEqual(
      findings.slice(1).map(({ verdict }) => verdict),
      CHECKS.slice(1).map(() => "skipped"),
    );
  });

  test("delivery is not proven when no event is caused; with --prove an order is placed and cancelled", async (t) => {
    const { url, wsUrl } = await startVenue(t);
    const account = ["--api-key", DEMO_ACCOUNT.apiKey, "--api-secret", DEMO_ACCOUNT.apiSecret];
    const there = ["--rest", url, "--stream", wsUrl, ...account, ...QUICK];
    const idle = await visit(...there);
    assert.equal(idle.findings.find(({ check }) => check === "delivery")?.verdict, "unsure");
    assert.match(said(idle.findings, "delivery"), /^not proven: nothing happened on the account in 1 s/);
    assert.match(said(idle.findings, "ws-api"), /no WS API is named/);
    const proven = await visit(...there, "--prove");
    assert.match(said(proven.findings, "delivery"), /^ORDER_TRADE_UPDATE was caused, and came on all 5/);
    assert.match(
      proven.output,
      /a post-only LIMIT order to buy the least of BTCUSDT at half its price, cancelled at once/,
    );
    assert.match(said(proven.findings, "mirror"), /0 open orders/);
    const other = await visit(...there, "--prove", "--symbol", "NONE");
    assert.match(said(other.findings, "delivery"), /no event could be caused: --symbol: expected a symbol/);
  });

  test("without a secret nothing is wrong: what needs a signature is not proven", async (t) => {
    const { url, wsUrl } = await startVenue(t);
    const { findings, error, output } = await visit(
      "--rest",
      url,
      "--stream",
      wsUrl,
      "--api-key",
      "paper-demo-key",
      ...QUICK,
    );
    assert.equal(error, undefined, output);
    const found = new Map(findings.map(({ check, verdict }) => [check, verdict]));
    assert.deepEqual(
      [found.get("key"), found.get("permissions"), found.get("mirror")],
      ["unsure", "skipped", "unsure"],
    );
    assert.deepEqual([found.get("listenKey"), found.get("urls"), found.get("sockets")], ["ok", "ok", "ok"], output);
  });

  test("a private key signs as well, and is never shown", async (t) => {
    const { url } = await startVenue(t);
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const folder = await mkdtemp(join(tmpdir(), "listenkey-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "key.pem");
    const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(file, pem);
    const body = JSON.stringify({ publicKey: publicKey.export({ type: "spki", format: "pem" }) });
    const made = await fetch(`${url}/v1/paper/accounts/demo/keys`, { method: "POST", body });
    const { apiKey } = (await made.json()) as { apiKey: string };
    const { findings, output } = await visit("--paper", url, ...QUICK, "--api-key", apiKey, "--private-key", file);
    assert.match(said(findings, "key"), /key and ED25519 signature are accepted/);
    assert.equal(findings.find(({ check }) => check === "mirror")?.verdict, "ok");
    assert.ok(!output.includes(pem.split("\n")[1] ?? "?"));
    const lost = await visit("--paper", url, "--api-key", apiKey, "--private-key", join(folder, "none.pem"));
    assert.equal(lost.error?.message, '--private-key: expected a file that can be read, found "ENOENT"');
  });

  test("as a user has it: aligned lines, and exit codes 0, 1 and 2", async (t) => {
    const { url } = await startVenue(t);
    const [well, shown] = await run("--paper", url);
    assert.equal(well, 0, shown);
    assert.match(shown, /^ok {7}reach {9}http:\/\/127\.0\.0\.1:\d+ answers in \d+ ms/);
    assert.match(shown, /\nok {7}delivery {6}ACCOUNT_UPDATE was caused.*\nNothing wrong was found\.\n$/s);
    const [wrong, , why] = await run("--paper", "http://127.0.0.1:1");
    assert.deepEqual([wrong, why], [1, "listenkey: something is wrong: reach\n"]);
    const [usage, , asked] = await run();
    assert.equal(usage, 2);
    assert.match(asked, /--api-key: expected an API key, there or in LISTENKEY_API_KEY/);
    assert.equal((await run("--paper", url, "--within", "0"))[0], 2);
    const [, help] = await run("--help");
    assert.match(help, /Exit code 0: nothing wrong was found; 1: something is wrong/);
  });

  test("it ends when its time is over or when it is stopped, and leaves no order behind", async (t) => {
    const { url } = await startVenue(t, { type: "silence" });
    const short = await visit("--paper", url, "--wait", "30", "--within", "2", "--prove");
    assert.match(said(short.findings, "delivery"), /not looked at: the time was over after 2 s/);
    const stopped = await visitUntil(
      sleep(1_000).then(() => "SIGINT"),
      "--paper",
      url,
      "--wait",
      "30",
    );
    assert.match(said(stopped.findings, "delivery"), /not looked at: it was stopped \(SIGINT\)/);
    const after = await visit("--paper", url, ...QUICK);
    assert.match(said(after.findings, "mirror"), / 10000 USDT; 0 positions, 0 open orders/);
  });
});

async function startVenue(t: TestContext, fault?: object): Promise<RunningPaperVenue> {
  const venue = await startPaperVenue();
  t.after(() => venue.close());
  if (fault === undefined) return venue;
  const answer = await fetch(`${venue.url}/v1/paper/faults`, { method: "POST", body: JSON.stringify(fault) });
  assert.equal(answer.status, 200, await answer.text());
  return venue;
}

async function walletOf(url: string): Promise<string> {
  const { findings } = await visit("--paper", url, ...QUICK);
  return /: ([\d.]+) USDT/.exec(said(findings, "mirror"))?.[1] ?? "";
}

interface Visited {
  readonly findings: readonly Finding[];
  readonly error: ListenkeyError | undefined;
  /** Everything that was said. */
  readonly output: string;
}

function visit(...args: string[]): Promise<Visited> {
  return visitUntil(new Promise(() => {}), ...args);
}

async function visitUntil(stopped: Promise<string>, ...args: string[]): Promise<Visited> {
  const printed: string[] = [];
  const warned: string[] = [];
  const command = new Command("doctor").exitOverride();
  define(command, {
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    stopped,
    onReload() {},
    progress() {},
  });
  let error: ListenkeyError | undefined;
  try {
    await command.parseAsync([...args, "--json"], { from: "user" });
  } catch (thrown) {
    assert.ok(thrown instanceof ListenkeyError, String((thrown as Error).stack));
    error = thrown;
  }
  const output = [...printed, ...warned, String(error?.stack)].join("\n");
  return { findings: printed.map((line) => JSON.parse(line) as Finding), error, output };
}

function said(findings: readonly Finding[], check: CheckName): string {
  return findings.find((finding) => finding.check === check)?.says ?? "";
}

function run(...args: string[]): Promise<[code: number, out: string, err: string]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "doctor", ...args], { timeout: WAIT_MAX_MS }, (error, out, err) =>
      resolve([error === null ? 0 : Number(error.code), out, err]),
    );
  });
}
