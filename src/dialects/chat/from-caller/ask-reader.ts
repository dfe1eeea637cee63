import { type JsonMember, memberValue } from "../../../core/json/json-members.ts";
import { fail, ok, type Result } from "../../../core/result.ts";
import type { Untranslatable } from "../../../core/translation.ts";
import type { Ask } from "../../conversation.ts";
import { Asked } from "../../reading/asked.ts";
import { readConversation } from "./conversation-reader.ts";
import { readSettings } from "./settings-reader.ts";
import { readToolChoice, readTools } from "./tools-reader.ts";

/** Reads a request: https://platform.openai.com/docs/api-reference/chat/create. `null` is as good as nothing. */
export function readAsk(members: readonly JsonMember[]): Result<Ask, Untranslatable> {
  const request: Record<string, unknown> = {};
  for (const member of members) request[member.key] = memberValue(member);
  const asked = new Asked();
  const ask: Ask = {
    stream: request["stream"] === true,
    ...readConversation(request["messages"], asked),
    tools: readTools(request, asked),
    ...readToolChoice(request, asked),
    ...readSettings(request, asked),
    asked: asked.features,
  };
  return asked.fault === undefined ? ok(ask) : fail(asked.fault);
}
