import type { Experiment } from "../../api/answers.ts";
import { duration, percent, usd } from "../../figures.ts";

type Variant = Experiment["variants"][number];
type Estimate = Variant["error_rate"];

interface Measure {
  readonly of: (variant: Variant) => Estimate;
  readonly better: string;
  readonly noun: string;
  readonly format: (value: number | null) => string;
}

const MEASURES: readonly Measure[] = [
  { of: (variant) => variant.error_rate, better: "fails less often", noun: "the error rate", format: percent },
  { of: (variant) => variant.duration_ms, better: "is faster", noun: "latency", format: duration },
  { of: (variant) => variant.first_content_ms, better: "begins to answer sooner", noun: "first content", format: duration },
  { of: (variant) => variant.cost_usd, better: "is cheaper per request", noun: "cost", format: usd },
];

/** Plain sentences: what may be concluded, and what not yet. Only intervals that do not meet count as a difference. */
export function conclusionsOf(experiment: Experiment): string[] {
  const running = experiment.variants.filter(({ requests }) => requests > 0);
  if (running.length < 2) return ["Nothing can be concluded yet: fewer than two variants have been called."];
  const found = MEASURES.flatMap((measure) => differenceIn(measure, running) ?? []);
  const open = MEASURES.filter((measure) => differenceIn(measure, running) === undefined).map(({ noun }) => noun);
  const split =
    experiment.split.as_configured === false
      ? ["The split did not come out as configured, so look for the cause before you trust the comparison."]
      : [];
  const undecided =
    open.length === 0 ? [] : [`Nothing may be concluded yet about ${listed(open)}: the intervals overlap, or there is too little to say.`];
  return [...split, ...found, ...undecided];
}

/** The best variant where its whole interval lies below those of all others. */
function differenceIn({ of, better, format }: Measure, variants: readonly Variant[]): string | undefined {
  const known = variants.filter((variant) => of(variant).low !== null && of(variant).high !== null);
  if (known.length < variants.length) return undefined;
  const [best, ...others] = known.toSorted((a, b) => (of(a).value ?? 0) - (of(b).value ?? 0));
  if (best === undefined || others.length === 0) return undefined;
  const [next] = others;
  const isApart = others.every((other) => (of(best).high ?? Infinity) < (of(other).low ?? 0));
  if (!isApart || next === undefined) return undefined;
  return `${best.variant} ${better}: ${format(of(best).value)} against ${format(of(next).value)} of ${next.variant}; their intervals do not meet.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
