import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import { visibleLines } from "./visible.ts";

/** How a piece of output is dressed. Colours appear on a terminal only, and not where NO_COLOR is set. */
export type Format = "bold" | "dim" | "red" | "green" | "yellow";

/** Stands around what the terminal is to obey. It is made of chance: no text from elsewhere holds it. */
const COMMAND = `\u{FDD0}${randomUUID()}`;

/** `text` dressed for standard output, where `print` writes it. */
export function paint(format: Format, text: string): string {
  return dressed(format, text, process.stdout);
}

/** `text` dressed for standard error, where `printError` writes it. */
export function paintError(format: Format, text: string): string {
  return dressed(format, text, process.stderr);
}

function dressed(format: Format, text: string, stream: NodeJS.WriteStream): string {
  const [before = "", after = ""] = styleText(format, COMMAND, { stream }).split(COMMAND);
  return before === "" ? text : `${COMMAND}${before}${COMMAND}${text}${COMMAND}${after}${COMMAND}`;
}

/** A line as it is written: the terminal obeys what `paint` put in, and shows all else. */
function shown(line: string): string {
  return line
    .split(COMMAND)
    .map((piece, index) => (index % 2 === 0 ? visibleLines(piece) : piece))
    .join("");
}

/** Writes lines of output. Whoever's words are in them, no character commands the terminal. */
export function print(...lines: readonly string[]): void {
  clearProgress();
  for (const line of lines) process.stdout.write(`${shown(line)}\n`);
}

/** Writes lines that are no output: problems and warnings. */
export function printError(...lines: readonly string[]): void {
  clearProgress();
  for (const line of lines) process.stderr.write(`${shown(line)}\n`);
}

/** Writes a file's text: as it is into a pipe or a file, to be looked at on a terminal. */
export function printText(text: string): void {
  process.stdout.write(process.stdout.isTTY ? shown(text) : text);
}

/** Writes `value` as indented JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

let progressShown = false;

/** Says what long work is at, on a terminal only; whatever is said next takes its place. */
export function showProgress(text: string): void {
  clearProgress();
  if (!process.stderr.isTTY) return;
  process.stderr.write(shown(paintError("dim", text)));
  progressShown = true;
}

/** Takes the progress line away. */
export function clearProgress(): void {
  if (progressShown) process.stderr.write("\r\x1b[2K");
  progressShown = false;
}
