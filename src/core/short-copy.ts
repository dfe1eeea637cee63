const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The beginning of a text as a string of its own, or `null` where there is none: a slice would keep all of the text in memory as long as itself. */
export function shortCopy(text: string | undefined, characters: number): string | null {
  if (text === undefined) return null;
  return text.length <= characters ? text : decoder.decode(encoder.encode(text.slice(0, characters)));
}
