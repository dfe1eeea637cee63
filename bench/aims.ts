import type { ContenderName } from "./cases.ts";
import type { Sample } from "./measure.ts";
import { overDirect, type Results, type Spread, spreadOf } from "./results.ts";

/** A figure, what it should be at most, and what it was: the median over the rounds, with the least and the greatest. `null`: not measured in this run. */
export interface Aim {
  readonly figure: string;
  readonly aim: string;
  readonly measured: number | null;
  readonly least: number | null;
  readonly greatest: number | null;
  readonly met: boolean | null;
}

type Read = (sample: Sample) => number | undefined;
const CPU: Read = ({ cpuUs }) => cpuUs;
const P50: Read = ({ p50Ms }) => p50Ms;
const FIRST_CONTENT: Read = ({ firstContentMs }) => firstContentMs;

/** A ratio of two contenders in one case. */
interface RatioAim {
  readonly figure: string;
  readonly atMost: number | undefined;
  readonly caseName: string;
  readonly over: ContenderName;
  readonly under: ContenderName;
  readonly read: Read;
  /** Both less direct's. */
  readonly added?: "over direct";
}

const RATIOS: readonly RatioAim[] = [
  ratio("CPU per plain request, gateway ÷ parse-forward", 1.6, "small-16", "parse-forward"),
  ratio("CPU per plain request, gateway ÷ peer, small", 0.5, "small-16", "peer"),
  ratio("CPU per plain request, gateway ÷ peer, 1 MB", 0.25, "1mb", "peer"),
  ratio("CPU per stream of 300 events paced at 5 ms, gateway ÷ tap", 1.0, "paced", "tap"),
  ratio("the same in a burst, gateway ÷ tap", undefined, "burst", "tap"),
  ratio("CPU per stream of 300 events paced at 5 ms, gateway ÷ peer", 1.1, "paced", "peer"),
  ratio("the same in a burst, gateway ÷ peer", undefined, "burst", "peer"),
  {
    ...ratio("first content of a stream, added over direct, gateway ÷ peer", 0.1, "first-content", "peer"),
    read: FIRST_CONTENT,
    added: "over direct",
  },
  { ...ratio("p50 added at concurrency 1, gateway ÷ forward", 2, "small-1", "forward"), read: P50, added: "over direct" },
  ratio("1 MB prompt, CPU, gateway ÷ parse-forward", 1.25, "1mb", "parse-forward"),
  { ...ratio("5,000 routes ÷ 10 routes, CPU per request", 1.05, "twins", "gateway-twin"), over: "gateway-5000" },
  {
    ...ratio("traces on ÷ off, CPU per request, the object's own work included", 1.15, "twins", "gateway-no-traces"),
    over: "gateway-twin",
  },
];

/** What a commit may cost those who do not use what it brings. */
const BEFORE_AIM = 1.02;

const BEFORE_RATIOS: readonly RatioAim[] = [
  ratio("CPU per plain request, gateway ÷ the build before", BEFORE_AIM, "small-16", "gateway-before"),
  ratio("1 MB prompt, CPU, gateway ÷ the build before", BEFORE_AIM, "1mb", "gateway-before"),
  ratio("CPU per stream of 300 events paced at 5 ms, gateway ÷ the build before", BEFORE_AIM, "paced", "gateway-before"),
  ratio("the same in a burst, gateway ÷ the build before", BEFORE_AIM, "burst", "gateway-before"),
  ratio("fallback after a 503, CPU, gateway ÷ the build before", BEFORE_AIM, "fallback", "gateway-before"),
];

const MEMORY_AIM = 1.3;
const SCRIPT_AIM_KIB = 90;

/** The aims and whether they were met. */
export function aimsOf(results: Results): readonly Aim[] {
  const hasBefore = Object.values(results.samples).some((byName) => byName["gateway-before"] !== undefined);
  const ratios = [...RATIOS, ...(hasBefore ? BEFORE_RATIOS : [])];
  return [...ratios.map((each) => ratioAim(each, results)), memoryAim(results), scriptAim(results)];
}

function ratio(figure: string, atMost: number | undefined, caseName: string, under: ContenderName): RatioAim {
  return { figure, atMost, caseName, over: "gateway", under, read: CPU };
}

function ratioAim(of: RatioAim, { samples }: Results): Aim {
  const byName = samples[of.caseName] ?? {};
  const direct = of.added === undefined ? [] : (byName.direct ?? []);
  const over = overDirect(direct, byName[of.over] ?? [], of.read);
  const under = overDirect(direct, byName[of.under] ?? [], of.read);
  const ratios = over.flatMap((value, round) => (under[round] === undefined ? [] : [value / under[round]]));
  return aim(of.figure, of.atMost, spreadOf(ratios));
}

function memoryAim({ footprints }: Results): Aim {
  const figure = "memory peak with 64 concurrent 1 MB prompts, gateway ÷ parse-forward";
  const [over, under] = [footprints.gateway?.peakBytes, footprints["parse-forward"]?.peakBytes];
  if (over === undefined || under === undefined) return aim(figure, MEMORY_AIM, undefined);
  return aim(figure, MEMORY_AIM, {
    median: over.median / under.median,
    least: over.least / under.greatest,
    greatest: over.greatest / under.least,
  });
}

function scriptAim({ script }: Results): Aim {
  const kib = script.gzipBytes / 1024;
  return aim("script, gzip, without dashboard assets, KiB", SCRIPT_AIM_KIB, { median: kib, least: kib, greatest: kib });
}

function aim(figure: string, atMost: number | undefined, spread: Spread | undefined): Aim {
  return {
    figure,
    aim: atMost === undefined ? "—" : `≤ ${atMost}`,
    measured: rounded(spread?.median),
    least: rounded(spread?.least),
    greatest: rounded(spread?.greatest),
    met: spread === undefined || atMost === undefined ? null : spread.median <= atMost,
  };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
