import { fail, ok, type Result } from "../../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../../core/translation.ts";
import type { Ask } from "../../conversation.ts";
import type { WrittenAsk } from "../../dialect.ts";
import { changedAsk } from "../../writing/changed-ask.ts";
import { given } from "../../writing/given.ts";
import { toolNames } from "../../writing/tool-names.ts";
import { traitsOf } from "../models.ts";
import { writeConversation } from "./conversation.ts";
import { Notes } from "../../writing/notes.ts";
import { maxTokensOf, writeEndUser, writeSampling, writeStop } from "./settings.ts";
import { writeThinking } from "./thinking.ts";
import { NAME_RULE, writeTools } from "./tools.ts";

/** Writes a request to the Messages API, as the model of that name takes it: https://platform.claude.com/docs/en/api/messages */
export function writeAsk(ask: Ask, target: TranslationTarget): Result<WrittenAsk, Untranslatable> {
  const traits = traitsOf(target.model);
  const notes = new Notes(ask);
  const names = toolNames(ask, NAME_RULE);
  const writing = { traits, names, notes };
  if (!traits.prefill && ask.turns.at(-1)?.role === "assistant")
    notes.wrong(
      notes.places.first("prefill"),
      `${target.model} does not go on with an answer that is begun; end with a message of the user's`,
    );
  const { system, messages } = writeConversation(ask, writing);
  const { tools, toolChoice, format, answerTool, isForced } = writeTools(ask, writing);
  const { thinking, effort, maxTokens, isOn } = writeThinking(
    ask,
    { isForced, maxTokens: maxTokensOf(ask, target, traits, notes) },
    traits,
    notes,
  );
  const body = given({
    model: target.model,
    max_tokens: maxTokens,
    system,
    messages,
    stream: ask.stream ? true : undefined,
    tools,
    tool_choice: toolChoice,
    thinking,
    output_config: effort === undefined && format === undefined ? undefined : { effort, format },
    ...writeSampling(ask, traits, isOn ? "on" : "off", notes),
    ...writeStop(ask, notes),
    ...writeEndUser(ask, notes),
  });
  if (notes.fault !== undefined) return fail(notes.fault);
  return ok({ body, adapted: [...new Set(notes.adapted)], changed: changedAsk(ask, names, answerTool) });
}
