/** The native face described for programs: OpenAPI 3.1, from the table that routes it. Pure. */
import { type NativeRoute, PARAMETERS, ROUTES } from "./native-routes.ts";
import { SCHEMAS, schemaNamed } from "./openapi-schemas.ts";

/** What else the same port answers: paths as OpenAPI writes them. */
export type MorePaths = Readonly<Record<string, object>>;

/** The description. @param version of listenkey @param more paths of others on the same port */
export function describeFace(version: string, more: MorePaths = {}): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "listenkey hub",
      version,
      description:
        "Accounts of Binance USDⓈ-M Futures: what they hold, and every event, gap and repair as one numbered record.",
    },
    paths: { ...paths, ...more },
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "A token of this hub." } },
    },
  };
}

function operationOf(route: NativeRoute): object {
  const { name, summary, may, parameters, path, body } = route;
  const id = { name: "id", in: "path", required: true, description: "The account.", schema: { type: "string" } };
  const query = parameters.map((parameter) => ({ name: parameter, in: "query", ...PARAMETERS[parameter] }));
  return {
    operationId: name,
    summary,
    ...(may === "anybody" ? { security: [] } : { security: [{ token: [] }, {}], "x-scope": may }),
    parameters: path.includes("{id}") ? [id, ...query] : query,
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf("application/json", body) } }),
    responses: responsesOf(route),
  };
}

function responsesOf({ answer, refusals, summary }: NativeRoute): object {
  const content = Object.entries(answer).map(([type, schema]) => contentOf(type, schema));
  const codes = refusals.length === 0 ? "" : ` Codes of its own: ${refusals.join(", ")}.`;
  const refused = {
    description: `Refused: \`code\` says why, \`remedy\` what to do.${codes}`,
    content: contentOf("application/json", "Error"),
  };
  // OpenAPI knows no websockets: their frames are described as the answer to the upgrade.
  const [status, media] = "101" in answer ? ["101", contentOf("application/json", "Record")] : ["200", assign(content)];
  return { [status]: { description: summary, content: media }, default: refused };
}

function contentOf(type: string, schema: string): Readonly<Record<string, object>> {
  return { [type]: { schema: schemaNamed(schema) } };
}

function assign(parts: readonly object[]): object {
  return Object.assign({}, ...parts) as object;
}
