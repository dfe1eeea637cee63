import type { Aim } from "./aims.ts";
import { CASES, CONTENDERS, type ContenderName } from "./cases.ts";
import type { CaseFigures, Results, Spread } from "./results.ts";

/** Prints everything a run measured, then the aims. */
export function printReport(results: Results, aims: readonly Aim[]): void {
  const { machine, turns } = results;
  console.log(
    `\n${machine.cores} × ${machine.processor}, Linux ${machine.kernel}; workerd ${machine.workerd}, Node ${machine.node}, ${machine.peer}; ${turns.least} to ${turns.most} turns each, medians (least–greatest)\n`,
  );
  printTable(
    ["case", "contender", "CPU µs/request", "requests/s", "p50 added ms", "p99 added ms", "first content added ms"],
    CASES.flatMap(({ name, title }) => caseRows(title, results.cases[name] ?? {})),
  );
  printTable(
    ["fresh process", "start ms", "at rest MiB", "peak MiB with 64 prompts of 1 MB"],
    CONTENDERS.flatMap((name) => {
      const taken = results.footprints[name];
      if (taken === undefined) return [];
      return [[name, spread(taken.startMs, 0), spread(mebibytes(taken.restBytes), 0), spread(mebibytes(taken.peakBytes), 0)]];
    }),
  );
  const { greatestLoadShare: most } = results;
  console.log(
    `The load generator took at most ${(most.share * 100).toFixed(0)} % of a core (${most.case} at ${most.contender}); direct's times are its own, not added ones.\n`,
  );
  printTable(
    ["figure", "aim", "measured", "least–greatest", "met"],
    aims.map((aim) => [aim.figure, aim.aim, number(aim.measured), `${number(aim.least)}–${number(aim.greatest)}`, metWord(aim)]),
  );
}

function caseRows(title: string, byName: Readonly<Partial<Record<ContenderName, CaseFigures>>>): string[][] {
  return CONTENDERS.flatMap((name) => {
    const figures = byName[name];
    if (figures === undefined) return [];
    const { cpuUs, requestsPerSecond, p50AddedMs, p99AddedMs, firstContentAddedMs } = figures;
    return [
      [
        title,
        name,
        spread(cpuUs, 0),
        spread(requestsPerSecond, 0),
        spread(p50AddedMs, 2),
        spread(p99AddedMs, 2),
        spread(firstContentAddedMs, 2),
      ],
    ];
  });
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  console.log([line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ""].join("\n"));
}

function spread(of: Spread | undefined, digits: number): string {
  if (of === undefined) return "";
  const [median, least, greatest] = [of.median, of.least, of.greatest].map((value) => value.toFixed(digits));
  return `${median} (${least}–${greatest})`;
}

function mebibytes({ median, least, greatest }: Spread): Spread {
  return { median: median / 2 ** 20, least: least / 2 ** 20, greatest: greatest / 2 ** 20 };
}

function number(value: number | null): string {
  return value === null ? "" : value.toFixed(2);
}

function metWord({ met, measured }: Aim): string {
  if (met === null) return measured === null ? "not measured" : "";
  return met ? "yes" : "NO";
}
