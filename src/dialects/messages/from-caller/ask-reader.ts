import type { ForeignObject } from "../../../core/json/foreign-json.ts";
import { type JsonMember, memberValue } from "../../../core/json/json-members.ts";
import { fail, ok, type Result } from "../../../core/result.ts";
import type { Untranslatable } from "../../../core/translation.ts";
import type { Ask, Feature } from "../../conversation.ts";
import { Asked } from "../../reading/asked.ts";
import { readConversation } from "./conversation-reader.ts";
import { readSettings } from "./settings-reader.ts";
import { readTools } from "./tools-reader.ts";

/** The members that have a place in `Ask`. */
const READ: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "system",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "service_tier",
]);

/**
 * Members of https://platform.claude.com/docs/en/api/messages, and of its beta, that have none. What is not here either (`speed`, `fallbacks`, `diagnostics` and all
 * that is not known yet) only tunes, as far as is known.
 */
const FEATURES: ReadonlyMap<string, Feature> = new Map([
  ["cache_control", "cache_hint"],
  ["context_management", "truncation"],
  ["inference_geo", "inference_region"],
  // Where code of hosted tools runs, with the files and skills it has there.
  ["container", "hosted_tool"],
  ["mcp_servers", "hosted_tool"],
]);

/** Reads a request to the Messages API. */
export function readAsk(members: readonly JsonMember[]): Result<Ask, Untranslatable> {
  const asked = new Asked();
  const body: ForeignObject = Object.fromEntries(members.map((member) => [member.key, memberValue(member)]));
  for (const [name, value] of Object.entries(body)) {
    if (!READ.has(name) && isGiven(value)) asked.feature(FEATURES.get(name) ?? "unknown_member", name);
  }
  const ask: Ask = {
    stream: body["stream"] === true,
    ...readConversation(body, asked),
    ...readTools(body, asked),
    ...readSettings(body, asked),
    allowedTools: undefined,
    seed: undefined,
    presencePenalty: undefined,
    frequencyPenalty: undefined,
    verbosity: undefined,
    metadata: undefined,
    promptCacheKey: undefined,
    asked: asked.features,
  };
  return asked.fault === undefined ? ok(ask) : fail(asked.fault);
}

/** Nothing is asked for with `null`, or with a list that is empty. */
function isGiven(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}
