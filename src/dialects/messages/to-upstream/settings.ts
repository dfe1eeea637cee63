import type { TranslationTarget } from "../../../core/translation.ts";
import type { Ask } from "../../conversation.ts";
import { shortened } from "../../writing/digest.ts";
import type { ModelTraits } from "../models.ts";
import type { Notes } from "../../writing/notes.ts";

/** What a model may answer of which nothing is known, tokens. The API wants a number; those of its first models that answered the most took this one. */
const DEFAULT_MAX_TOKENS = 8192;

/** The least `top_p` of a model that thinks: "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled" */
const LEAST_THINKING_TOP_P = 0.95;

/** Characters of `metadata.user_id`: https://platform.claude.com/docs/en/api/messages */
const LONGEST_USER_ID = 256;

/** The most tokens of an answer: as was asked for, as far as the model goes, or all that it does. */
export function maxTokensOf({ maxOutputTokens: asked }: Ask, target: TranslationTarget, traits: ModelTraits, notes: Notes): number {
  const most = target.maxOutputTokens ?? traits.maxOutputTokens;
  if (asked !== undefined && (most === undefined || asked <= most)) return asked;
  const given = most ?? DEFAULT_MAX_TOKENS;
  notes.tell("max_output_tokens", given);
  return given;
}

/** How tokens are drawn. Models that think draw by themselves; others take one way to narrow them, not two. */
export function writeSampling({ temperature, topP, topK }: Ask, traits: ModelTraits, thinks: "on" | "off", notes: Notes): object {
  const isFixed = traits.sampling === "none" || thinks === "on";
  const written: { temperature?: number; top_p?: number; top_k?: number } = {};
  if (temperature !== undefined) {
    // The API's own default, and its most.
    if (!isFixed) written.temperature = Math.min(temperature, 1);
    if (temperature > 1) notes.tell("temperature", 1);
    else if (isFixed && temperature < 1) notes.tell("temperature");
  }
  if (topP !== undefined && topP !== 1) {
    const isTaken =
      traits.sampling === "none"
        ? false
        : thinks === "on"
          ? topP >= LEAST_THINKING_TOP_P
          : traits.sampling === "all" || temperature === undefined;
    if (isTaken) written.top_p = topP;
    else notes.tell("top_p");
  }
  if (topK !== undefined) {
    if (isFixed) notes.tell("top_k");
    else written.top_k = topK;
  }
  return written;
}

/** What ends an answer: "each stop sequence must contain non-whitespace". */
export function writeStop({ stop }: Ask, notes: Notes): object {
  const lawful = stop?.filter((sequence) => sequence.trim() !== "") ?? [];
  if (lawful.length < (stop?.length ?? 0)) notes.tell("stop");
  return lawful.length === 0 ? {} : { stop_sequences: lawful };
}

/** Who asks, through the caller. */
export function writeEndUser({ endUser }: Ask, notes: Notes): object {
  if (endUser === undefined) return {};
  const user = endUser.length > LONGEST_USER_ID ? shortened(endUser, LONGEST_USER_ID) : endUser;
  if (user !== endUser) notes.tell("end_user");
  return { metadata: { user_id: user } };
}
