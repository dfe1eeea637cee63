/** A word with the space before it; a long word in pieces, so that JSON streams too. */
const TOKEN = /\s*\S{1,12}|\s+$/gu;

/** The tokens of a text, which joined are the text: `"Hello big world"` has `"Hello"`, `" big"`, `" world"`. */
export function tokensOf(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

/** A bound on tokens, where one is given that makes sense. */
export function tokenBound(value: unknown): number | undefined {
  return typeof value === "number" && value >= 1 ? Math.floor(value) : undefined;
}
