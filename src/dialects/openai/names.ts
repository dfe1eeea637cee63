import { shortened } from "../writing/digest.ts";
import type { NameRule } from "../writing/tool-names.ts";

/**
 * The longest name of a tool, and the characters it may have: https://platform.openai.com/docs/api-reference/chat/create. Responses takes longer ones from some
 * models on; what is shorter is taken by all.
 */
export const NAME_RULE: NameRule = { longest: 64, lawful: /^[\w-]+$/, unlawfulCharacters: /[^\w-]/g };

/** `Invalid 'input[2].call_id': string too long. Expected a string with maximum length 64`: github.com/RooCodeInc/Roo-Code, pull request 10763. */
const LONGEST_CALL_ID = 64;

/** A call's id as Responses takes it, alike in the call and in its output. */
export function lawfulCallId(id: string): string {
  return id.length <= LONGEST_CALL_ID ? id : shortened(id, LONGEST_CALL_ID);
}

/** The name of an answer's schema, which has the rule of tools. */
export function lawfulFormatName(name: string): string {
  const { lawful, unlawfulCharacters, longest } = NAME_RULE;
  return lawful.test(name) && name.length <= longest ? name : name.replaceAll(unlawfulCharacters, "_").slice(0, longest) || "answer";
}
