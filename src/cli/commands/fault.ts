/** `listenkey fault`: starts, lists and ends faults of a paper venue that runs, by `/v1/paper/faults`. */
import { Argument, type Command, Option } from "commander";
import { NetworkError, UsageError } from "../../kernel/errors.ts";
import type { HttpRequest } from "../../kernel/ports.ts";
import { parseJson } from "../../protocol/json.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { FAULT_KINDS, FAULT_TYPES, type FaultType } from "../../venue/faults/fault-kinds.ts";
import { jsonOption, type Surroundings, wholeNumber } from "../command.ts";
import { PaperRefused } from "../exit-codes.ts";

const DEFAULT_URL = "http://127.0.0.1:9780";

/** The venue has limits of its own; this is what a number can be at all. */
const FOR_MAX_MS = 9_999_999_999;

/** Gives the command its subcommands. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .command("list")
    .description("list the faults that are active")
    .addOption(urlOption())
    .addOption(jsonOption())
    .action((options: Options) => list(options, surroundings));
  command
    .command("start")
    .description("start a fault; without --for it happens at once, or lasts until it is ended")
    .addArgument(new Argument("<type>", "what goes wrong").choices(FAULT_TYPES))
    .argument("[settings...]", "NAME=VALUE, each with a default: see below")
    .option("--account <id>", "the account it strikes; all of them when absent")
    .option("--for <milliseconds>", "how long it lasts", (text) => wholeNumber(text, FOR_MAX_MS))
    .addOption(urlOption())
    .addOption(jsonOption())
    .addHelpText("after", `\nFaults and their settings:\n${FAULT_TYPES.map(helpOf).join("\n")}`)
    .action((type: FaultType, settings: readonly string[], options: StartOptions) =>
      start(type, settings, options, surroundings),
    );
  command
    .command("end")
    .description("end one fault, or all of them")
    .argument("[id]", "such as f1; all when absent")
    .addOption(urlOption())
    .addOption(jsonOption())
    .action((id: string | undefined, options: Options) => end(id, options, surroundings));
}

interface Options {
  readonly url: string;
  readonly json: boolean;
}

interface StartOptions extends Options {
  readonly account?: string;
  readonly for?: number;
}

/** A fault as the venue shows it. */
interface ShownFault {
  readonly id: string;
  readonly type: string;
  readonly account: string | null;
  readonly startedAt: number;
  readonly endsAt: number | null;
  readonly struck?: number;
}

async function list(options: Options, { print }: Surroundings): Promise<void> {
  const { faults } = (await ask("GET", options.url)) as { readonly faults: readonly ShownFault[] };
  if (faults.length === 0 && !options.json) print("No fault is active.");
  for (const fault of faults) print(options.json ? JSON.stringify(fault) : lineOf(fault));
}

async function start(
  type: FaultType,
  given: readonly string[],
  { url, json, account, for: forMs }: StartOptions,
  { print }: Surroundings,
): Promise<void> {
  const settings = Object.fromEntries(given.map(settingOf));
  const fault = (await ask("POST", url, "", { type, account, forMs, ...settings })) as ShownFault;
  print(json ? JSON.stringify(fault) : lineOf(fault));
}

async function end(id: string | undefined, { url, json }: Options, { print }: Surroundings): Promise<void> {
  const answer = await ask("DELETE", url, id === undefined ? "" : `/${encodeURIComponent(id)}`);
  const ended = id === undefined ? (answer as { ended: readonly ShownFault[] }).ended : [answer as ShownFault];
  if (ended.length === 0 && !json) print("No fault was active.");
  for (const fault of ended) print(json ? JSON.stringify(fault) : `ended ${lineOf(fault)}`);
}

/** `byMs=500` → name and JSON value; what is neither a number nor true or false is text. */
function settingOf(text: string): [name: string, value: unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError("settings", "NAME=VALUE", text, "For example: byMs=500");
  const value = text.slice(at + 1);
  const isLiteral = /^(?:-?\d{1,15}|true|false)$/.test(value);
  return [text.slice(0, at), isLiteral ? JSON.parse(value) : value];
}

async function ask(method: HttpRequest["method"], base: string, path = "", body?: object): Promise<unknown> {
  const url = `${base.replace(/\/+$/, "")}/v1/paper/faults${path}`;
  if (!URL.canParse(url)) throw new UsageError("--url", "a URL such as http://127.0.0.1:9780", base);
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await undiciHttp.request({ method, url, headers: { "content-type": "application/json" }, ...json });
  const answer = jsonOf(response.body) as { readonly error?: { readonly message: string; readonly remedy?: string } };
  if (response.status === 200) return answer;
  if (answer?.error === undefined) {
    throw new NetworkError(`${method} ${url}`, `HTTP ${response.status}, which no paper venue answers`, "unknown");
  }
  throw new PaperRefused(answer.error);
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function urlOption(): Option {
  return new Option("--url <url>", "where the paper venue listens").env("LISTENKEY_URL").default(DEFAULT_URL);
}

/** `f1 delay on demo until 2026-01-05T00:01:00.000Z: byMs 500` */
function lineOf({ id, type, account, startedAt, endsAt, struck, ...settings }: ShownFault): string {
  const until =
    endsAt === null ? "until ended" : endsAt === startedAt ? "at once" : `until ${new Date(endsAt).toISOString()}`;
  const shown = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const tail = [...(struck === undefined ? [] : [`struck ${struck}`]), ...shown].join(", ");
  return `${id} ${type} on ${account ?? "all accounts"} ${until}${tail === "" ? "" : `: ${tail}`}`;
}

function helpOf(type: FaultType): string {
  const { what, settings } = FAULT_KINDS[type];
  const rows = Object.entries(settings).map(
    ([name, { expected, what: does, absent }]) => `      ${name}=${absent}  ${does}: ${expected}`,
  );
  return [`  ${type}: ${what}`, ...rows].join("\n");
}
