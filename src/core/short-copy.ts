const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * The beginning of a text in whole characters, at most so many UTF-16 units, as a string of its own: a slice would keep all of the text in memory as long as
 * itself. Halves of characters, which JSON can write and nobody can read, are replaced.
 */
export function shortCopy(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed();
  const isSplit = /[\ud800-\udbff]/.test(text.charAt(length - 1));
  return decoder.decode(encoder.encode(text.slice(0, isSplit ? length - 1 : length)));
}
