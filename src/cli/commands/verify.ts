/** `listenkey verify`: proves that a journal is whole, or says what is wrong first. */
import { setImmediate } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { verifyFolder } from "../../journal/io/verifying.ts";
import type { Finding, KnownDigest, VerifiedAccount } from "../../journal/verification.ts";
import { StorageError } from "../../kernel/errors.ts";
import { openSqlite } from "../../kernel/io/sqlite.ts";
import { journalOption, jsonOption, type Surroundings } from "../command.ts";
import { Found, Interrupted } from "../exit-codes.ts";
import { progressText } from "../progress-line.ts";

/** Gives the command its options and its action. */
export function define(command: Command, surroundings: Surroundings): void {
  command
    .addOption(journalOption())
    .addOption(
      new Option("--known <account:seq:digest>", "a digest that was noted down earlier; may be repeated")
        .argParser((text, before: readonly KnownDigest[] = []) => [...before, knownOf(text)])
        .default([], "none"),
    )
    .addOption(jsonOption())
    .addHelpText("after", AFTER_HELP)
    .action((options: VerifyOptions) => verify(options, surroundings));
}

const AFTER_HELP = `
Exit code 0: the journal is whole; 1: something is wrong with it, the first thing is said first; 2: there is none.
The others: listenkey --help.
It reads everything and changes nothing; a hub may go on writing meanwhile. Of each account the last digest is printed:
note it down elsewhere, and --known proves later that nothing up to it was changed, by whomever.

  listenkey verify --data ./data
  listenkey verify --known demo:1200:9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab`;

interface VerifyOptions {
  readonly data: string;
  readonly known: readonly KnownDigest[];
  readonly json: boolean;
}

async function verify({ data, known, json }: VerifyOptions, surroundings: Surroundings): Promise<void> {
  const { print, progress, stopped } = surroundings;
  const onAccount = async (account: VerifiedAccount) => {
    if (!json) print(accountLine(account));
  };
  let stop: string | undefined;
  void stopped.then((reason) => {
    stop = reason;
  });
  const onProgress = async (entries: number, answeredFor: number | undefined) => {
    progress(progressText("verified", entries, answeredFor));
    // What is read is read without a pause: signals are heard here.
    await setImmediate();
    if (stop !== undefined) throw new Interrupted(stop);
  };
  const { path, accounts, findings } = await verifyFolder(data, {
    openDatabase: openSqlite,
    known,
    onAccount,
    onProgress,
  }).catch((error: unknown) => {
    if (!(error instanceof StorageError) || error.condition !== "damaged") throw error;
    throw new NotWhole(data, { what: error.message }, error.remedy === undefined ? [] : [error.remedy]);
  });
  progress("");
  if (json) {
    const whole = accounts.map(({ account, firstSeq, lastSeq, digest }) => ({ account, firstSeq, lastSeq, digest }));
    print(JSON.stringify({ path, whole: findings.length === 0, accounts: whole, findings }));
  } else if (findings.length === 0) {
    const entries = accounts.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
    print(`${path} is whole: ${entries} entries of ${accounts.length} accounts.`);
  }
  const [first] = findings;
  if (first !== undefined) throw new NotWhole(path, first, findings.slice(1).map(findingText));
}

class NotWhole extends Found {
  readonly code = "NOT_WHOLE";

  constructor(path: string, first: Finding, others: readonly string[]) {
    super(`${path} is not whole: ${findingText(first)}`, {
      origin: "disk",
      retryable: false,
      ...(others.length === 0 ? {} : { remedy: others.join("\n") }),
    });
  }
}

function accountLine({ account, firstSeq, lastSeq, digest, findings }: VerifiedAccount): string {
  const span = lastSeq < firstSeq ? "no entries" : `entries ${firstSeq} to ${lastSeq}`;
  return `${account}: ${span}, ${findings.length === 0 ? `whole, ${account}:${lastSeq}:${digest}` : "NOT WHOLE"}`;
}

function findingText({ account, seq, what }: Finding): string {
  if (account === undefined) return what;
  return seq === undefined ? `${account}: ${what}` : `entry ${seq} of ${account} ${what}`;
}

function knownOf(text: string): KnownDigest {
  const [, account, seq, digest] = /^(.+):(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (account === undefined || digest === undefined) {
    throw new InvalidArgumentError("Expected ACCOUNT:SEQ:DIGEST, as verify prints it.");
  }
  return { account, seq: Number(seq), digest };
}
