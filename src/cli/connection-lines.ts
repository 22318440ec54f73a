/** How to point a Binance client at the paper venue, and any program at the hub, for people. Pure. */
import { DEMO_ACCOUNT, type RunningPaperVenue } from "../venue/index.ts";
import type { RunningHub } from "./hub-process.ts";

/** One line for programs: where the venue listens, and the hub. */
export function listeningLine(
  { port, url, venue, botsUrl }: Pick<RunningHub, "port" | "url" | "venue" | "botsUrl">,
  hasHub: boolean,
): string {
  const paper = venue === undefined ? {} : { rest: url, streams: venue.wsUrl, wsApi: venue.wsApiUrl };
  const bots = botsUrl === undefined ? {} : { bots: { rest: botsUrl, streams: webSocketUrl(botsUrl) } };
  const hub = hasHub ? { accounts: `${url}/v1/accounts`, ...bots } : {};
  return JSON.stringify({ listening: { port, ...paper, ...hub } });
}

/** Lines for people: all that is there. */
export function introduction(running: Pick<RunningHub, "url" | "hub" | "botsUrl" | "venue">): string[] {
  return [...(running.venue === undefined ? [] : connectionLines(running.venue)), ...hubLines(running)];
}

/** Lines for people: what the hub follows, and how it is read. */
function hubLines({ url, hub, botsUrl }: Pick<RunningHub, "url" | "hub" | "botsUrl">): string[] {
  const account = `${url}/v1/accounts/${hub.accounts[0]?.id ?? "ID"}`;
  return [
    `The hub follows ${hub.accounts.map(({ id }) => id).join(", ")}:`,
    `  in a browser     ${url}/`,
    `  what it holds    curl ${account}`,
    `  what it told     curl -H 'Accept: application/x-ndjson' '${account}/records?since=0'`,
    `  as it comes      curl -N ${account}/records/stream`,
    ...(botsUrl === undefined ? [] : [`  for bots         ${botsUrl} and ${webSocketUrl(botsUrl)}, as Binance's own`]),
    "",
  ];
}

function webSocketUrl(url: string): string {
  return url.replace(/^http/, "ws");
}

/** Lines for people. The secret among them is none: it is the same on every paper venue. */
export function connectionLines({ url, wsUrl, wsApiUrl }: RunningPaperVenue): string[] {
  return [
    "",
    "Any Binance USDⓈ-M Futures client connects by its base URLs:",
    `  REST        ${url}`,
    `  streams     ${wsUrl}  (/private/ws/<listenKey>, /private/stream?streams=<listenKey>, …)`,
    `  WS API      ${wsApiUrl}`,
    `  API key     ${DEMO_ACCOUNT.apiKey}`,
    `  API secret  ${DEMO_ACCOUNT.apiSecret}`,
    "",
    "For example:",
    `  curl -X POST -H 'X-MBX-APIKEY: ${DEMO_ACCOUNT.apiKey}' ${url}/fapi/v1/listenKey`,
    "",
  ];
}
