import * as z from "zod/mini";
import { ENDPOINT_KINDS } from "../core/endpoint.ts";
import { UPSTREAM_ENDPOINTS } from "../endpoints/index.ts";
import { STRATEGIES } from "../strategies/index.ts";
import { limitTable, limitTableWithLoops } from "./limits-schema.ts";
import { integer, oneOf, table, text, texts } from "./schema-parts.ts";

/** The longest wait that can be asked for: an hour. */
const LONGEST_MS = 3_600_000;

/** What an isolate may hold of bodies at once (64 MiB) bounds one of them. */
const LARGEST_BODY_BYTES = 67_108_864;

/** What is passed on while it comes costs no memory; far above what Cloudflare lets in (500 MB on its Enterprise plan). */
const LARGEST_UPLOAD_BYTES = 10_737_418_240;

/** The longest single wait before a retry that the gateway ever makes, so a larger base would mean nothing. */
const LONGEST_BACKOFF_MS = 8_000;

/** Keeps a sum of weights far below 2³², the range of one draw. */
const LARGEST_WEIGHT = 1_000_000;

/** Far above any model's window: a number beyond it is a slip. */
const MOST_TOKENS = 1_000_000_000;

const PATHS = [...UPSTREAM_ENDPOINTS.keys()];

const flag = z.boolean("must be true or false");

const ID_RULE = "must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit";
const id = z.string(ID_RULE).check(z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, ID_RULE));

function named<Entry extends z.core.$ZodType>(entry: Entry) {
  return z.record(id, entry, "must be a table of tables, each under its own name");
}

/** Models are named by their providers: anything but control characters, at most 256 long. */
const MODEL_RULE = "must be a model's name: 1 to 256 characters, without line breaks";
const modelName = z.string(MODEL_RULE).check(z.regex(/^[^\p{Cc}]{1,256}$/u, MODEL_RULE));
const listedNames = z.array(modelName, 'must be an array of model names, such as ["gpt-4o"], or ["*"] for all');

/** One model: `"*"` is what a provider lists, nothing that can be called or asked for. */
const oneModel = modelName.check(
  z.refine((name) => name !== "*", 'must be a model by its name; "*" has a meaning in a provider\'s models only'),
);
const modelNames = z.array(oneModel, 'must be an array of model names, such as ["gpt-4o"]');

const timeoutMs = z.optional(integer(1, LONGEST_MS, "milliseconds"));
const weight = z.optional(integer(0, LARGEST_WEIGHT, "a share relative to the others"));
const endpoint = z.optional(oneOf(ENDPOINT_KINDS));
const [firstStrategy = "single", ...otherStrategies] = Object.values(STRATEGIES).map((strategy) => strategy.name);
const strategy = z.optional(oneOf([firstStrategy, ...otherStrategies]));
const targetNames = z.optional(z.array(text('"openai-primary"'), 'must be an array of target names, such as ["openai-primary"]'));

const retry = z.optional(
  table({
    max_retries: z.optional(integer(0, 10, "retries")),
    backoff_base_ms: z.optional(integer(0, LONGEST_BACKOFF_MS, "milliseconds")),
  }),
);

const settings = z.record(
  z.string(),
  z.string("must be a text, or env::NAME for a secret"),
  'must be a table of texts, such as { x-team = "blue" }',
);

const provider = table({
  type: z.optional(z.string("must be a text")),
  base_url: z.optional(text('"https://api.example.com/v1"')),
  models: z.optional(listedNames),
  credential: z.optional(z.string("must be env::NAME, the variable that holds the key")),
  timeout_ms: timeoutMs,
  idle_timeout_ms: timeoutMs,
  auth_type: z.optional(oneOf(["bearer", "api_key_header", "query_param", "none"])),
  auth_header_name: z.optional(text('"x-api-key"')),
  headers: z.optional(settings),
  query: z.optional(settings),
  forward_headers: z.optional(texts('"x-session-affinity"')),
  speaks: z.optional(
    z
      .array(
        z.enum(PATHS, { error: () => `must be a path the gateway knows: ${PATHS.join(", ")}` }),
        'must be an array of paths, such as ["/v1/chat/completions"]',
      )
      .check(z.minLength(1, "must name at least one path")),
  ),
  passthrough: z.optional(oneOf(["caller", "stored"])),
  stream_usage: z.optional(flag),
  translate: z.optional(flag),
  limits: z.optional(limitTable),
});

const usd = z.number("must be a number, USD per million tokens").check(z.minimum(0, "must not be negative (USD per million tokens)"));

const USD_PER_REQUEST = "must be a number that is not negative, USD";
const usdPerRequest = z.number(USD_PER_REQUEST).check(z.minimum(0, USD_PER_REQUEST));

const model = table({
  timeout_ms: timeoutMs,
  context_window: z.optional(integer(1, MOST_TOKENS, "tokens")),
  max_output_tokens: z.optional(integer(1, MOST_TOKENS, "tokens")),
  price: z.optional(
    table({
      input: z.optional(usd),
      cached_input: z.optional(usd),
      cache_write: z.optional(usd),
      cache_write_1h: z.optional(usd),
      output: z.optional(usd),
      request: z.optional(usdPerRequest),
    }),
  ),
});

const target = table({
  model: oneModel,
  provider: z.optional(z.string("must be a provider's id")),
  credential: z.optional(z.string("must be env::NAME, the variable that holds the key")),
  weight,
  timeout_ms: timeoutMs,
  limits: z.optional(limitTable),
});

const step = table({ strategy, targets: targetNames });

/** Any key besides these is a request parameter. */
const variant = z.looseObject(
  { model: z.optional(oneModel), target: z.optional(text('"openai-primary"')), weight },
  "must be a table with model or target, weight, and request parameters",
);

const FAILOVER_STATUS = "must be a 4xx status (400 to 499)";

const route = table({
  endpoint,
  models: z.optional(modelNames),
  strategy,
  targets: targetNames,
  steps: z.optional(z.array(step, "must be an array of tables, each with targets")),
  variants: z.optional(named(variant)),
  sticky_by: z.optional(oneOf(["user", "session", "conversation"])),
  retry,
  failover_on: z.optional(
    z.array(
      z.int(FAILOVER_STATUS).check(z.minimum(400, FAILOVER_STATUS), z.maximum(499, FAILOVER_STATUS)),
      "must be an array of 4xx statuses, such as [404]",
    ),
  ),
  timeout_ms: timeoutMs,
  idle_timeout_ms: timeoutMs,
  total_timeout_ms: timeoutMs,
  rescue: z.optional(oneOf(["prefill", "restart"])),
  translate: z.optional(flag),
  strict_translation: z.optional(flag),
  limits: z.optional(limitTableWithLoops),
});

const plan = table({
  routes: z.optional(z.array(id, 'must be an array of route names, such as ["balanced"]')),
  functions: z.optional(z.array(id, 'must be an array of function names, such as ["extract"]')),
  models: z.optional(modelNames),
  providers: z.optional(z.array(id, 'must be an array of provider ids, such as ["openai"]')),
});

/** The whole of routes.toml as it is written. What the keys mean together is checked by the files next to this one. */
export const routesFileSchema = table({
  project: z.optional(table({ id: z.optional(id) })),
  auth: z.optional(
    table({
      api_keys: z.optional(texts('"env::TO11_API_KEY"')),
      open: z.optional(flag),
      issued: z.optional(flag),
      plan: z.optional(id),
      cors_origins: z.optional(texts('"https://app.example.com"')),
    }),
  ),
  plans: z.optional(named(plan)),
  limits: z.optional(
    table({
      max_body_bytes: z.optional(integer(1, LARGEST_BODY_BYTES, "bytes")),
      max_upload_bytes: z.optional(integer(1, LARGEST_UPLOAD_BYTES, "bytes")),
      timezone: z.optional(text('"Europe/Berlin"')),
      on_unavailable: z.optional(oneOf(["allow", "refuse"])),
      reserve: z.optional(oneOf(["expected", "most"])),
      project: z.optional(limitTable),
      key: z.optional(limitTable),
      user: z.optional(limitTable),
      session: z.optional(limitTableWithLoops),
      team: z.optional(limitTable),
    }),
  ),
  teams: z.optional(named(limitTable)),
  defaults: z.optional(table({ provider: z.optional(table({ timeout_ms: timeoutMs, idle_timeout_ms: timeoutMs })) })),
  providers: z.optional(named(provider)),
  models: z.optional(z.record(modelName, model, 'must be a table of tables, such as [models."gpt-4o"]')),
  targets: z.optional(named(target)),
  routes: z.optional(named(route)),
  functions: z.optional(named(route)),
  routing: z.optional(table({ retry })),
  traces: z.optional(
    table({
      capture_content: z.optional(flag),
      retention_days: z.optional(integer(1, 365, "days")),
      shards: z.optional(integer(1, 64, "objects per day")),
      jurisdiction: z.optional(oneOf(["eu", "us"])),
      otlp_endpoint: z.optional(text('"https://collector.example.com/v1/traces"')),
      otlp_headers: z.optional(settings),
    }),
  ),
});

/** routes.toml as it is written, all shapes right. */
export type RoutesFile = z.infer<typeof routesFileSchema>;
/** `[providers.ID]`. */
export type ProviderTable = z.infer<typeof provider>;
/** `[routes.NAME]` and `[functions.NAME]`. */
export type RouteTable = z.infer<typeof route>;
/** `[plans.NAME]`. */
export type PlanTable = z.infer<typeof plan>;
/** `[models."NAME"]`. */
export type ModelTable = z.infer<typeof model>;
/** `[targets.NAME]`. */
export type TargetTable = z.infer<typeof target>;
/** `[….variants.NAME]`, request parameters included. */
export type VariantTable = z.infer<typeof variant>;
