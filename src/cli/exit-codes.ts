/** What the process ends with, for every command: the table that `--help` and docs/command-line.md show. Pure. */
import { CursorLost, HubRefused } from "../hub/hub-errors.ts";
import {
  ListenkeyError,
  NetworkError,
  RateLimited,
  StorageError,
  VenueRejected,
  WireFormatError,
} from "../kernel/errors.ts";

/** One row of the table. */
export interface ExitCode {
  /** What the shell sees. */
  readonly code: number;
  /** When: the rest of a sentence. */
  readonly when: string;
}

/** All of them, in their order. */
export const EXIT_CODES = {
  done: { code: 0, when: "it did what was asked; what runs until it is stopped was stopped" },
  found: { code: 1, when: "it looked, and something is wrong: verify found damage, doctor a fault" },
  usage: { code: 2, when: "asked for what cannot be: an option, a file, an account, a port or folder in use" },
  refused: { code: 3, when: "the hub, the venue or the exchange said no" },
  unreachable: { code: 4, when: "no answer came, or none that can be read: another try may help" },
  storage: { code: 5, when: "the disk failed, or what is kept there is damaged" },
  bug: { code: 70, when: "a bug of listenkey: its stack is on standard error" },
  interrupted: { code: 130, when: "Ctrl-C before it was done; 143 after SIGTERM" },
} as const satisfies Readonly<Record<string, ExitCode>>;

const SIGTERM_CODE = 143;

/** The table, for `--help`. */
export function exitCodesHelp(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, when }) => `  ${String(code).padStart(3)}  ${when}`);
  return ["Exit codes:", ...rows].join("\n");
}

/** Somebody wanted a command to end that was not done yet. */
export class Interrupted extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "INTERRUPTED";
  /** `SIGINT`, `SIGTERM`, or `output closed`: whoever read the output had enough. */
  readonly reason: string;

  /** @param reason as `Surroundings.stopped` has it */
  constructor(reason: string) {
    super(`interrupted (${reason}): it was not done yet`, { origin: "caller", retryable: true });
    this.reason = reason;
  }
}

/** What was looked for and found is printed; this ends the process with {@link EXIT_CODES}`.found`. */
export abstract class Found extends ListenkeyError {}

/** The code for what a command has thrown. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ListenkeyError) || error.origin === "bug") return EXIT_CODES.bug.code;
  if (error instanceof Interrupted) return interruptedCode(error);
  if (error instanceof Found) return EXIT_CODES.found.code;
  if (error instanceof NetworkError || error instanceof WireFormatError) return EXIT_CODES.unreachable.code;
  if (error instanceof StorageError) return EXIT_CODES.storage.code;
  const isRefusal = REFUSALS.some((refusal) => error instanceof refusal);
  return isRefusal ? EXIT_CODES.refused.code : EXIT_CODES.usage.code;
}

/** The paper venue said no to a call of its own, in its words. */
export class PaperRefused extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "PAPER_REFUSED";

  /** @param refusal what stands in the answer's `error` */
  constructor({ message, remedy }: { readonly message: string; readonly remedy?: string }) {
    super(message, { origin: "caller", retryable: false, ...(remedy === undefined ? {} : { remedy }) });
  }
}

const REFUSALS = [HubRefused, CursorLost, PaperRefused, VenueRejected, RateLimited];

function interruptedCode({ reason }: Interrupted): number {
  if (reason === "SIGTERM") return SIGTERM_CODE;
  return reason === "SIGINT" ? EXIT_CODES.interrupted.code : EXIT_CODES.done.code;
}
