/**
 * Parameters as they came, against the rows of an endpoint. Pure. Protocol sheet 2.2.
 *
 * Rules kept here: a parameter the endpoint names must not be empty; a required one must be there and well formed;
 * parameters it does not name are passed over, as clients send many (*assumed*; `-1101` to `-1104` exist).
 */
import type { GivenParameters } from "../protocol/endpoints/endpoint.ts";
import type { Parameter, ParameterRows } from "../protocol/endpoints/parameters.ts";
import { type ErrorBody, errorBody, errorVariant } from "../protocol/error-codes.ts";
import { type FormReading, readForm } from "../protocol/form-text.ts";
import type { HttpCall } from "./http-call.ts";

/** What was sent, or what is wrong with how it was sent. */
export type GivenReading =
  | { readonly outcome: "read"; readonly given: GivenParameters }
  | { readonly outcome: "refused"; readonly error: ErrorBody };

/** The body as far as it carries parameters: a `GET` has none there, and JSON is no form. */
export function formBody(call: HttpCall): string {
  const isForm = call.method !== "GET" && !(call.headers["content-type"] ?? "").toLowerCase().includes("json");
  return isForm ? call.body : "";
}

/** Reads query and body together: the query wins where both name the same. */
export function readGiven(query: string, body: string): GivenReading {
  const ofQuery = readForm(query);
  const ofBody = readForm(body);
  if (ofQuery.outcome !== "read") return { outcome: "refused", error: formError(ofQuery) };
  if (ofBody.outcome !== "read") return { outcome: "refused", error: formError(ofBody) };
  return { outcome: "read", given: new Map([...ofBody.parameters, ...ofQuery.parameters]) };
}

function formError(reading: Exclude<FormReading, { readonly outcome: "read" }>): ErrorBody {
  return reading.outcome === "malformed" ? errorBody(-1100) : errorVariant(-1101, 2);
}

/** The values of an endpoint's parameters, or why they were refused. */
export type ValuesReading =
  | { readonly outcome: "read"; readonly values: Readonly<Record<string, unknown>> }
  | { readonly outcome: "refused"; readonly error: ErrorBody };

/** Reads what an endpoint's rows name, in the order of the rows. */
export function readValues(rows: ParameterRows, given: GivenParameters): ValuesReading {
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows) as [string, Parameter<unknown>][]) {
    const text = given.get(name);
    if (text === undefined && !row.required) continue;
    if (text === undefined) return { outcome: "refused", error: errorBody(-1102, name) };
    if (text === "") return { outcome: "refused", error: errorBody(-1105, name) };
    const value = row.read(text);
    if (value === undefined) return { outcome: "refused", error: errorBody(row.required ? -1102 : -1130, name) };
    values[name] = value;
  }
  return { outcome: "read", values };
}
