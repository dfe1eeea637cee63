import type * as z from "zod/mini";
import { GatewayError } from "../../../core/gateway-error.ts";
import type { Route } from "../../../core/routing/routing-table.ts";
import { type Estimate, meanEstimate, shareEstimate, splitTest } from "../../../core/trace/statistics.ts";
import { Figures, type Measure } from "../../../core/trace/trace-rollup.ts";
import { answer, type ApiCall } from "../call.ts";
import type { experimentSchema } from "../contract.ts";
import { isoTime, timeRange, tooLong } from "../time-range.ts";

/** What GET /api/experiments/{route} takes besides the project. */
export const EXPERIMENT_PARAMETERS = ["since", "until"] as const;

/** How long before `until` the report begins where `since` is left out, ms: a week, so that every day of one counts. */
const WEEK_MS = 7 * 86_400_000;

/** The report adds up everything it gets, so it asks for whole days. */
const STEP_MS = 86_400_000;

type Variant = z.infer<typeof experimentSchema>["variants"][number];

/** GET /api/experiments/{route}; a function that draws among variants is one too. */
export async function experiment(call: ApiCall): Promise<Response> {
  const name = call.id;
  const { sinceMs, untilMs } = timeRange(call, WEEK_MS);
  const served = await call.served();
  const weights = weightsOf(served.table.routes.get(name) ?? served.table.functions.get(name));
  const counted = await countedVariants(call, { name, sinceMs, untilMs });
  if (counted.size === 0 && weights.size === 0)
    throw new GatewayError("not_found", `There is no experiment ${JSON.stringify(name)}: no route or function of that name has variants.`);
  const names = [...new Set([...weights.keys(), ...counted.keys()])];
  const kinds = names.map((variant) => ({ variant, figures: counted.get(variant) ?? new Figures(), weight: weights.get(variant) ?? 0 }));
  const requests = kinds.reduce((sum, { figures }) => sum + figures.requests, 0);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const split = splitTest(kinds.map(({ figures, weight }) => ({ count: figures.requests, weight })));
  return answer("experimentSchema", {
    route: name,
    since: isoTime(sinceMs),
    until: isoTime(untilMs),
    requests,
    variants: kinds.map(({ variant, figures, weight }) => ({
      variant,
      configured_share: weights.has(variant) ? weight / Math.max(1, total) : null,
      ...estimatesOf(figures, requests),
    })),
    split: { as_configured: split.asConfigured, p_value: split.pValue },
  });
}

function estimatesOf(figures: Figures, requests: number): Omit<Variant, "variant" | "configured_share"> {
  const mean = (measure: Measure): Estimate => meanEstimate(figures.moments(measure));
  return {
    requests: figures.requests,
    observed_share: shareEstimate(figures.requests, requests),
    error_rate: shareEstimate(figures.errors, figures.requests),
    duration_ms: mean("duration_ms"),
    first_content_ms: mean("first_content_ms"),
    output_tokens: mean("output_tokens"),
    cost_usd: mean("cost_usd"),
  };
}

/** Routes and functions share no names, so the variants of one name are of one of them. */
async function countedVariants(
  call: ApiCall,
  { name, sinceMs, untilMs }: { readonly name: string; readonly sinceMs: number; readonly untilMs: number },
): Promise<ReadonlyMap<string, Figures>> {
  const buckets = await call.control.traces(await call.served()).rollups({ sinceMs, untilMs, stepMs: STEP_MS, by: "variant" });
  if (buckets === "too_many") throw tooLong();
  const variants = new Map<string, Figures>();
  for (const cell of buckets.flatMap(({ cells }) => cells)) {
    const [variant = null, of] = cell.kind;
    if (variant === null || of !== name) continue;
    const figures = variants.get(variant) ?? new Figures();
    variants.set(variant, figures);
    figures.add(cell);
  }
  return variants;
}

function weightsOf(route: Route | undefined): ReadonlyMap<string, number> {
  const candidates = (route?.steps ?? []).flatMap((step) => step.candidates);
  return new Map(candidates.flatMap(({ variant, weight }) => (variant === undefined ? [] : [[variant.name, weight] as const])));
}
