import * as z from "zod/mini";
import packageJson from "../../../package.json" with { type: "json" };
import * as contract from "./contract.ts";
import * as requests from "./requests.ts";
import type { ApiRoute } from "./routes.ts";

const errorSchema = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.nullable(z.string()), code: z.string() }),
});

/** Every shape that a call may take or give. */
const SHAPES = { ...contract, ...requests, errorSchema };

/**
 * The control API as an OpenAPI 3.1 document, made from the schemas of what it takes and gives. Not part of the Worker's script: `to11 build` puts the
 * result among its assets.
 */
export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[`/api${route.path}`] = { ...paths[`/api${route.path}`], [route.method.toLowerCase()]: operationOf(route) };
  return {
    openapi: "3.1.0",
    info: { title: "to11 control API", version: packageJson.version },
    security: [{ admin_key: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(SHAPES).flatMap(([name, schema]) => shapeOf(name, schema, routes))),
      responses: { refused: { description: "Refused", content: jsonOf("errorSchema") } },
      securitySchemes: {
        admin_key: { type: "http", scheme: "bearer", description: "TO11_ADMIN_KEY" },
        session: { type: "apiKey", in: "cookie", name: "__Host-to11_session" },
      },
    },
  };
}

function operationOf({ path, parameters, summary, body, answers, socket, access }: ApiRoute): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = parameters.map((name) => ({ name, in: "query", schema: { type: "string" } }));
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(access === "anyone" ? { security: [] } : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyOf(body) } }),
    responses: {
      ...answerOf(answers, socket),
      default: { $ref: "#/components/responses/refused" },
    },
  };
}

function answerOf(answers: ApiRoute["answers"], socket: ApiRoute["socket"]): object {
  if (socket !== undefined) return { 101: { description: "A WebSocket; each of its messages is JSON", content: jsonOf(socket) } };
  return answers === undefined ? { 204: { description: "Done" } } : { 200: { description: "The answer", content: jsonOf(answers) } };
}

function bodyOf(body: "toml" | keyof typeof requests): object {
  return body === "toml" ? { "application/toml": { schema: { type: "string" } } } : jsonOf(body);
}

function jsonOf(shape: keyof typeof SHAPES): object {
  return { "application/json": { schema: { $ref: `#/components/schemas/${shape}` } } };
}

/** A shape that some call uses, without the `$schema` that a schema inside a document does not need. */
function shapeOf(name: string, schema: z.core.$ZodType, routes: readonly ApiRoute[]): readonly (readonly [string, object])[] {
  if (name !== "errorSchema" && !routes.some(({ body, answers, socket }) => body === name || answers === name || socket === name))
    return [];
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: name in requests ? "input" : "output" });
  return [[name, shape]];
}
