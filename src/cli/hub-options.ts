/** Options of the commands that read a hub which runs, and what they find out first. */
import { InvalidArgumentError, Option } from "commander";
import { ENGLISH } from "../hub/english-reasons.ts";
import { HubRefused } from "../hub/hub-errors.ts";
import type { HubLinkHealth } from "../hub/hub-link.ts";
import { causeIn } from "../hub/reasons.ts";
import { UsageError, WireFormatError } from "../kernel/errors.ts";
import type { HttpResponse } from "../kernel/ports.ts";
import { parseJson } from "../protocol/json.ts";
import { undiciHttp } from "../rest/io/undici-http.ts";

/** Where a hub is, and who asks. */
export interface HubPlace {
  readonly url: string;
  /** Of the environment only: the arguments of a process are for everybody to see. */
  readonly token?: string;
}

/** `--url`, or `LISTENKEY_URL`: without a trailing slash. */
export function urlOption(): Option {
  return new Option("--url <url>", "where the hub is")
    .env("LISTENKEY_URL")
    .default("http://127.0.0.1:9780")
    .argParser((text) => text.replace(/\/+$/, ""));
}

/** An option that may be repeated, or name several with commas between. */
export function namesOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text, before: readonly string[] = []) => {
    const names = text.split(",").map((name) => name.trim());
    if (names.includes("")) throw new InvalidArgumentError("Expected names, with commas between.");
    return [...before, ...names];
  });
}

/** `--since SEQ`: the last record that is known already. */
export function sinceOption(): Option {
  return new Option(
    "--since <seq>",
    "begin after this record; 0 is the beginning. When absent: now, with --no-follow the beginning",
  ).argParser((text) => {
    if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Expected the number of a record, 0 or more.");
    return Number(text);
  });
}

/** What is waited for, for a person; empty while the hub is there. */
export function waitingText(url: string, { live, diagnosis }: HubLinkHealth): string {
  if (live) return "";
  const waiting = `waiting for the hub at ${url}`;
  return diagnosis === undefined ? waiting : `${waiting}: ${causeIn(ENGLISH, diagnosis)}`;
}

/** The hub's place, as options and environment have it. */
export function placeOf(url: string): HubPlace {
  const token = process.env.LISTENKEY_TOKEN;
  return token === undefined || token === "" ? { url } : { url, token };
}

/**
 * Asks the hub.
 * @throws {HubRefused} when it does not answer that to us
 * @throws {NetworkError} when no whole answer came
 */
async function askHub(place: HubPlace, path: string): Promise<string> {
  return (await ask(place, path, "application/json")).body;
}

/** A page of records, as the hub has them. */
export interface RecordPage {
  /** One each, oldest first; a filter, or their length, may leave none though more follow. */
  readonly lines: readonly string[];
  /** Where the next page begins. */
  readonly cursor: number;
  /** The newest record of the account. */
  readonly lastSeq: number;
}

/** Asks for a page of records. @throws as {@link askHub} */
export async function askRecords(place: HubPlace, path: string): Promise<RecordPage> {
  const { headers, body } = await ask(place, path, "application/x-ndjson");
  const cursor = Number(headers["listenkey-cursor"]);
  const lastSeq = Number(headers["listenkey-last-seq"]);
  if (!Number.isSafeInteger(cursor) || !Number.isSafeInteger(lastSeq)) {
    throw new WireFormatError("listenkey-cursor", "the number of a record", headers["listenkey-cursor"]);
  }
  return { lines: body.split("\n").filter((line) => line !== ""), cursor, lastSeq };
}

async function ask({ url, token }: HubPlace, path: string, accept: string): Promise<HttpResponse> {
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await undiciHttp.request({ method: "GET", url: `${url}${path}`, headers });
  if (response.status !== 200) throw new HubRefused(response.status, `GET ${path}: ${response.body.slice(0, 300)}`);
  return response;
}

/**
 * The account that is meant when none is named: the only one there is.
 * @throws {UsageError} when there are several, or none
 */
export async function onlyAccount(place: HubPlace): Promise<string> {
  const { accounts } = parseJson(await askHub(place, "/v1/accounts")) as { accounts: { id: string }[] };
  const [first, ...others] = accounts.map(({ id }) => id);
  if (first !== undefined && others.length === 0) return first;
  const found = first === undefined ? "a hub that shows none to us" : "none named";
  throw new UsageError("account", first === undefined ? "an account" : [first, ...others].join(" or "), found);
}
