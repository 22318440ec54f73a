/** How to point a Binance client at the paper venue, for people. Pure. */
import { DEMO_ACCOUNT, type RunningPaperVenue } from "../venue/index.ts";

/** One line for programs: where the venue listens. */
export function listeningLine({ port, url, wsUrl, wsApiUrl }: RunningPaperVenue): string {
  return JSON.stringify({ listening: { port, rest: url, streams: wsUrl, wsApi: wsApiUrl } });
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
