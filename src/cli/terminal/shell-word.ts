/** A text as one word of a POSIX shell: nothing in it means anything but itself. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
