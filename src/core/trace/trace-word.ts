import { shortCopy } from "../short-copy.ts";
import { LONGEST_SECRET_BYTES } from "./trace-content.ts";

/** Longest text of a caller's or an upstream's that a trace keeps, UTF-16 units: a trace stays small whatever is said. Spec, "Labels". */
const WORD_CHARACTERS = 256;

/** A text of somebody else's as a trace keeps it: without secrets, in whole characters, not too long. */
export function traceWord(text: string, redact: (text: string) => string): string {
  // A secret that begins within what is kept ends within what is searched.
  return shortCopy(redact(text.slice(0, WORD_CHARACTERS + LONGEST_SECRET_BYTES)), WORD_CHARACTERS);
}
