import { styleText } from "node:util";

/** How a piece of output is dressed. Colours appear on a terminal only, and not where NO_COLOR is set. */
export type Format = "bold" | "dim" | "red" | "green" | "yellow";

/** `text` dressed for standard output. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** `text` dressed for standard error. */
export function paintError(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

/** Writes lines of output. */
export function print(...lines: readonly string[]): void {
  clearProgress();
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** Writes lines that are no output: problems and warnings. */
export function printError(...lines: readonly string[]): void {
  clearProgress();
  for (const line of lines) process.stderr.write(`${line}\n`);
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
  process.stderr.write(paintError("dim", text));
  progressShown = true;
}

/** Takes the progress line away. */
export function clearProgress(): void {
  if (progressShown) process.stderr.write("\r\x1b[2K");
  progressShown = false;
}
