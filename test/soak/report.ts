import type { Memory } from "../support/memory.ts";
import { mostBytes, type Round } from "./round.ts";

const STORIES_SHOWN = 20;
const MEBIBYTE = 1024 * 1024;

/** What came of a round, in lines for people. */
export function reportOf(round: Round): string {
  const { order, seconds, requests, tally, memory } = round;
  const share = (count: number): string => `${((100 * count) / Math.max(1, requests)).toFixed(1)} %`;
  const line = (name: string, count: number): string => `${name.padEnd(36)}${String(count).padStart(7)}${share(count).padStart(10)}`;
  const [before, after] = memory;
  const machine = order.machine === "slow" ? ", a slow machine" : "";
  return [
    `${requests} requests of ${order.requests} in ${seconds.toFixed(0)} s, seed ${order.seed}${machine}\n`,
    line("answers whole", tally.whole),
    line("rescued", tally.rescued),
    line("honest errors", tally.honestErrors),
    line("truncated, and said so", tally.truncatedAndSaid),
    line("callers gone", tally.callersGone),
    line("  gone before they had arrived", tally.neverArrived),
    "must be 0:",
    line("  wrong answers", tally.wrong),
    line("  hung requests", tally.hung),
    line("  requests without exactly one trace", tally.notTracedOnce),
    `memory, MiB: ${shown(before)} at the first 2,000, ${shown(after)} at the end`,
    ...(after.liveBytes > mostBytes(round) ? [`  that is more than ${inMebibytes(mostBytes(round))} alive: something is kept`] : []),
    ...tally.stories.slice(0, STORIES_SHOWN).map((story) => `  ${story}`),
  ].join("\n");
}

function shown({ liveBytes, processBytes }: Memory): string {
  return `${inMebibytes(liveBytes)} alive (process ${inMebibytes(processBytes)})`;
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
