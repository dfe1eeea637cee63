import type { Ask } from "../conversation.ts";

/**
 * What is known of a model by its name. OpenAI's: `plain`: it does not reason; `o_series`, `gpt_5`, `codex`: it always does; `gpt_5_1`, `later`: it does
 * unless the effort is `none`. `mistral`, `deepseek`, `gemini`: of those makers, with rules of their own. `unknown`: a deployment, any other maker's.
 */
export type ModelFamily = "plain" | "o_series" | "gpt_5" | "gpt_5_1" | "codex" | "later" | "mistral" | "deepseek" | "gemini" | "unknown";

const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  // `gpt-4o`, `ft:gpt-4.1-mini:…`, `gpt-35-turbo`, `chatgpt-4o-latest`, and `gpt-5.2-chat-latest`, which takes no effort but one: github.com/egoist/chatwise-releases, issue 1257
  [/^(ft:)?(gpt-[34]|chatgpt-|gpt-5(\.\d+)?-chat)/, "plain"],
  // `gpt-5-codex` and `gpt-5.1-codex` have the efforts of these: github.com/CherryHQ/cherry-studio, issue 10430; github.com/openai/codex, issue 6647
  [/^(ft:)?(o\d|gpt-5(\.1)?-codex(?!-max))/, "o_series"],
  [/^(ft:)?gpt-5\.\d+-codex/, "codex"],
  [/^(ft:)?gpt-5(-|$)/, "gpt_5"],
  [/^(ft:)?gpt-5\.1/, "gpt_5_1"],
  // From GPT-5.1 on: https://platform.openai.com/docs/guides/latest-model
  [/^(ft:)?gpt-(5\.[1-9]|[6-9]|[1-9]\d)/, "later"],
  [/mi[sx]tral|(min|mag|code|dev)i?stral|pixtral|voxtral/, "mistral"],
  [/^gemini-/, "gemini"],
];

const OPENAI: ReadonlySet<ModelFamily> = new Set(["plain", "o_series", "gpt_5", "gpt_5_1", "codex", "later"]);

/** The family of a model. Names of providers before it do not count (`openai/gpt-5.4`), but that DeepSeek's own API has none. */
export function modelFamily(model: string): ModelFamily {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  if (/^deepseek-(?!r1-distill)/.test(model)) return "deepseek";
  return FAMILIES.find(([names]) => names.test(name))?.[1] ?? "unknown";
}

/** Whether it is one of OpenAI's, which refuse members that they do not know. */
export function isOpenAi(family: ModelFamily): boolean {
  return OPENAI.has(family);
}

/** OpenAI's models that reason. */
const REASONING: ReadonlySet<ModelFamily> = new Set(["o_series", "gpt_5", "gpt_5_1", "codex", "later"]);

/** Those of them that do not where they are told so. */
const REASONING_OR_NOT: ReadonlySet<ModelFamily> = new Set(["gpt_5_1", "later"]);

/** Whether it is one of OpenAI's that reason, always or where they are not told otherwise. */
export function canReason(family: ModelFamily): boolean {
  return REASONING.has(family);
}

/** Whether it reasons over this: what draws words is refused then. */
export function reasons({ thinking }: Pick<Ask, "thinking">, family: ModelFamily): boolean {
  return REASONING.has(family) && !(REASONING_OR_NOT.has(family) && thinking?.kind === "off");
}
