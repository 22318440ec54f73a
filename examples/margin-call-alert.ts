/**
 * Wakes you before the exchange takes your positions: when margin is used up to a level, when a margin call or a
 * liquidation comes, and when nobody can tell any more, because the stream has been uncertain for too long.
 *
 *     npm run example margin-call-alert           in a clone: a paper exchange runs beside it
 *     node margin-call-alert.ts                   elsewhere, while `npx listenkey demo` runs
 *     curl -X POST http://127.0.0.1:9780/v1/paper/accounts/demo/margin-call      lets one come, on paper
 *
 * For Binance set LISTENKEY_API_KEY and LISTENKEY_API_SECRET; the right to read is enough. With ALERT_WEBHOOK set,
 * each alert is posted there as {"text": "…"}, as Slack, Mattermost and others take it.
 */
import { AccountStream, type AccountStreamOptions, ListenkeyError } from "listenkey";

const { LISTENKEY_URL: paper = "http://127.0.0.1:9780", LISTENKEY_API_KEY: apiKey, ALERT_WEBHOOK: hook } = process.env;
const { LISTENKEY_API_SECRET: apiSecret = "" } = process.env;

/** Maintenance margin in equity; at 100 % positions are liquidated. */
const LEVELS = [0.5, 0.7, 0.9];
const LOOK_EVERY_MS = 10_000;
const UNCERTAIN_MAX_MS = 60_000;

const options: AccountStreamOptions =
  apiKey === undefined
    ? {
        apiKey: "paper-demo-key",
        apiSecret: "paper-demo-secret",
        environment: { rest: paper, stream: paper.replace(/^http/, "ws") },
      }
    : { apiKey, apiSecret, environment: "production", redundancy: 2 };
const stream = new AccountStream(options);

stream.on("MARGIN_CALL", ({ p }) => {
  for (const { s, pa, mp, up } of p) alert(`margin call: ${pa} ${s} at a mark price of ${mp}, profit ${up}`);
});
stream.on("ORDER_TRADE_UPDATE", ({ o }) => {
  // Binance's own orders; a liquidation that happened while the stream was down is told by the repair.
  if (o.x === "CALCULATED" || o.c?.startsWith("autoclose-")) alert(`liquidation: ${o.S} ${o.l} ${o.s} at ${o.L}`);
});

// No news is good news only while somebody would hear the bad ones.
let deaf: NodeJS.Timeout | undefined;
stream.on("gap", ({ why }) => {
  const say = () => alert(`not certain for ${UNCERTAIN_MAX_MS / 1000} s (${why}): look at the exchange yourself`);
  deaf ??= setTimeout(say, UNCERTAIN_MAX_MS);
});
stream.on("status", ({ status }) => {
  if (status === "stopped") alert("nothing follows the account any more");
  if (status !== "synced") return;
  clearTimeout(deaf);
  deaf = undefined;
});

let reached = 0;
async function look(): Promise<void> {
  const { equity, maintenanceMargin, positions } = await stream.margin();
  // For a level a floating-point number is good enough; where money is counted it is not.
  const used = Number(maintenanceMargin) === 0 ? 0 : Number(maintenanceMargin) / Number(equity);
  const level = LEVELS.filter((one) => used >= one || used < 0).length;
  const percent = `${(used * 100).toFixed(1)} %`;
  if (level > reached) alert(`${percent} of the equity is needed as margin: ${equity} USDT left`);
  reached = level;
  console.log(`${percent} used, ${positions.length} positions`);
}

function alert(text: string): void {
  console.error(`ALERT ${text}`);
  if (hook === undefined) return;
  const body = JSON.stringify({ text: `listenkey: ${text}` });
  fetch(hook, { method: "POST", headers: { "content-type": "application/json" }, body }).catch((error: unknown) =>
    console.error(`the alert was not delivered: ${error}`),
  );
}

await stream.start();
console.log(`watching; wakes you at ${LEVELS.map((level) => level * 100).join(", ")} %`);
for (;;) {
  await look().catch((error: unknown) => {
    // Refused, or not reached: the next look is soon, and a stream that is down says so by itself.
    if (!(error instanceof ListenkeyError)) throw error;
    console.error(error.message);
  });
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
