/**
 * What a terminal would obey, or would hide, instead of showing it: control characters, those that turn the direction of writing (UTS #55, "Trojan source"),
 * breaks of lines and blanks without width, and tags; halves of pairs, which are no character.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", String.raw`\n`],
  ["\r", String.raw`\r`],
  ["\t", String.raw`\t`],
]);

/** A text of somebody else's, on one line, with all that is not seen written as JSON escapes it: `"\u001b[2J"` is `\u001b[2J`. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => SHORT.get(character) ?? escapesOf(character));
}

/** The same, but line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replaceAll(UNSEEN, (character) => (character === "\n" || character === "\t" ? character : (SHORT.get(character) ?? escapesOf(character)))); // prettier-ignore
}

function escapesOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
