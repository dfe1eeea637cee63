import type { Simulator } from "../../src/simulator/index.ts";
import type { LawfulRoute } from "./laws.ts";

// The gateway that laws are tried on: every kind of plan, with and without rescue.

const EIGHT = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"];

/** The providers of `lawfulToml`; `bytes` is for streams that are only carried. */
export const PROVIDERS: readonly string[] = EIGHT;

const ROUTE = { targets: 1, retries: 1, rescues: false, hurried: false, managed: true };

/** What is asked for, and what the laws need to know of it. */
export const LAWFUL_ROUTES: readonly LawfulRoute[] = [
  { ...ROUTE, model: "route::single", retries: 2 },
  { ...ROUTE, model: "route::weighted" },
  { ...ROUTE, model: "route::chain", targets: 3 },
  { ...ROUTE, model: "route::long", targets: 8 },
  { ...ROUTE, model: "route::steps", targets: 2 },
  { ...ROUTE, model: "route::hurried", targets: 3, hurried: true },
  { ...ROUTE, model: "route::prefill", targets: 3, rescues: true },
  { ...ROUTE, model: "route::restart", targets: 3, rescues: true },
  { ...ROUTE, model: "function::task", targets: 2 },
  { ...ROUTE, model: "p1::any-model", retries: 0, managed: false },
];

/** A routes.toml with those routes. */
export function lawfulToml(upstream: Simulator, limits: { readonly timeoutMs: number; readonly idleTimeoutMs: number }): string {
  const providers = [...EIGHT, "bytes"].map(
    (id) => `
[providers.${id}]
base_url = "${upstream.baseUrl(id)}"
models = ["model-${id}"]
auth_type = "none"
timeout_ms = ${limits.timeoutMs}
idle_timeout_ms = ${limits.idleTimeoutMs}
[targets.${id}]
model = "model-${id}"`,
  );
  const chain = (name: string, more = ""): string => `
[routes.${name}]
strategy = "fallback"
targets = ["p1", "p2", "p3"]
retry = { max_retries = 1, backoff_base_ms = 1 }
${more}`;
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
${providers.join("\n")}
[routes.bytes]
targets = ["bytes"]
timeout_ms = 5000
idle_timeout_ms = 5000
[routes.single]
targets = ["p1"]
retry = { max_retries = 2, backoff_base_ms = 1 }
[routes.weighted]
strategy = "weighted"
targets = ["p1", "p2", "p3"]
retry = { max_retries = 1, backoff_base_ms = 1 }
${chain("chain")}
${chain("hurried", `total_timeout_ms = ${2 * limits.timeoutMs - 40}`)}
${chain("prefill", 'rescue = "prefill"')}
${chain("restart", 'rescue = "restart"')}
[routes.long]
strategy = "fallback"
targets = ${JSON.stringify(EIGHT)}
retry = { max_retries = 1, backoff_base_ms = 1 }
[routes.steps]
retry = { max_retries = 1, backoff_base_ms = 1 }
[[routes.steps.steps]]
strategy = "weighted"
targets = ["p1", "p2"]
[[routes.steps.steps]]
strategy = "weighted"
targets = ["p3", "p4"]
[functions.task]
strategy = "fallback"
targets = ["p4", "p5"]
retry = { max_retries = 1, backoff_base_ms = 1 }
`;
}
