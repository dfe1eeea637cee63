import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Format, Thinking } from "../../conversation.ts";
import { readUserId } from "../user-id.ts";
import type { Asked } from "../../reading/asked.ts";

type Settings = Pick<Ask, "maxOutputTokens" | "temperature" | "topP" | "topK" | "stop" | "format" | "thinking" | "serviceTier" | "endUser">;

/** The least that `thinking.budget_tokens` may be: https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
const LEAST_BUDGET_TOKENS = 1024;

/** Reads what a request says besides its conversation and its tools. */
export function readSettings(body: ForeignObject, asked: Asked): Settings {
  const config = objectOf(body["output_config"]);
  const maxOutputTokens = readMaxTokens(body["max_tokens"], asked);
  for (const name of Object.keys(config)) {
    if (name !== "effort" && name !== "format" && config[name] !== null) asked.feature("unknown_member", `output_config.${name}`);
  }
  return {
    maxOutputTokens,
    temperature: asked.number(body["temperature"], "temperature", "temperature"),
    topP: asked.number(body["top_p"], "top_p", "top_p"),
    topK: asked.number(body["top_k"], "top_k", "top_k"),
    stop: readStop(body["stop_sequences"], asked),
    format: readFormat(config["format"], "output_config.format", asked) ?? readFormat(body["output_format"], "output_format", asked),
    thinking: readThinking(body["thinking"], textOf(config["effort"]), { maxOutputTokens, asked }),
    serviceTier: readServiceTier(body["service_tier"], asked),
    endUser: readEndUser(body["metadata"], asked),
  };
}

function readMaxTokens(value: unknown, asked: Asked): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 0)
    return asked.wrong("max_tokens", "fills a cache of Anthropic's and asks for no answer where it is 0; ask for 1 token or more");
  if (isWhole(value)) return asked.member(value, "max_output_tokens", "max_tokens");
  return asked.wrong("max_tokens", "is no whole number of tokens above 0");
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function readStop(value: unknown, asked: Asked): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const stop = arrayOf(value).filter((each) => typeof each === "string");
  if (!Array.isArray(value) || stop.length < value.length) asked.wrong("stop_sequences", "is no list of texts");
  return stop.length === 0 ? undefined : asked.member(stop, "stop", "stop_sequences");
}

/** Anthropic's formats have no name, which others need. */
function readFormat(value: unknown, param: string, asked: Asked): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, schema } = objectOf(value);
  if (type !== "json_schema" || !isObject(schema)) return asked.wrong(param, 'is not {"type": "json_schema", "schema": …}');
  return asked.member({ kind: "schema", name: "answer", description: undefined, schema, strict: undefined }, "json_schema", param);
}

/**
 * How hard to think, in the older form (a budget) or the newer (`adaptive`, and an effort beside it). An effort alone is one too: it says how much the model
 * spends, thinking or not, and other dialects have no other word for either. Where both are said the effort counts: it means something to every model.
 */
function readThinking(
  value: unknown,
  effort: string | undefined,
  { maxOutputTokens, asked }: { readonly maxOutputTokens: number | undefined; readonly asked: Asked },
): Thinking | undefined {
  const { type, budget_tokens: budget, display } = objectOf(value);
  const shown = display !== "omitted";
  switch (type) {
    case undefined:
      if (value !== undefined && value !== null) asked.wrong("thinking", 'is no object with a "type"');
      if (effort === undefined) return undefined;
      return asked.member({ kind: "on", effort, budgetTokens: undefined, shown: false }, "thinking", "output_config.effort");
    case "disabled":
    // It thinks between the calls of tools, but not before it answers.
    case "between_tools":
      return asked.member({ kind: "off" }, "thinking", "thinking");
    case "adaptive":
      return asked.member({ kind: "on", effort, budgetTokens: undefined, shown }, "thinking", "thinking");
    case "enabled": {
      const place = "thinking.budget_tokens";
      if (!isWhole(budget) || budget < LEAST_BUDGET_TOKENS) asked.wrong(place, `is no whole number of at least ${LEAST_BUDGET_TOKENS}`);
      else if (maxOutputTokens !== undefined && budget >= maxOutputTokens)
        asked.wrong(place, `is ${budget}, and has to be below max_tokens, which is ${maxOutputTokens}`);
      const budgetTokens = typeof budget === "number" && effort === undefined ? budget : undefined;
      return asked.member({ kind: "on", effort, budgetTokens, shown }, "thinking", "thinking");
    }
    default:
      return asked.wrong("thinking.type", "is none of adaptive, enabled, disabled");
  }
}

/** `auto` is the default; `standard_only` is what OpenAI calls `default`: no priority, no discount. */
function readServiceTier(value: unknown, asked: Asked): string | undefined {
  if (value === undefined || value === null || value === "auto") return undefined;
  if (value === "standard_only") return asked.member("default", "service_tier", "service_tier");
  asked.feature("unknown_member", "service_tier");
  return undefined;
}

/** Who is behind the caller, without the session that Claude Code says beside it. */
function readEndUser(value: unknown, asked: Asked): string | undefined {
  const { user_id: userId, ...others } = objectOf(value);
  for (const name of Object.keys(others)) asked.feature("unknown_member", `metadata.${name}`);
  const user = textOf(userId);
  return user === undefined ? undefined : asked.member(readUserId(user).user, "end_user", "metadata.user_id");
}
