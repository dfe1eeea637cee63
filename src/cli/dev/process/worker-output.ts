import { stripVTControlCharacters } from "node:util";

/** What wrangler says of itself, as of 4.155: its banner, its builds, its table of bindings, its log of requests. */
const CHATTER = [
  /^\s*$/,
  /^[─]+$/,
  /^\s*[⎔🌀🪵⛅]/u,
  /^\[wrangler:(info|debug)\]/,
  /^\[custom build\]/,
  /^The file .* changed, restarting build/,
  /^Using secrets defined in /,
  /^Your Worker has access to the following bindings:/,
  /^Binding +Resource +Mode/,
  /^env\.\S+ /,
  /^Total Upload: /,
];

/** What the runtime says of its own source when an upstream cannot be reached: the answer and the trace say that, in words. */
const RUNTIME_NOISE = [/^\s*\w+ = \S+\.(rs|c\+\+|h):\d+: failed/, /^\s*stack: \S*workerd@/];

/** Wrangler's marks before what a Worker logged as an error or a warning, or threw. */
const MARK = /^(?:[✘▲] \[(?:ERROR|WARNING)\] |\[wrangler:(?:error|warn)\] ?)/;

/** One line of the gateway process's output as the Worker wrote it; `null` where it is wrangler's chatter. */
export function workerLine(raw: string): string | null {
  const line = stripVTControlCharacters(raw).trimEnd();
  return [...CHATTER, ...RUNTIME_NOISE].some((pattern) => pattern.test(line)) ? null : line.replace(MARK, "");
}
