/** Shortest secret that is looked for in texts, characters: a shorter one would be found in ordinary words. */
export const SHORTEST_SECRET = 8;

const encoder = new TextEncoder();

/** Every byte is a character of its own: https://encoding.spec.whatwg.org/#single-byte-decoder */
const SINGLE_BYTES = new TextDecoder("windows-1252");

/** In how many places of a group of three bytes a secret can begin inside a longer text that is in base64. */
const ALIGNMENTS = [0, 1, 2] as const;

/**
 * Every writing in which a secret may stand in a text, each at least as long as the shortest secret: as it is, as JSON and URLs write it, and in base64, of a
 * longer text too (`user:password`). What only differs by escapes, or by base64's two alphabets, counts as one: see `unitAt`.
 */
export function formsOf(secret: string): readonly string[] {
  return partsOf(secret).flatMap((part) => {
    const bytes = encoder.encode(part);
    const inUrl = encodeURIComponent(part.toWellFormed());
    // Both ways in which the characters of a key that are not ASCII become bytes.
    const encodings = [String.fromCharCode(...bytes), ...(/[^\0-\xff]/.test(part) ? [] : [part])];
    return [
      part,
      binaryText(bytes),
      JSON.stringify(part).slice(1, -1),
      inUrl,
      inUrl.replaceAll("%20", "+"),
      ...encodings.flatMap((binary) => ALIGNMENTS.map((before) => alignedBase64(binary, before))),
    ];
  });
}

/** What of a header's value is a secret by itself: all of it, what stands behind a scheme (`Bearer …`), and of a `Basic …` the pair and its password. */
export function partsOf(value: string): readonly string[] {
  const token = /^[A-Za-z][\w-]*\s+(\S+)$/.exec(value.trim())?.[1];
  if (token === undefined) return longEnough([value]);
  const pair = /^\s*basic\s/i.test(value) ? decodedBase64(token) : undefined;
  const password = pair === undefined ? undefined : pair.slice(pair.indexOf(":") + 1);
  return longEnough([value, token, pair ?? "", password ?? ""]);
}

/** Bytes as text, one character for each: of what extends ASCII the letters of a key read as they are. */
export function binaryText(bytes: Uint8Array): string {
  return SINGLE_BYTES.decode(bytes);
}

function longEnough(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => text.length >= SHORTEST_SECRET);
}

/** The characters that these bytes come to in base64 behind so many others, whatever those are and whatever follows. */
function alignedBase64(binary: string, before: number): string {
  const text = btoa("\0".repeat(before) + binary).replace(/=+$/, "");
  const endsGroup = (before + binary.length) % 3 === 0;
  return text.slice(before === 0 ? 0 : before + 1, endsGroup ? undefined : -1);
}

function decodedBase64(text: string): string | undefined {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return /^[A-Za-z0-9+/]*$/.test(plain) && plain.length % 4 !== 1 ? atob(plain) : undefined;
}
