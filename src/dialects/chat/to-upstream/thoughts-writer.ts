import type { ForeignObject } from "../../../core/json/foreign-json.ts";
import type { Part, ThoughtPart } from "../../conversation.ts";
import { placeSeal, writeDetails } from "../details.ts";
import { isOpenAi, type ModelFamily } from "../../openai/model-family.ts";

/** Thoughts of an assistant's message, in the place that their upstream told them at. */
interface WrittenThoughts {
  /** Members of the message. */
  readonly members: object;
  /** Parts of its content, of Mistral's. */
  readonly content: readonly object[] | undefined;
}

const NONE: WrittenThoughts = { members: {}, content: undefined };

/** Stands for thoughts that there are none of: DeepSeek wants them with every call, and V4 refuses `""`. github.com/NousResearch/hermes-agent, pull request 18263 */
const STAND_IN = " ";

/** Types of LiteLLM's `thinking_blocks`. */
const BLOCKS: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking"]);

/**
 * The thoughts that came from an upstream of this dialect; those of others are nobody's here. OpenAI takes none in any form. Who told them as `reasoning` wants none
 * back (Groq: "property 'reasoning' is unsupported", github.com/karthink/gptel, issue 774), and Mistral takes them in its contents only.
 */
export function writeThoughts(parts: readonly Part[], family: ModelFamily): WrittenThoughts {
  if (isOpenAi(family)) return NONE;
  const own = parts.filter((part): part is ThoughtPart => part.kind === "thought" && part.seal?.dialect === "chat");
  const at = (place: Parameters<typeof placeSeal>[0]): string =>
    own
      .filter(({ seal }) => seal?.value === placeSeal(place).value)
      .map(({ text }) => text)
      .join("");
  if (family === "mistral") {
    const text = at("content");
    return text === "" ? NONE : { members: {}, content: [{ type: "thinking", thinking: [{ type: "text", text }] }] };
  }
  const isMissed = family === "deepseek" && parts.some(({ kind }) => kind === "call");
  const text = at("reasoning_content") || (isMissed ? STAND_IN : "");
  const entries: readonly ForeignObject[] = own.flatMap((thought, index) => writeDetails(thought, index));
  const details = entries.filter(({ type }) => !BLOCKS.has(type));
  const blocks = entries.filter(({ type }) => BLOCKS.has(type));
  const members = {
    ...(text === "" ? {} : { reasoning_content: text }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(blocks.length === 0 ? {} : { thinking_blocks: blocks }),
  };
  return { members, content: undefined };
}
