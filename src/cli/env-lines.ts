/** A line of an env file that is none, and why. Says no name and no value: either may be a key that stands in the wrong place. */
export interface LineFault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*(.*)$/;

/** Behind a value's closing quote: nothing, or a comment. */
const AFTERWARDS = /^\s*(?:#.*)?$/;

/** Every line of an env file that its reader would skip, or take for something else than it looks like. */
export function malformedLines(text: string): LineFault[] {
  const lines = text.split(/\r?\n/);
  const faults: LineFault[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (/^\s*(?:#|$)/.test(line)) continue;
    const value = ASSIGNMENT.exec(line)?.[1];
    if (value === undefined) {
      faults.push({ line: at + 1, message: 'is no NAME="value"' });
      continue;
    }
    const end = endOfValue(value, lines, at);
    if (typeof end === "string") faults.push({ line: at + 1, message: end });
    else at = end;
  }
  return faults;
}

/** The line where a value that begins on this one ends: a quoted one may hold line breaks. Or what is wrong with it. */
function endOfValue(value: string, lines: readonly string[], at: number): number | string {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined) return at;
  for (let line = at; line < lines.length; line += 1) {
    const rest = line === at ? value.slice(1) : (lines[line] ?? "");
    const closing = rest.indexOf(quote);
    if (closing === -1) continue;
    return AFTERWARDS.test(rest.slice(closing + 1)) ? line : "has something behind the value's closing quote";
  }
  return "opens a quote that is never closed";
}
