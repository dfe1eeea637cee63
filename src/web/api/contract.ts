import * as z from "zod/mini";

/**
 * What the control API gives, as schemas: the API answers with these shapes, the command line and the dashboard read them. The Worker knows them as types
 * only, which keeps them out of its script. What the API takes: requests.ts.
 */

export { keySchema, keysSchema, keyWithSecretSchema, limitsSchema } from "./governance-contract.ts";

export const problemSchema = z.object({
  severity: z.enum(["error", "warning"]),
  path: z.string(),
  line: z.nullable(z.int()),
  column: z.nullable(z.int()),
  message: z.string(),
});

/** `GET /api/config`: what serves now. Its `ETag` is the version in quotes. */
export const configSchema = z.object({
  project: z.string(),
  version: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** `bundled`: nothing was published yet, the file of the deploy serves. */
  source: z.enum(["published", "bundled"]),
  published_at: z.nullable(z.string()),
  author: z.nullable(z.string()),
  /** Of the file that the Worker was deployed with; `null`: it is another project's, or `to11 dev` publishes it. Another than `version`: it does not serve. */
  deployed_version: z.nullable(z.string()),
  toml: z.string(),
  warnings: z.array(problemSchema),
});

/** `GET /api/config/versions`, newest first. */
export const versionsSchema = z.object({
  project: z.string(),
  versions: z.array(
    z.object({
      version: z.string(),
      published_at: z.string(),
      author: z.nullable(z.string()),
      /** Serves now. */
      current: z.boolean(),
    }),
  ),
});

/** `GET /api/config/versions/{version}`; the version may be shortened to 8 or more digits. */
export const versionSchema = z.object({
  project: z.string(),
  version: z.string(),
  published_at: z.nullable(z.string()),
  author: z.nullable(z.string()),
  toml: z.string(),
});

/** `PUT /api/config` (TOML, `If-Match: "<version>"` or `*`, label in `x-to11-author`) and `POST /api/config/rollback` (`{version}`). */
export const publishedSchema = z.object({
  project: z.string(),
  version: z.string(),
  published_at: z.string(),
  /** `false`: stored, and being written to KV again in the background because the first write failed. */
  distributed: z.boolean(),
  warnings: z.array(problemSchema),
});

/** `POST /api/config/check` (TOML). */
export const checkedSchema = z.object({ ok: z.boolean(), problems: z.array(problemSchema) });

/** `POST /api/explain`. */
export const explainedSchema = z.object({
  layer: z.enum(["passthrough", "route", "function"]),
  route: z.nullable(z.string()),
  function: z.nullable(z.string()),
  strategy: z.string(),
  candidates: z.array(
    z.object({
      target: z.string(),
      provider: z.string(),
      model: z.string(),
      step: z.int(),
      variant: z.nullable(z.string()),
      /** Probability of being the first one tried in its step, 0 to 1. */
      share: z.number(),
      /** The dialect that it would be asked in, where its provider does not speak the path's; `null`: that one. */
      translated: z.nullable(z.string()),
      /** Why it would not be called; `null`: it can be. */
      skipped: z.nullable(z.string()),
    }),
  ),
  /** One or two sentences: why this layer, this route, these candidates. */
  reason: z.string(),
  config: z.string(),
});

/** `GET /api/providers`. */
export const providersSchema = z.object({
  providers: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      base_url: z.string(),
      models: z.array(z.string()),
      paths: z.array(z.string()),
      passthrough: z.enum(["caller", "stored"]),
      /** The secret's name; `null`: takes no key. */
      credential: z.nullable(z.string()),
      credential_set: z.boolean(),
      targets: z.array(z.string()),
      /** The simulator answers in its place: nothing is sent to it, and no key is needed. */
      simulated: z.boolean(),
    }),
  ),
  /** Where the simulator listens (only under `to11 dev`). */
  simulator: z.nullable(z.string()),
});

/** `GET /api/credentials`: which secrets the configuration names, never a value. */
export const credentialsSchema = z.object({
  credentials: z.array(
    z.object({
      name: z.string(),
      set: z.boolean(),
      /** Nobody misses it: the simulator answers in the place of every provider that would be sent it. */
      simulated: z.boolean(),
      /** Where it is sent; empty for gateway keys. */
      origins: z.array(z.string()),
      /** Places in routes.toml that use it: `providers.openai`, `targets.openai-primary`, `auth.api_keys`. */
      used_by: z.array(z.string()),
    }),
  ),
});

/** `GET /api/projects`. */
export const projectsSchema = z.object({
  projects: z.array(
    z.object({
      id: z.string(),
      version: z.string(),
      source: z.enum(["published", "bundled"]),
      /** `null`: nobody published it. */
      published_at: z.nullable(z.string()),
    }),
  ),
});

/** A `TraceRecord`, whole. */
export const traceSchema = z.looseObject({ id: z.string() });

/** `GET /api/traces/{id}`: a trace, and what was said where `[traces].capture_content` keeps it, at most 64 KB of each. */
export const wholeTraceSchema = z.looseObject({
  id: z.string(),
  content: z.nullable(
    z.object({
      /** JSON of the members of the body that hold words; not whole JSON where it was cut. */
      request: z.nullable(z.string()),
      answer: z.nullable(z.string()),
      truncated: z.boolean(),
    }),
  ),
});

/** `GET /api/traces`. */
export const tracesSchema = z.object({
  traces: z.array(traceSchema),
  /** `null`: nothing older. */
  next_cursor: z.nullable(z.string()),
  /** How far back this page looked, ISO 8601; `null`: to the beginning. */
  searched_until: z.nullable(z.string()),
});

/**
 * One message of `GET /api/traces/live`. A reader that says nothing is sent 500; each message from it, whatever it says, allows 500 more. Traces that
 * come in between are left out and counted: at most `dropped` of them would have passed the filter.
 */
export const liveMessageSchema = z.union([z.object({ trace: traceSchema }), z.object({ dropped: z.int() })]);

/** `GET /health`; `problems` and what follows only with the admin key or under `to11 dev`. */
export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  /** The simulator answers in the place of every provider, for want of keys. */
  demo: z.optional(z.boolean()),
  /** Ids of the providers that the simulator answers in the place of (only under `to11 dev`). */
  simulated: z.optional(z.array(z.string())),
  /** What serves, and since when; `deployed_version` as in `GET /api/config`. */
  config: z.optional(
    z.object({
      project: z.string(),
      version: z.string(),
      source: z.enum(["published", "bundled"]),
      published_at: z.nullable(z.string()),
      deployed_version: z.nullable(z.string()),
    }),
  ),
  problems: z.optional(z.array(z.string())),
  lost_traces: z.optional(z.int()),
  lost_exports: z.optional(z.int()),
  /** Calls that the answering isolate did not let in since it began: no key, a wrong one, an unknown project. They are not traced. */
  refused_calls: z.optional(z.int()),
});

/** 50, 95 and 99 of 100 were at most this long, ms; `null` where nothing was measured. */
const percentilesSchema = z.object({ p50: z.nullable(z.number()), p95: z.nullable(z.number()), p99: z.nullable(z.number()) });

const figuresSchema = z.object({
  requests: z.int(),
  /** Of these: failed, truncated, rejected. */
  errors: z.int(),
  input_tokens: z.int(),
  /** Of these: read from a provider's cache, and written to it. */
  cached_input_tokens: z.int(),
  cache_write_tokens: z.int(),
  output_tokens: z.int(),
  /** Of the requests whose cost is known. */
  cost_usd: z.number(),
  duration_ms: percentilesSchema,
  first_content_ms: percentilesSchema,
});

/**
 * `GET /api/metrics`, the largest series first. Without `by` there is one, whose key is `null`; the values that are not told apart are `(other)`. Buckets without
 * requests are left out.
 */
export const metricsSchema = z.object({
  since: z.string(),
  until: z.string(),
  step_s: z.int(),
  series: z.array(
    z.object({
      /** The value of what was grouped by; `null`: it has none (a passthrough request has no route). */
      key: z.nullable(z.string()),
      /** One for each of what was grouped by, in its order. */
      keys: z.array(z.nullable(z.string())),
      totals: figuresSchema,
      /** `start`: ISO 8601. */
      buckets: z.array(z.extend(figuresSchema, { start: z.string() })),
    }),
  ),
});

/** A value and where it lies with 95 % confidence; `null` where there is too little to say. */
const estimateSchema = z.object({ value: z.nullable(z.number()), low: z.nullable(z.number()), high: z.nullable(z.number()) });

/** `GET /api/experiments/{route}`. Shares and rates from 0 to 1. */
export const experimentSchema = z.object({
  route: z.string(),
  since: z.string(),
  until: z.string(),
  requests: z.int(),
  variants: z.array(
    z.object({
      variant: z.string(),
      /** `null`: no longer in the configuration. */
      configured_share: z.nullable(z.number()),
      requests: z.int(),
      observed_share: estimateSchema,
      error_rate: estimateSchema,
      duration_ms: estimateSchema,
      first_content_ms: estimateSchema,
      output_tokens: estimateSchema,
      cost_usd: estimateSchema,
    }),
  ),
  /** Whether the split came out as configured (chi-square); `as_configured` is `null` where there is too little to say. */
  split: z.object({ as_configured: z.nullable(z.boolean()), p_value: z.nullable(z.number()) }),
});
