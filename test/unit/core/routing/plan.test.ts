import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../../src/core/endpoint.ts";
import { type Plan, plan, type PlanFault } from "../../../../src/core/routing/plan.ts";
import { resolve } from "../../../../src/core/routing/resolve.ts";
import type { Result } from "../../../../src/core/result.ts";
import { ENDPOINTS } from "../../../../src/endpoints/index.ts";
import { tableOf } from "../../../support/table.ts";

const TABLE = tableOf(`
[auth]
open = true
[providers.openai]
models = ["a", "b", "c", "d"]
timeout_ms = 11000
[providers.anthropic]
models = ["claude"]
[models.claude]
timeout_ms = 12000
[targets.a]
model = "a"
[targets.b]
model = "b"
weight = 3
[targets.c]
model = "c"
[targets.claude]
model = "claude"
timeout_ms = 5000
[routes.one]
targets = ["a"]
[routes.split]
strategy = "weighted"
targets = ["a", "b"]
[routes.chain]
strategy = "fallback"
targets = ["claude", "a", "b", "c"]
total_timeout_ms = 90000
failover_on = [404]
retry = { max_retries = 1, backoff_base_ms = 7 }
[[routes.steps.steps]]
strategy = "weighted"
targets = ["a", "b"]
[[routes.steps.steps]]
strategy = "fallback"
targets = ["c", "claude"]
[routes.untranslated]
strategy = "fallback"
targets = ["a", "claude"]
translate = false
[routes.native]
targets = ["claude"]
`);

function endpoint(path: string): Endpoint {
  const found = ENDPOINTS.get(path);
  if (found === undefined) throw new Error(path);
  return found;
}

function planOf(name: string, drawn = 0, path = "/v1/chat/completions"): Result<Plan, PlanFault> {
  const at = endpoint(path);
  const resolution = resolve(TABLE, name, at);
  if (!resolution.ok) throw new Error(resolution.error.kind);
  return plan(TABLE, resolution.value, at, { draw: () => drawn, subject: undefined });
}

function tries(result: Result<Plan, PlanFault>): string[] {
  if (!result.ok) throw new Error(result.error.kind);
  return result.value.tries.map((each) => `${each.step} ${each.strategy} ${each.candidate.target}`);
}

describe("a plan", () => {
  it("of a single route is its one target", () => {
    expect(tries(planOf("one"))).toEqual(["0 single a"]);
  });

  it.each([
    [0, "a"],
    [1, "b"],
    [3, "b"],
  ])("of a weighted route with draw %i is one target: %s", (drawn, target) => {
    expect(tries(planOf("split", drawn))).toEqual([`0 weighted ${target}`]);
  });

  it("of a fallback is all its targets in order", () => {
    expect(tries(planOf("chain"))).toEqual(["0 fallback claude", "0 fallback a", "0 fallback b", "0 fallback c"]);
  });

  it("of steps draws one in a weighted step, then goes on with the next step", () => {
    expect(tries(planOf("steps", 2))).toEqual(["0 weighted b", "1 fallback c", "1 fallback claude"]);
    expect(planOf("steps")).toMatchObject({ value: { strategy: "fallback" } });
  });

  it("leaves out targets whose provider does not speak the path", () => {
    expect(tries(planOf("chain", 0, "/v1/completions"))).toEqual(["0 fallback a", "0 fallback b", "0 fallback c"]);
  });

  it("asks targets in another dialect of theirs, unless the route is not to", () => {
    expect(tries(planOf("chain", 0, "/v1/messages"))).toEqual(["0 fallback claude", "0 fallback a", "0 fallback b", "0 fallback c"]);
    expect(tries(planOf("untranslated", 0, "/v1/messages"))).toEqual(["0 fallback claude"]);
  });

  it("says whose providers do not speak the path where none is left", () => {
    expect(planOf("native", 0, "/v1/completions")).toEqual({ ok: false, error: { kind: "path_not_spoken", providers: ["anthropic"] } });
    expect(planOf("anthropic::x", 0, "/v1/completions")).toEqual({
      ok: false,
      error: { kind: "path_not_spoken", providers: ["anthropic"] },
    });
  });

  it("takes its limits from the route", () => {
    expect(planOf("chain")).toMatchObject({
      value: { totalTimeoutMs: 90_000, retry: { maxRetries: 1, backoffBaseMs: 7 }, failoverOn: new Set([404]), maxAttempts: 6 },
    });
  });

  it("of passthrough is one try with no retry and the model's or provider's own limits", () => {
    expect(planOf("anthropic::claude")).toMatchObject({
      value: {
        layer: "passthrough",
        strategy: "passthrough",
        maxAttempts: 2,
        retry: { maxRetries: 0 },
        tries: [{ candidate: { timeoutMs: 12_000 } }],
      },
    });
    expect(planOf("openai::z")).toMatchObject({ value: { tries: [{ candidate: { timeoutMs: 11_000, model: "z", target: "z" } }] } });
  });
});
