/** How to point a Binance client at the paper venue, for people. Pure. */
import { DEMO_ACCOUNT } from "../venue/paper-venue.ts";

/** Lines to print. The secret among them is none: it is the same on every paper venue. */
export function connectionLines({ url, wsUrl }: { readonly url: string; readonly wsUrl: string }): string[] {
  return [
    "",
    "Any Binance USDⓈ-M Futures client connects by its base URLs:",
    `  REST        ${url}`,
    `  streams     ${wsUrl}  (/private/ws/<listenKey>, /private/stream?streams=<listenKey>, …)`,
    `  WS API      ${wsUrl}/ws-fapi/v1`,
    `  API key     ${DEMO_ACCOUNT.apiKey}`,
    `  API secret  ${DEMO_ACCOUNT.apiSecret}`,
    "",
    "For example:",
    `  curl -X POST -H 'X-MBX-APIKEY: ${DEMO_ACCOUNT.apiKey}' ${url}/fapi/v1/listenKey`,
    "",
  ];
}
