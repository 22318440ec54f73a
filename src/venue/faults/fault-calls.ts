/**
 * `POST`, `GET`, `DELETE /v1/paper/faults[/:id]`: starts, lists and ends faults. Pure; never throws on any bytes.
 * Refusals have the form of the other native calls.
 */
import type { HttpAnswer, HttpCall } from "../../face/http-call.ts";
import { ListenkeyError, UsageError } from "../../kernel/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { answered, refusal, telling } from "../native/native-calls.ts";
import type { Fault } from "./active-faults.ts";
import { readFaultWish } from "./fault-kinds.ts";
import type { VenueFaults } from "./venue-faults.ts";

/** Where the faults are. */
const FAULTS_PATH = /^\/v1\/paper\/faults(?:\/([^/]+))?$/;

/** Answers a call under `/v1/paper/faults`; `undefined` when it is another one. */
export function answerFaults(
  { method, path, body }: HttpCall,
  faults: Pick<VenueFaults, "start" | "end" | "get" | "list">,
): HttpAnswer | undefined {
  const match = FAULTS_PATH.exec(path);
  if (match === null) return undefined;
  const id = match[1];
  return telling(() => {
    if (method === "POST" && id === undefined) return started(faults, body);
    if (method === "GET") return id === undefined ? listed(faults) : one(faults.get(id), id);
    if (method === "DELETE") return id === undefined ? endAll(faults) : one(faults.end(id), id);
    const expected = id === undefined ? "POST, GET or DELETE" : "GET or DELETE";
    return refusal(405, new UsageError("method", expected, method, "POST /v1/paper/faults starts a fault."));
  });
}

function started(faults: Pick<VenueFaults, "start">, body: string): HttpAnswer {
  const { fault, struck } = faults.start(readFaultWish(parsed(body)));
  return answered(200, { ...view(fault), ...(struck === undefined ? {} : { struck }) });
}

function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    throw new UsageError("body", "JSON", body, 'Send {"type":"silence","account":"demo","forMs":60000}.');
  }
}

function listed(faults: Pick<VenueFaults, "list">): HttpAnswer {
  return answered(200, { faults: faults.list().map(view) });
}

function endAll(faults: Pick<VenueFaults, "list" | "end">): HttpAnswer {
  const ended = faults.list();
  for (const { id } of ended) faults.end(id);
  return answered(200, { ended: ended.map(view) });
}

function one(fault: Fault | undefined, id: string): HttpAnswer {
  if (fault !== undefined) return answered(200, view(fault));
  const remedy = "GET /v1/paper/faults lists those that are active; what happens at once is none.";
  return refusal(404, new UsageError("fault", "one that is active", id, remedy));
}

/** A fault as it is shown; `null` stands for all accounts, and for no end. */
function view({ id, type, account, startedAt, endsAt, settings }: Fault): object {
  return { id, type, account: account ?? null, startedAt, endsAt: endsAt ?? null, ...settings };
}
