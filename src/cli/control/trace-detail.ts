import * as z from "zod/mini";
import { formatTable } from "../terminal/table.ts";
import type { wholeTraceSchema } from "../../web/api/contract.ts";
import { traceSchema } from "./shown-trace.ts";

const attemptSchema = z.looseObject({
  target: z.string(),
  provider: z.string(),
  model: z.string(),
  step: z.number(),
  strategy: z.string(),
  offset_ms: z.number(),
  duration_ms: z.number(),
  status: z.nullable(z.number()),
  outcome: z.string(),
  timeout: z.nullable(z.string()),
  waited_ms: z.number(),
  said: z.optional(z.string()),
});

/** What is told of a trace by itself; lenient, as a newer gateway's may hold more. */
const detailSchema = z.extend(traceSchema, {
  first_content_ms: z.nullable(z.number()),
  path: z.string(),
  stream: z.boolean(),
  layer: z.nullable(z.string()),
  route: z.nullable(z.string()),
  function: z.nullable(z.string()),
  reported_model: z.nullable(z.string()),
  finish_reason: z.nullable(z.string()),
  attempts: z.array(attemptSchema),
  cost_usd: z.nullable(z.number()),
  config: z.string(),
  user_id: z.nullable(z.string()),
  session_id: z.nullable(z.string()),
  conversation_id: z.nullable(z.string()),
  environment: z.nullable(z.string()),
  api_key: z.nullable(z.string()),
  metadata: z.record(z.string(), z.string()),
  trace_id: z.string(),
});

/** One trace, all of it that people read. */
export function traceLines(whole: z.infer<typeof wholeTraceSchema>): string[] {
  const trace = detailSchema.parse(whole);
  const attempts = trace.attempts.map((attempt, index) => [
    String(index + 1),
    attempt.target,
    `${attempt.provider}/${attempt.model}`,
    attempt.strategy,
    `${attempt.offset_ms} ms`,
    `${attempt.duration_ms} ms`,
    String(attempt.status ?? "-"),
    attempt.outcome +
      (attempt.timeout === null ? "" : ` (${attempt.timeout})`) +
      (attempt.said === undefined ? "" : `: ${attempt.said}`) +
      (attempt.waited_ms > 0 ? `, after waiting ${attempt.waited_ms} ms` : ""),
  ]);
  return [
    ...formatTable(factsOf(trace).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
    ...(attempts.length === 0
      ? ["", "Nobody was called."]
      : ["", ...formatTable([["#", "TARGET", "PROVIDER/MODEL", "STRATEGY", "BEGAN", "TOOK", "STATUS", "OUTCOME"], ...attempts])]),
    ...contentLines(whole.content),
  ];
}

function factsOf(trace: z.infer<typeof detailSchema>): (readonly [string, string | null])[] {
  const { usage, cost_usd, error_code } = trace;
  const named = trace.function ?? trace.route;
  return [
    ["id", trace.id],
    ["started", trace.started_at],
    [
      "status",
      `${trace.status} ${trace.outcome}${error_code === null || error_code === undefined ? "" : `, ${error_code}`}${trace.simulated === true ? ", simulated" : ""}`,
    ],
    ["took", `${trace.duration_ms} ms${trace.first_content_ms === null ? "" : `, first content after ${trace.first_content_ms} ms`}`],
    ["asked for", `${trace.requested_model ?? "?"}, ${trace.path}${trace.stream ? ", as a stream" : ""}`],
    [
      "went by",
      trace.layer === null
        ? null
        : `${trace.layer}${named === null ? "" : ` ${named}`}, ${trace.strategy ?? "?"}${trace.variant === null ? "" : `: ${trace.variant}`}`,
    ],
    ["served by", trace.provider === null ? "nobody" : `${trace.provider}/${trace.upstream_model ?? "?"}, target ${trace.target ?? "?"}`],
    ["calls itself", trace.reported_model],
    ["ended", trace.finish_reason],
    [
      "tokens",
      usage.input_tokens === null && usage.output_tokens === null
        ? null
        : `${usage.input_tokens ?? "?"} in, ${usage.output_tokens ?? "?"} out`,
    ],
    ["cost", cost_usd === null ? null : `$${cost_usd}`],
    ["user", trace.user_id],
    ["session", trace.session_id],
    ["conversation", trace.conversation_id],
    ["environment", trace.environment],
    ["gateway key", trace.api_key],
    ["metadata", Object.keys(trace.metadata).length === 0 ? null : JSON.stringify(trace.metadata)],
    ["trace id", trace.trace_id],
    ["configuration", trace.config],
  ];
}

function contentLines(content: z.infer<typeof wholeTraceSchema>["content"]): string[] {
  if (content === null) return [];
  const cut = content.truncated ? " (cut)" : "";
  return ["", `REQUEST${cut}`, content.request ?? "-", "", `ANSWER${cut}`, content.answer ?? "-"];
}
