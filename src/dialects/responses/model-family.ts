/**
 * What is known of a model by its name. `plain`: it does not reason; `o_series` and `gpt_5`: it always does; `later`: it does unless the effort is `none`;
 * `unknown`: a deployment, another maker's.
 */
export type ModelFamily = "plain" | "o_series" | "gpt_5" | "later" | "unknown";

const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  // They refuse everything of reasoning ("Encrypted content is not supported with this model": github.com/pydantic/pydantic-ai, issues 2865 and 3326):
  // `gpt-4o`, `ft:gpt-4.1-mini:…`, `gpt-35-turbo`, `chatgpt-4o-latest`, `gpt-5.2-chat-latest`.
  [/^(ft:)?(gpt-[34]|chatgpt-|gpt-5(\.\d+)?-chat)/, "plain"],
  [/^(ft:)?o\d/, "o_series"],
  // `gpt-5`, `gpt-5-mini-2025-08-07`.
  [/^(ft:)?gpt-5(-|$)/, "gpt_5"],
  // From GPT-5.1 on: https://platform.openai.com/docs/guides/latest-model
  [/^(ft:)?gpt-(5\.[1-9]|[6-9]|[1-9]\d)/, "later"],
];

/** The family of a model. Names of providers before it do not count: `openai/gpt-5.4`. */
export function modelFamily(model: string): ModelFamily {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  return FAMILIES.find(([names]) => names.test(name))?.[1] ?? "unknown";
}
