/**
 * What a page would not show, or would let turn other text around: control characters but for blanks, those that turn the direction of writing (UTS #55,
 * "Trojan source"), blanks without width, and tags; halves of pairs, which are no character.
 */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** A text of somebody else's, with all that is not seen written as JSON escapes it: a right-to-left override is `\u202e`. */
export function seen(text: string): string {
  return text.replaceAll(UNSEEN, escapesOf);
}

/** JSON in which nothing is unseen, for people and shells to take over. */
export function seenJson(value: unknown, indent?: number): string {
  return seen(JSON.stringify(value, null, indent));
}

/** Whether all of a text is seen. */
export function isSeen(text: string): boolean {
  return seen(text) === text;
}

function escapesOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
