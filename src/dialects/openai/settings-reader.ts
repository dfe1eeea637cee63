import { type ForeignObject, isObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import type { Ask, Feature, Format } from "../conversation.ts";
import type { Asked } from "../reading/asked.ts";
import type { Facts } from "./tools-reader.ts";

/** What the answer is to look like. `param`: where that is said. */
export function readFormat(value: unknown, facts: Facts, param: string, asked: Asked): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const told = objectOf(value);
  switch (told["type"]) {
    case "text":
      return undefined;
    case "json_object":
      return asked.member({ kind: "json" }, "json_object", param);
    case "json_schema": {
      const { name, description, schema, strict } = facts === "inside" ? objectOf(told["json_schema"]) : told;
      if (facts === "inside" && !isObject(told["json_schema"]))
        asked.wrong(`${param}.json_schema`, "is missing: name and schema stand in it");
      const format: Format = {
        kind: "schema",
        name: textOf(name) ?? "answer",
        description: textOf(description),
        schema: schema ?? {},
        strict: typeof strict === "boolean" ? strict : undefined,
      };
      return asked.member(format, "json_schema", param);
    }
    default:
      return asked.wrong(`${param}.type`, "is none of text, json_schema, json_object");
  }
}

/** What says who calls, and how. */
export function readCaller(
  request: ForeignObject,
  asked: Asked,
): Pick<Ask, "parallelCalls" | "serviceTier" | "endUser" | "metadata" | "promptCacheKey"> {
  const { parallel_tool_calls: parallel, service_tier: tier, metadata } = request;
  const told = (name: string, feature: Feature): string | undefined => asked.member(textOf(request[name]), feature, name);
  if (parallel === false) asked.feature("parallel_calls", "parallel_tool_calls");
  return {
    parallelCalls: typeof parallel === "boolean" ? parallel : undefined,
    // `auto` is what is done anyway.
    serviceTier: tier === "auto" ? undefined : told("service_tier", "service_tier"),
    endUser: told(textOf(request["safety_identifier"]) === undefined ? "user" : "safety_identifier", "end_user"),
    metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? asked.member(metadata, "metadata", "metadata") : undefined,
    promptCacheKey: told("prompt_cache_key", "prompt_cache_key"),
  };
}

/** How many words there are to be; `medium` is what is done anyway. */
export function readVerbosity(value: unknown, param: string, asked: Asked): string | undefined {
  return value === "medium" ? undefined : asked.member(textOf(value), "verbosity", param);
}
