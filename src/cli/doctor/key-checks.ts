/** Checks of the API key: is it accepted, what may it do, and does its listenKey live? Never a `DELETE`. Pure. */
import { ListenkeyError, VenueRejected } from "../../kernel/errors.ts";
import { redact } from "../../kernel/scalars.ts";
import { ENDPOINTS } from "../../protocol/endpoints.ts";
import { explained } from "./explanation.ts";
import type { Finding } from "./finding.ts";
import type { Learned, Patient } from "./patient.ts";

/** -2015: key, address or permission. */
const KEY_REFUSED = -2015;

/** Are the API key and its signature accepted? */
export async function checkKey(patient: Patient, learned: Learned): Promise<Finding> {
  const { keyType, rest, visit } = patient;
  if (keyType === undefined) {
    return {
      check: "key",
      verdict: "unsure",
      says: "no secret was given: signatures are not checked, and nothing that is missed could be repaired",
      remedy: "Give --api-secret or --private-key. The right to read is enough.",
    };
  }
  try {
    const config = await visit.until(rest.call({ endpoint: ENDPOINTS.accountConfig, priority: "read" }));
    const { canTrade, dualSidePosition, multiAssetsMargin } = config;
    learned.mayRead = true;
    learned.isHedgeMode = dualSidePosition;
    const assets = `${multiAssetsMargin ? "multi" : "single"}-asset margin`;
    const modes = `${dualSidePosition ? "hedge" : "one-way"} mode, ${assets}${canTrade ? "" : "; it may not trade"}`;
    return {
      check: "key",
      verdict: canTrade ? "ok" : "unsure",
      says: `key and ${keyType} signature are accepted; the account is in ${modes}`,
      ...(canTrade ? {} : { remedy: "Binance has barred the account from trading: its support knows why." }),
      facts: { keyType, canTrade, hedgeMode: dualSidePosition, multiAssets: multiAssetsMargin },
    };
  } catch (error) {
    if (!(error instanceof VenueRejected) || error.venueCode !== KEY_REFUSED) throw error;
    return { ...(await whyRefused(patient, error)), check: "key", verdict: "wrong" };
  }
}

/** The listenKey calls carry the API key and no signature: they tell a bad key from one that may only not read. */
async function whyRefused({ keys, visit }: Patient, error: VenueRejected): Promise<{ says: string; remedy: string }> {
  try {
    await visit.until(keys.acquire());
  } catch (other) {
    if (other instanceof ListenkeyError && other.origin !== "bug") return explained(error);
    throw other;
  }
  return {
    says: `the API key is known and its address allowed, but it may not read the account (${error.message})`,
    remedy: 'Give the key the permissions "Enable Reading" and "Enable Futures" in API Management on Binance.',
  };
}

/** Worth about as much as the smallest order; it is not placed. */
const TRIED_ORDER = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };

/** What may the key do? `order/test` is checked like an order and places none. */
export async function checkPermissions({ rest, visit }: Patient, { isHedgeMode }: Learned): Promise<Finding> {
  const params = isHedgeMode === true ? { ...TRIED_ORDER, positionSide: "LONG" } : TRIED_ORDER;
  const trades: Finding = {
    check: "permissions",
    verdict: "ok",
    says: "the key may read and trade (tried with order/test, which places nothing)",
    facts: { read: true, trade: true },
  };
  try {
    await visit.until(rest.call({ endpoint: ENDPOINTS.testOrder, params, priority: "read" }));
    return trades;
  } catch (error) {
    if (!(error instanceof VenueRejected) || error.retryable) throw error;
    // Any other refusal is about this order: who may not trade does not get so far.
    if (error.venueCode !== KEY_REFUSED) return trades;
    const says = "the key may read and not trade; for following an account that is enough, and safer";
    return { check: "permissions", verdict: "ok", says, facts: { read: true, trade: false } };
  }
}

/** `POST` and `PUT`, and whether the key was alive before: then another program has it as well. */
export async function checkListenKey({ keys, visit }: Patient, learned: Learned): Promise<Finding> {
  const before = await visit.until(aliveBefore(keys));
  const key = await visit.until(keys.acquire());
  learned.key = key;
  const named = await visit.until(keys.renew(key));
  const facts = { key: redact(key), wasAlive: before.isAlive };
  if (named !== undefined && named !== key) {
    return {
      check: "listenKey",
      verdict: "wrong",
      says: `POST granted ${redact(key)}, and PUT a moment later names ${redact(named)}: something changes the key`,
      remedy: "Find the program of this account that sends DELETE /fapi/v1/listenKey, and stop it doing so.",
      facts,
    };
  }
  const shared = before.isAlive
    ? "it was alive before: another program shares it, or one had it within the hour. A DELETE by any deafens all"
    : "no program had one within the hour";
  return { check: "listenKey", verdict: "ok", says: `granted and renewed (${redact(key)}); ${shared}`, facts };
}

async function aliveBefore(keys: Patient["keys"]): Promise<{ readonly isAlive: boolean }> {
  try {
    // REST renews the account's key, whichever it is.
    await keys.renew("" as Parameters<typeof keys.renew>[0]);
    return { isAlive: true };
  } catch (error) {
    if (error instanceof VenueRejected && error.isUnknownListenKey) return { isAlive: false };
    throw error;
  }
}

/** Does the WS API know the same key? A second way to renew it when REST cannot be reached. */
export async function checkWsApi({ keysOverWs, urls, visit }: Patient, { key }: Learned): Promise<Finding> {
  if (keysOverWs === undefined || key === undefined) {
    return { check: "ws-api", verdict: "skipped", says: "no WS API is named" };
  }
  try {
    const named = await visit.until(keysOverWs.renew(key));
    if (named === undefined || named === key) {
      return {
        check: "ws-api",
        verdict: "ok",
        says: `${urls.wsApi} renews the same key: a second way when REST fails`,
      };
    }
    return { check: "ws-api", verdict: "unsure", says: `${urls.wsApi} names another key: ${redact(named)}` };
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    return { check: "ws-api", verdict: "unsure", ...explained(error) };
  }
}
