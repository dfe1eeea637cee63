import * as z from "zod/mini";

/** What a line shows of a trace; lenient, as a newer gateway's traces may hold more. */
export const traceSchema = z.looseObject({
  id: z.string(),
  started_at: z.string(),
  status: z.number(),
  outcome: z.string(),
  duration_ms: z.number(),
  requested_model: z.nullable(z.string()),
  provider: z.nullable(z.string()),
  upstream_model: z.nullable(z.string()),
  target: z.nullable(z.string()),
  strategy: z.nullable(z.string()),
  variant: z.nullable(z.string()),
  attempts: z.array(z.unknown()),
  usage: z.looseObject({ input_tokens: z.nullable(z.number()), output_tokens: z.nullable(z.number()) }),
  error_code: z.optional(z.nullable(z.string())),
  simulated: z.optional(z.boolean()),
});

/** A trace as a line shows it. */
export type ShownTrace = z.infer<typeof traceSchema>;
