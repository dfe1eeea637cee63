import { isObject } from "../../core/json/foreign-json.ts";

/** OpenAI refuses an object that does not say its properties ("object schema missing properties": github.com/spring-projects/spring-ai, issue 4776). */
export function lawfulSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { type = "object", properties = {} } = schema;
  return type === "object" ? { ...schema, type, properties } : schema;
}
