/** 14 letters and figures at most: FNV-1a of 32 bits over UTF-16 units, from two beginnings. Tells texts apart, and hides nothing. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function digest(text: string): string {
  return fnv1a(text, 0x81_1c_9d_c5) + fnv1a(text, 0x01_00_01_93);
}

/** The beginning of a text and, in the place of the rest, a digest of all of it: together no longer than so many characters. */
export function shortened(text: string, longest: number): string {
  const end = `_${digest(text)}`;
  return text.slice(0, longest - end.length).toWellFormed() + end;
}

function fnv1a(text: string, basis: number): string {
  let value = basis;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01_00_01_93);
  return (value >>> 0).toString(36);
}
