import type { Build } from "./build.ts";
import type { ContenderName } from "./cases.ts";
import type { Machine } from "./machine.ts";
import { quantile, type Sample } from "./measure.ts";
import type { Footprint } from "./memory.ts";

/** A figure over the rounds: its median, the least and the greatest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** One contender's figures in one case. */
export interface CaseFigures {
  readonly cpuUs: Spread | undefined;
  readonly requestsPerSecond: Spread;
  /** Over direct of the same round; for direct itself its own time; ms. */
  readonly p50AddedMs: Spread | undefined;
  readonly p99AddedMs: Spread | undefined;
  readonly firstContentAddedMs: Spread | undefined;
}

/** All that a run measured. */
export interface Results {
  readonly machine: Machine;
  /** How often each case was measured at each contender: the least and the most. */
  readonly turns: { readonly least: number; readonly most: number };
  readonly script: { readonly bytes: number; readonly gzipBytes: number };
  /** By case, by contender. */
  readonly cases: Readonly<Record<string, Readonly<Partial<Record<ContenderName, CaseFigures>>>>>;
  readonly footprints: Readonly<Partial<Record<ContenderName, { readonly [K in keyof Footprint]: Spread }>>>;
  /** The load generator's greatest share of a core in any measurement: near 1 it was the bottleneck of requests per second there. */
  readonly greatestLoadShare: { readonly case: string; readonly contender: ContenderName; readonly share: number };
  /** Everything, as measured: by case, by contender, by round. */
  readonly samples: Readonly<Record<string, Readonly<Partial<Record<ContenderName, readonly Sample[]>>>>>;
}

/** A figure of each round, put together. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? quantile(sorted, 0.5) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, greatest: sorted.at(-1) ?? Number.NaN };
}

/** Gathers what a run measures. */
export class ResultsDraft {
  readonly #machine: Machine;
  readonly #shipped: Build;
  readonly #samples: Record<string, Partial<Record<ContenderName, Sample[]>>> = {};
  readonly #footprints: Partial<Record<ContenderName, Footprint[]>> = {};

  constructor(machine: Machine, shipped: Build) {
    this.#machine = machine;
    this.#shipped = shipped;
  }

  addSample(caseName: string, name: ContenderName, sample: Sample): void {
    const ofCase = (this.#samples[caseName] ??= {});
    (ofCase[name] ??= []).push(sample);
  }

  addFootprint(name: ContenderName, footprint: Footprint): void {
    (this.#footprints[name] ??= []).push(footprint);
  }

  finish(): Results {
    const all = Object.entries(this.#samples).flatMap(([caseName, byName]) =>
      namesIn(byName).flatMap((name) =>
        (byName[name] ?? []).map((sample) => ({ case: caseName, contender: name, share: sample.loadShare })),
      ),
    );
    const turns = Object.values(this.#samples).flatMap((byName) => namesIn(byName).map((name) => byName[name]?.length ?? 0));
    return {
      machine: this.#machine,
      turns: { least: Math.min(...turns), most: Math.max(...turns) },
      script: { bytes: this.#shipped.bytes, gzipBytes: this.#shipped.gzipBytes },
      cases: Object.fromEntries(Object.entries(this.#samples).map(([caseName, byName]) => [caseName, figuresOf(byName)])),
      footprints: this.#footprintFigures(),
      greatestLoadShare: all.reduce((most, each) => (each.share > most.share ? each : most), { case: "", contender: "direct", share: 0 }),
      samples: this.#samples,
    };
  }

  #footprintFigures(): Results["footprints"] {
    const figures: Partial<Record<ContenderName, { [K in keyof Footprint]: Spread }>> = {};
    for (const name of namesIn(this.#footprints)) {
      const taken = this.#footprints[name] ?? [];
      const spread = (key: keyof Footprint): Spread => spreadOf(taken.map((each) => each[key])) ?? NOTHING;
      figures[name] = { startMs: spread("startMs"), restBytes: spread("restBytes"), peakBytes: spread("peakBytes") };
    }
    return figures;
  }
}

const NOTHING: Spread = { median: Number.NaN, least: Number.NaN, greatest: Number.NaN };

function namesIn(byName: Partial<Record<ContenderName, unknown>>): readonly ContenderName[] {
  return Object.keys(byName) as ContenderName[];
}

function figuresOf(byName: Partial<Record<ContenderName, readonly Sample[]>>): Partial<Record<ContenderName, CaseFigures>> {
  const direct = byName.direct;
  const figures: Partial<Record<ContenderName, CaseFigures>> = {};
  for (const name of namesIn(byName)) {
    const samples = byName[name] ?? [];
    const added = (read: (sample: Sample) => number | undefined): Spread | undefined =>
      direct === undefined ? undefined : spreadOf(overDirect(name === "direct" ? [] : direct, samples, read));
    figures[name] = {
      cpuUs: spreadOf(samples.flatMap(({ cpuUs }) => cpuUs ?? [])),
      requestsPerSecond: spreadOf(samples.map(({ requestsPerSecond }) => requestsPerSecond)) ?? NOTHING,
      p50AddedMs: added(({ p50Ms }) => p50Ms),
      p99AddedMs: added(({ p99Ms }) => p99Ms),
      firstContentAddedMs: added(({ firstContentMs }) => firstContentMs),
    };
  }
  return figures;
}

/** Round by round, a figure less direct's; with no rounds of direct, the figure itself. */
export function overDirect(
  direct: readonly Sample[],
  samples: readonly Sample[],
  read: (sample: Sample) => number | undefined,
): readonly number[] {
  return samples.flatMap((sample, round) => {
    const value = read(sample);
    const floor = direct[round];
    return value === undefined ? [] : [value - (floor === undefined ? 0 : (read(floor) ?? 0))];
  });
}
