/**
 * A copy of the compiled program, in a folder of its own, into which one bug at a time is planted; and worlds that run
 * it, in processes of their own. The program itself knows nothing of this: there is no switch in it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Edit } from "../planted-bugs.ts";
import { PLANTED_WORKER, type PlantedEnd, type PlantedTask } from "./planted-world.ts";

/** The folder that the compiler has written: two above this file. */
const BUILD = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What the worlds need of it. */
const FOLDERS = ["src", "sim"];
const PROGRAM = join("sim", "io", "planted-world.js");
/** A world that takes so long has been brought to a standstill, or runs in circles. In milliseconds. */
const WORLD_MAX_MS = 60_000;

/** How the worlds of a row of seeds ended: the row ends with the first failure. */
export interface RowEnd {
  /** What was broken, and where; both absent when nothing was. */
  readonly failure?: string;
  readonly seed?: number;
}

/** The copy. {@link remove} it when it has served. */
export class ProgramCopy {
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "listenkey-planted-"));
    for (const folder of FOLDERS) {
      cpSync(join(BUILD, folder), join(this.#folder, folder), { recursive: true, filter: isProgram });
    }
    writeFileSync(join(this.#folder, "package.json"), '{"type":"module"}\n');
  }

  /** Changes the copy. Call the result to change it back. @throws {Error} when a text does not stand there once */
  plant(edits: readonly Edit[]): () => void {
    const before = new Map<string, string>();
    const undo = () => {
      for (const [path, text] of before) writeFileSync(path, text);
    };
    for (const { file, from, to } of edits) {
      const path = join(this.#folder, ...file.split("/"));
      const text = readFileSync(path, "utf8");
      if (!before.has(path)) before.set(path, text);
      const count = text.split(from).length - 1;
      if (count !== 1) {
        undo();
        throw new Error(`${file} has ${count} times, not once: ${from}\nThe bug must be written anew for it.`);
      }
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }
    return undo;
  }

  /**
   * Runs the worlds of these seeds, until one fails.
   * @throws {Error} when the program crashes, or a world does not end
   */
  async run(seeds: readonly number[], hours: number): Promise<RowEnd> {
    const worker = fork(join(this.#folder, PROGRAM), [PLANTED_WORKER], { silent: true, execArgv: [] });
    try {
      for (const seed of seeds) {
        const { failure } = await answerOf(worker, { seed, hours });
        if (failure !== undefined) return { failure, seed };
      }
      return {};
    } finally {
      worker.kill();
    }
  }

  /** Deletes it. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Compiled files of the program: neither tests nor maps. */
function isProgram(path: string): boolean {
  const name = relative(BUILD, path).split(sep).join("/");
  return !/\.[a-z]+$/.test(name) || (name.endsWith(".js") && !name.endsWith(".test.js"));
}

function answerOf(worker: ChildProcess, task: PlantedTask): Promise<PlantedEnd> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (text: Buffer) => {
      said += text;
    };
    const settle = () => {
      clearTimeout(timer);
      worker.off("message", answer).off("exit", ended).off("error", reject);
      worker.stderr?.off("data", hear);
    };
    const answer = (end: unknown) => {
      settle();
      resolve(end as PlantedEnd);
    };
    const ended = () => {
      settle();
      reject(new Error(`the program crashed in world ${task.seed}:\n${said}`));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`world ${task.seed} did not end within ${WORLD_MAX_MS / 1000} s`));
    }, WORLD_MAX_MS);
    worker.stderr?.on("data", hear);
    worker.on("message", answer).on("exit", ended).on("error", reject);
    worker.send(task);
  });
}
