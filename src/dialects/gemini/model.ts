/** What is known of a model by its name alone. */
export interface GeminiModel {
  /** `3.1` of `gemini-3.1-pro-preview`; 0: it is not known. */
  readonly generation: number;
  readonly family: "pro" | "flash" | "flash-lite" | "other";
}

/** Google's aliases for whatever is newest: https://ai.google.dev/gemini-api/docs/models#latest */
const NEWEST = Number.POSITIVE_INFINITY;

/** `gemini-3.1-pro-preview`, `gemini-2.5-flash-lite`, `gemini-flash-latest`, each with or without a `models/` before it. */
const NAME = /(?:^|\/)gemini-(?:(\d+(?:\.\d+)?)-)?(pro|flash-lite|flash)?(.*)$/;

/** Models that make images, speech or music, or talk live: they think in ways of their own, or not at all. */
const OTHER_KIND = /image|tts|audio|live|robotics|computer-use/;

/** Reads a model's name. */
export function geminiModel(name: string): GeminiModel {
  const [, number, family, rest = ""] = NAME.exec(name.toLowerCase()) ?? [];
  const generation = number === undefined ? (rest.endsWith("latest") ? NEWEST : 0) : Number(number);
  const known = family === "pro" || family === "flash" || family === "flash-lite" ? family : "other";
  return { generation, family: OTHER_KIND.test(rest) ? "other" : known };
}

/** From which generation on calls must bear the signatures of their thoughts, results may hold images, and schemas go together with tools. */
const THIRD = 3;

/** Whether a model is of the third generation or a later one: https://ai.google.dev/gemini-api/docs/gemini-3 */
export function isThird({ generation }: GeminiModel): boolean {
  return generation >= THIRD;
}
