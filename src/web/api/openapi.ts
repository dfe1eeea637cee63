import * as z from "zod";
import { version } from "../../../package.json";
import type { ApiRoute } from "./routes.ts";

const ERROR_SCHEMA = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
});

/** The control API as an OpenAPI 3.1 document, made from the schemas that its answers are written by. */
export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[`/api${route.path}`] = { ...paths[`/api${route.path}`], [route.method.toLowerCase()]: operationOf(route) };
  return {
    openapi: "3.1.0",
    info: { title: "to11 control API", version },
    security: [{ admin_key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        admin_key: { type: "http", scheme: "bearer", description: "TO11_ADMIN_KEY" },
        session: { type: "apiKey", in: "cookie", name: "__Host-to11_session" },
      },
    },
  };
}

function operationOf(route: ApiRoute): object {
  const { body, answers, access } = route;
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = route.parameters.map((name) => ({ name, in: "query", schema: { type: "string" } }));
  return {
    summary: route.summary,
    parameters: [...inPath, ...inQuery],
    ...(access === "anyone" ? { security: [] } : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyOf(body) } }),
    responses: {
      ...(answers === undefined
        ? { 204: { description: "done" } }
        : { 200: { description: "the answer", content: jsonOf(answers, "output") } }),
      default: { description: "refused", content: jsonOf(ERROR_SCHEMA, "output") },
    },
  };
}

function bodyOf(body: "toml" | z.ZodType): object {
  return body === "toml" ? { "application/toml": { schema: { type: "string" } } } : jsonOf(body, "input");
}

function jsonOf(schema: z.ZodType, io: "input" | "output"): object {
  return { "application/json": { schema: z.toJSONSchema(schema, { io }) } };
}
