/** The writer's thread, as the journal sees it. */
import { Worker } from "node:worker_threads";
import { assert } from "../../kernel/errors.ts";
import type { WriterBeginning, WriterJob, WriterReply } from "./writer-messages.ts";

/** Hands jobs to a thread, which does them one by one. A bug over there is thrown here, and nobody catches it. */
export class WriterClient {
  readonly #worker: Worker;
  /** Who waits for an answer, oldest job first. */
  readonly #waiting: ((reply: WriterReply) => void)[] = [];

  constructor(beginning: WriterBeginning) {
    this.#worker = new Worker(new URL("./writer-thread.js", import.meta.url), { workerData: beginning });
    this.#worker.on("message", (reply: WriterReply) => this.#waiting.shift()?.(reply));
    this.#worker.on("error", (error) => {
      throw error;
    });
    this.#worker.on("exit", () => assert(this.#waiting.length === 0, "the writer's thread does all its jobs"));
  }

  /** Resolves when the job is done, refused or has failed; never rejects. */
  ask(job: WriterJob): Promise<WriterReply> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(job, job.do === "append" ? [job.packed.numbers.buffer] : []);
    });
  }
}
