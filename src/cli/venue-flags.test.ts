/** The flags that set up the venue: each is checked, comes from the environment too, and does what it says. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { kill, serve } from "../../test/serving.ts";
import { venueFlags } from "./venue-flags.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
const HOUR_MS = 3_600_000;

const WRONG: readonly [args: string, says: RegExp][] = [
  ["--fees 0.1", /'--fees <maker,taker>' argument '0\.1' is invalid\. feeRates\.taker: expected a value/],
  ["--fees 0.1,0.1,0.1", /feeRates\.taker: expected a value/],
  ["--fees -0.1,0", /feeRates\.maker: expected a decimal from 0 to 1, of at most eight places, found "-0\.1"\./],
  ["--funding 3", /funding\.rate: expected a decimal between -1 and 1, found "3"\./],
  ["--funding 0.1,x", /funding\.intervalHours: expected a whole number from 1 to 24, found "x"\./],
  ["--funding 0.1,8,8", /funding\.intervalHours: expected a whole number from 1 to 24, found "0\.1,8,8"\./],
  ["--margin-call 1.1", /marginCall\.ratio: expected more than 0, at most 1, found "1\.1"\./],
  ["--insurance-fund x", /insuranceFund\.USDT: expected a decimal that is not negative, found "x"\./],
  ["--weight-limit 0", /limits\.weightPerMinute: expected a whole number from 1 to 9007199254740991, found 0\./],
  ["--order-limits 5", /limits\.ordersPerMinute: expected a whole number .* found undefined\./],
  ["--order-limits 5,6,7", /limits\.ordersPerMinute: expected a whole number .* found undefined\./],
  ["--legacy-urls foo", /legacyUrls: expected "deliver" or "silent", found "foo"\./],
  ["--acknowledgements 2025", /acknowledgements: expected "2026-06" or "before-2026-06", found "2025"\./],
  ["--allow-origin http://a.b,*", /origin: expected an origin such as http:\/\/localhost:3000, found "\*"\./],
  ["--trigger-rejections no", /triggerRejections: expected "algo-update" or "legacy", found "no"\./],
];

test("a flag that is wrong is refused: which flag, what was expected, what was found", () => {
  for (const [args, says] of WRONG) {
    const command = new Command("serve").exitOverride().configureOutput({ writeErr: () => {} });
    for (const flag of venueFlags()) command.addOption(flag);
    const parse = () => command.parse(args.split(" "), { from: "user" });
    assert.throws(parse, says, args);
  }
  assert.deepEqual(
    venueFlags().filter(({ long }) => !WRONG.some(([args]) => args.startsWith(`${long} `))),
    [],
  );
});

test("each flag has its name in the environment", async () => {
  assert.deepEqual(
    venueFlags().map(({ long, envVar }) => [long, envVar]),
    venueFlags().map(({ long = "" }) => [long, `LISTENKEY_${long.slice(2).toUpperCase().replaceAll("-", "_")}`]),
  );
  for (const name of ["serve", "demo"]) {
    const [code, errors] = await fails([name], { LISTENKEY_MARGIN_CALL: "2" });
    assert.equal(code, 2);
    assert.match(errors, /'2' from env 'LISTENKEY_MARGIN_CALL' is invalid\. marginCall\.ratio/);
  }
});

test("the flags set the venue up", async (t) => {
  const url = await started(t, "--fees 0,0.001 --funding -0.002,1 --weight-limit 6000 --order-limits 7,8", {
    LISTENKEY_ACKNOWLEDGEMENTS: "before-2026-06",
    LISTENKEY_INSURANCE_FUND: "0",
  });
  const limits = await get(`${url}/fapi/v1/exchangeInfo`);
  assert.deepEqual(
    limits.rateLimits.map(({ limit }: { limit: number }) => limit).sort((a: number, b: number) => a - b),
    [7, 8, 6000],
  );
  const mark = await get(`${url}/fapi/v1/premiumIndex?symbol=BTCUSDT`);
  assert.equal(mark.nextFundingTime % HOUR_MS, 0);
  assert.ok(mark.nextFundingTime - mark.time <= HOUR_MS);
  const rate = await get(`${url}/fapi/v1/commissionRate?${signed("symbol=BTCUSDT")}`);
  assert.deepEqual([rate.makerCommissionRate, rate.takerCommissionRate], ["0", "0.001"]);
  const order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
  assert.ok("avgPrice" in (await get(`${url}/fapi/v1/order?${signed(order)}`, "POST")));
});

test("a page that a flag lets in may call the venue, beside a hub as well; the hub stays closed to it", async (t) => {
  const origin = "http://localhost:3000";
  const url = await started(t, `--allow-origin ${origin}`);
  const statusOf = async (path: string) => (await fetch(`${url}${path}`, { headers: { origin } })).status;
  assert.deepEqual([await statusOf("/fapi/v1/ping"), await statusOf("/v1/accounts")], [200, 403]);
});

function signed(query: string): string {
  const text = `${query}&timestamp=${Date.now()}`;
  return `${text}&signature=${createHmac("sha256", "paper-demo-secret").update(text).digest("hex")}`;
}

// Whatever the test says it is.
async function get(url: string, method = "GET"): Promise<any> {
  const answer = await fetch(url, { method, headers: { "x-mbx-apikey": "paper-demo-key" } });
  assert.equal(answer.status, 200, url);
  return answer.json();
}

/** Runs a venue, and the hub beside it, until the test is over. Returns its URL. */
async function started(t: TestContext, args: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const serving = await serve(["--port", "0", ...args.split(" ")], env);
  t.after(() => kill(serving));
  return serving.url;
}

function fails(args: readonly string[], env: Readonly<Record<string, string>>): Promise<[unknown, string]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } }, (error, _, stderr) =>
      resolve([error?.code, stderr]),
    );
  });
}
