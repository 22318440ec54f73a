/** `listenkey doctor`: what is wrong between this machine, an API key and its user data stream, and what to do. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { AccountStream } from "../../account-stream.ts";
import { UsageError } from "../../kernel/errors.ts";
import { systemClock } from "../../kernel/io/system-clock.ts";
import type { Signer } from "../../protocol/signing.ts";
import { budgetFor } from "../../rest/io/budgets.ts";
import { hmacSigner, privateKeySigner } from "../../rest/io/signers.ts";
import { undiciHttp } from "../../rest/io/undici-http.ts";
import { restListenKeys, wsApiListenKeys } from "../../rest/listen-keys.ts";
import { RestClient } from "../../rest/rest-client.ts";
import { wsDialer } from "../../stream/io/ws-dialer.ts";
import {
  type AccountStreamOptions,
  ENVIRONMENTS,
  type ExchangeUrls,
  readOptions,
  type StreamSettings,
} from "../../stream-options.ts";
import { DEMO_ACCOUNT } from "../../venue/index.ts";
import { jsonOption, type Surroundings } from "../command.ts";
import { examine } from "../doctor/examination.ts";
import { type Finding, findingLines, summaryLine } from "../doctor/finding.ts";
import type { Patient } from "../doctor/patient.ts";
import { farAwayOrder, paperTransfer } from "../doctor/provocations.ts";
import { Visit } from "../doctor/visit.ts";
import { Found, Interrupted } from "../exit-codes.ts";

const PAPER_URL = "http://127.0.0.1:9780";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(new Option("--paper [url]", `a running paper venue, ${PAPER_URL} when no URL is given`))
    .addOption(variable("--environment <name>", "the exchange").choices(Object.keys(ENVIRONMENTS)))
    .addOption(variable("--rest <url>", "REST of another exchange, with --stream"))
    .addOption(variable("--stream <url>", "streams of another exchange, without /private"))
    .addOption(variable("--ws-api <url>", "WS API of another exchange, whole"))
    .addOption(variable("--api-key <key>", "the account's API key; better in the environment"))
    .addOption(variable("--api-secret <secret>", "its secret; better in the environment, since other users see flags"))
    .addOption(variable("--private-key <file>", "its private key instead, Ed25519 or RSA, in PEM"))
    .addOption(
      variable("--passphrase <text>", "what an encrypted private key is opened with; better in the environment"),
    )
    .option("--prove", "prove delivery: place a LIMIT order far from the market, and cancel it at once", false)
    .option("--symbol <symbol>", "the symbol of that order", "BTCUSDT")
    .addOption(seconds("--wait <seconds>", "how long an event is waited for", 5))
    .addOption(seconds("--within <seconds>", "how long all of it may take", 90))
    .addOption(jsonOption())
    .addHelpText("after", AFTER_HELP)
    .action((options: DoctorOptions) => doctor(options, surroundings));
}

const AFTER_HELP = `
Exit code 0: nothing wrong was found; 1: something is wrong. The others: listenkey --help.
It reads, asks for the listenKey and renews it, and opens sockets for a moment. It never sends DELETE, and places no
order without --prove. On a paper venue named by --paper it deposits 0.01 USDT and takes it back. Secrets are not shown.

  listenkey doctor --paper
  LISTENKEY_API_KEY=… LISTENKEY_API_SECRET=… listenkey doctor --environment production`;

interface DoctorOptions {
  readonly paper?: string | true;
  readonly environment?: keyof typeof ENVIRONMENTS;
  readonly rest?: string;
  readonly stream?: string;
  readonly wsApi?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly privateKey?: string;
  readonly passphrase?: string;
  readonly prove: boolean;
  readonly symbol: string;
  readonly wait: number;
  readonly within: number;
  readonly json: boolean;
}

async function doctor(options: DoctorOptions, surroundings: Surroundings): Promise<void> {
  const { print, warn, progress, stopped } = surroundings;
  const settings = readOptions(streamOptions(options));
  const visit = new Visit(systemClock, options.within * 1000);
  const quiet = concealing(options, settings);
  const say = (line: string) => warn(quiet(line));
  const tell = (finding: Finding) => {
    if (options.json) return print(quiet(JSON.stringify(finding)));
    for (const line of findingLines(finding)) print(quiet(line));
  };
  const lookingAt = (checks: readonly string[]) => progress(`looking at ${checks.join(", ")}`);
  let stop: string | undefined;
  void stopped.then((reason) => {
    stop = reason;
    visit.end(`it was stopped (${reason})`);
  });
  try {
    const findings = await examine({ ...patientOf(options, settings, visit, say), lookingAt }, tell);
    progress("");
    const wrong = findings.filter(({ verdict }) => verdict === "wrong").map(({ check }) => check);
    if (stop !== undefined) throw new Interrupted(stop);
    if (!options.json) print(summaryLine(findings));
    if (wrong.length > 0) throw new SomethingWrong(wrong);
  } finally {
    visit.end("it is done");
  }
}

class SomethingWrong extends Found {
  readonly code = "SOMETHING_WRONG";

  constructor(checks: readonly string[]) {
    super(`something is wrong: ${checks.join(", ")}`, { origin: "venue", retryable: true });
  }
}

function patientOf(
  { paper, prove, symbol, wait }: DoctorOptions,
  settings: StreamSettings,
  visit: Visit,
  say: (line: string) => void,
): Omit<Patient, "lookingAt"> {
  const { urls, apiKey } = settings;
  const clock = systemClock;
  const budget = budgetFor(urls.rest);
  const signer = signerOf(settings);
  const rest = new RestClient({
    http: undiciHttp,
    clock,
    budget,
    baseUrl: urls.rest,
    apiKey,
    ...(signer === undefined ? {} : { signer }),
  });
  const { wsApi } = urls;
  const overWs = wsApi === undefined ? undefined : { dialer: wsDialer, clock, budget, url: wsApi, apiKey };
  const byOrder = (isHedgeMode: boolean) => farAwayOrder({ rest, clock, symbol, isHedgeMode, warn: say });
  const byTransfer = () => paperTransfer(undiciHttp, urls.rest, DEMO_ACCOUNT.id);
  const isDemo = paper !== undefined && apiKey === DEMO_ACCOUNT.apiKey;
  return {
    urls,
    isPaper: paper !== undefined,
    clock,
    dialer: wsDialer,
    rest,
    budget,
    keyType: signer?.keyType,
    keys: restListenKeys(rest),
    keysOverWs: overWs && wsApiListenKeys(overWs),
    provocation: prove ? byOrder : isDemo ? byTransfer : undefined,
    eventWaitMs: wait * 1000,
    follow: () => new AccountStream({ ...credentialOf(settings), apiKey, environment: urls, redundancy: 2 }),
    say,
    visit,
  };
}

function signerOf({ credential }: StreamSettings): Signer | undefined {
  if (credential === undefined) return undefined;
  if ("apiSecret" in credential) return hmacSigner(credential.apiSecret);
  return privateKeySigner(credential.privateKey, credential.passphrase);
}

function credentialOf({ credential }: StreamSettings): Partial<AccountStreamOptions> {
  if (credential === undefined || "apiSecret" in credential) return credential ?? {};
  const { privateKey, passphrase } = credential;
  return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
}

function streamOptions(options: DoctorOptions): AccountStreamOptions {
  const { paper, apiKey, apiSecret, privateKey, passphrase } = options;
  const isDemo = paper !== undefined && (apiKey === undefined || apiKey === DEMO_ACCOUNT.apiKey);
  const secret = apiSecret ?? (isDemo && privateKey === undefined ? DEMO_ACCOUNT.apiSecret : undefined);
  const key = apiKey ?? (isDemo ? DEMO_ACCOUNT.apiKey : undefined);
  if (key === undefined) {
    throw new UsageError("--api-key", "an API key, there or in LISTENKEY_API_KEY", "none", "Or try it with --paper.");
  }
  return {
    apiKey: key,
    environment: environmentOf(options),
    ...(secret === undefined ? {} : { apiSecret: secret }),
    ...(privateKey === undefined ? {} : { privateKey: contentOf(privateKey) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

function environmentOf({
  paper,
  environment,
  rest,
  stream,
  wsApi,
}: DoctorOptions): "production" | "demo" | ExchangeUrls {
  if (paper !== undefined) return paperUrls(paper === true ? PAPER_URL : paper);
  if (rest === undefined && stream === undefined && wsApi === undefined) return environment ?? "production";
  if (rest === undefined || stream === undefined || environment !== undefined) {
    const found = environment === undefined ? "only a part of them" : "both";
    throw new UsageError("--environment", "a name, or --rest and --stream", found);
  }
  return { rest, stream, ...(wsApi === undefined ? {} : { wsApi }) };
}

function paperUrls(given: string): ExchangeUrls {
  const rest = given.replace(/\/+$/, "");
  if (!/^https?:\/\//.test(rest)) throw new UsageError("--paper", `a URL such as ${PAPER_URL}`, given);
  const stream = rest.replace(/^http/, "ws");
  return { rest, stream, wsApi: `${stream}/ws-fapi/v1` };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError("--private-key", "a file that can be read", (error as NodeJS.ErrnoException).code ?? file);
  }
}

/** L9, whatever a text of others may hold: what we were given in secret is cut out of it. */
function concealing({ passphrase }: DoctorOptions, { credential }: StreamSettings): (line: string) => string {
  const secret = credential === undefined ? [] : "apiSecret" in credential ? [credential.apiSecret] : [];
  const hidden = [...secret, ...(passphrase === undefined || passphrase === "" ? [] : [passphrase])];
  return (line) => hidden.reduce((text, each) => text.replaceAll(each, "…"), line);
}

function variable(flags: string, what: string): Option {
  const [name = ""] = flags.split(" ");
  return new Option(flags, what).env(`LISTENKEY_${name.slice(2).replaceAll("-", "_").toUpperCase()}`);
}

const SECONDS_MAX = 600;

function seconds(flags: string, what: string, absent: number): Option {
  return new Option(flags, what)
    .argParser((text) => {
      const value = Number(text);
      if (text.trim() !== "" && value > 0 && value <= SECONDS_MAX) return value;
      throw new InvalidArgumentError(`Expected seconds, more than 0 and at most ${SECONDS_MAX}.`);
    })
    .default(absent);
}
