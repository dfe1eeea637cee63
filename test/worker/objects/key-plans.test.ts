import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Env } from "../../../src/platform/env.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { call, json, newIsolate } from "./calls.ts";
import { answerUpstream, askWith, callWith, changeKey, issuingToml, makeKey, outcomeOf, publish } from "./key-calls.ts";

let isolate: Env;

beforeEach(async () => {
  isolate = newIsolate();
  answerUpstream();
  await publish(isolate, issuingToml());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

async function listed(secret: string): Promise<readonly string[]> {
  const { data }: { readonly data: readonly { readonly id: string }[] } = await (await callWith(isolate, secret)).json();
  return data.map(({ id }) => id);
}

async function messageOf(asking: Promise<Response>): Promise<string> {
  const { error }: { readonly error: { readonly message: string } } = await (await asking).json();
  return error.message;
}

describe("K8: a plan that lists a route", () => {
  test.each([
    ["gpt-4o", "200"],
    ["route::balanced", "200"],
    ["balanced", "200"],
    ["openai::gpt-4o", "403 model_not_allowed"],
    ["route::summarize", "403 model_not_allowed"],
    ["function::extract", "403 model_not_allowed"],
    ["gpt-4o-mini", "403 model_not_allowed"],
    ["openai::anything", "403 model_not_allowed"],
    ["no-such-model", "404 unknown_model"],
  ])("asked for %s says %s", async (model, outcome) => {
    const { secret } = await makeKey(isolate, { plan: "balanced" });
    expect(await outcomeOf(askWith(isolate, secret, model))).toBe(outcome);
  });

  test("shows what it covers, and no other model", async () => {
    const { secret } = await makeKey(isolate, { plan: "balanced" });
    expect(await listed(secret)).toEqual(["balanced", "gpt-4o"]);
    expect((await call(isolate, "/v1/models/summarize", { key: secret })).status).toBe(404);
    expect((await call(isolate, "/v1/models/route::balanced", { key: secret })).status).toBe(200);
  });

  test("is named in the refusal with what it allows, and near names are of what it allows", async () => {
    const { secret } = await makeKey(isolate, { plan: "balanced" });
    expect(await messageOf(askWith(isolate, secret, "summarize"))).toBe(
      'This key may not ask for "summarize" (the route summarize): its plan "balanced" allows the routes balanced.',
    );
    expect(await messageOf(askWith(isolate, secret, "summarise"))).toContain("GET /v1/models lists what there is");
    expect(await messageOf(askWith(isolate, secret, "route::summarise"))).toContain("GET /v1/models lists what there is");
    expect(await messageOf(askWith(isolate, secret, "openaj::gpt-4o"))).not.toContain("openai");
    expect(await messageOf(askWith(isolate, secret, "balancd"))).toContain('Did you mean "balanced"?');
    const { secret: whole } = await makeKey(isolate);
    expect(await messageOf(askWith(isolate, whole, "summarise"))).toContain('Did you mean "summarize"?');
  });
});

describe("K9: a plan", () => {
  test("with an empty list allows nothing, and says so", async () => {
    const { secret } = await makeKey(isolate, { plan: "nothing" });
    for (const model of ["gpt-4o", "route::summarize", "function::extract", "openai::gpt-4o", "gpt-4o-mini"])
      expect(await outcomeOf(askWith(isolate, secret, model))).toBe("403 model_not_allowed");
    expect(await listed(secret)).toEqual([]);
    expect(await messageOf(askWith(isolate, secret))).toContain('its plan "nothing" allows nothing.');
  });

  test("without lists allows everything", async () => {
    const { secret } = await makeKey(isolate, { plan: "open" });
    for (const model of ["gpt-4o", "route::summarize", "function::extract"])
      expect(await outcomeOf(askWith(isolate, secret, model))).toBe("200");
    expect(await listed(secret)).toEqual(["extract", "balanced", "summarize", "gpt-4o", "gpt-4o-mini"]);
  });

  test("that is no longer in the configuration allows nothing", async () => {
    const { secret } = await makeKey(isolate, { plan: "open" });
    await publish(isolate, issuingToml().replace("[plans.open]", ""));
    expect(await outcomeOf(askWith(isolate, secret))).toBe("403 model_not_allowed");
  });
});

test("a plan of models goes by the caller's own word, one of functions and providers by where it leads", async () => {
  const more = '[plans.words]\nmodels = ["gpt-4o-mini"]\n[plans.tasks]\nfunctions = ["extract"]\n[plans.through]\nproviders = ["openai"]\n';
  await publish(isolate, issuingToml({ more }));
  const outcomes = async (plan: string): Promise<readonly string[]> => {
    const { secret } = await makeKey(isolate, { plan });
    const headers = { "x-to11-authorization": `Bearer ${secret}` };
    const models = ["gpt-4o", "gpt-4o-mini", "openai::gpt-4o", "function::extract"];
    return Promise.all(models.map((model) => outcomeOf(askWith(isolate, "sk-of-the-caller", model, headers))));
  };
  const no = "403 model_not_allowed";
  expect(await outcomes("words")).toEqual([no, "200", no, no]);
  expect(await outcomes("tasks")).toEqual([no, no, no, "200"]);
  expect(await outcomes("through")).toEqual([no, "200", "200", no]);
});

test("K11: a fallback inside an allowed route goes to models that the key may not name", async () => {
  const more = '[routes.chain]\nstrategy = "fallback"\ntargets = ["primary", "small"]\n[plans.chain]\nroutes = ["chain"]\n';
  await publish(isolate, issuingToml({ more }));
  const { secret } = await makeKey(isolate, { plan: "chain" });
  // The stored key is refused: the next target is asked.
  vi.mocked(fetch).mockImplementationOnce(async () => new Response("", { status: 401 }));
  const response = await askWith(isolate, secret, "chain");
  expect([response.status, response.headers.get("x-to11-target"), response.headers.get("x-to11-attempts")]).toEqual([200, "small", "2"]);
  expect(await outcomeOf(askWith(isolate, secret, "gpt-4o-mini"))).toBe("403 model_not_allowed");
});

describe("a provider's own API", () => {
  const more = [
    "[providers.second]",
    'type = "openai"',
    'credential = "env::OPENAI_API_KEY"',
    "[plans.through]",
    'providers = ["openai"]',
    "[plans.words]",
    'models = ["gpt-4o"]',
  ].join("\n");

  test.each([
    ["through", "/providers/openai/files", {}, "200"],
    ["through", "/v1/files", { "x-to11-provider": "openai" }, "200"],
    ["through", "/providers/second/files", {}, "403 model_not_allowed"],
    ["through", "/v1/files", { "x-to11-provider": "second" }, "403 model_not_allowed"],
    ["words", "/providers/openai/files", {}, "403 model_not_allowed"],
    ["words", "/v1/files", { "x-to11-provider": "openai" }, "403 model_not_allowed"],
    ["words", "/v1/files", {}, "403 model_not_allowed"],
    ["nothing", "/providers/openai/chat/completions", {}, "403 model_not_allowed"],
    ["open", "/providers/openai/files", {}, "200"],
  ])("with the plan %s, %s %j says %s", async (plan, path, headers, outcome) => {
    await publish(isolate, issuingToml({ more }));
    const { secret } = await makeKey(isolate, { plan });
    const own = { "x-to11-authorization": `Bearer ${secret}`, ...headers };
    expect(await outcomeOf(call(isolate, path, { key: "sk-of-the-caller", headers: own }))).toBe(outcome);
  });

  test("is told of only where the key may call it", async () => {
    await publish(isolate, issuingToml({ more }));
    const { secret } = await makeKey(isolate, { plan: "through" });
    expect(await messageOf(call(isolate, "/providers/secont/files", { key: secret }))).not.toContain("second");
    expect(await messageOf(call(isolate, "/providers/openaj/files", { key: secret }))).toContain('did you mean "openai"?');
    expect(await messageOf(call(isolate, "/v1/files", { key: secret }))).not.toContain("second");
    expect(await messageOf(call(isolate, "/providers/second/files", { key: secret }))).toBe(
      'This key may not call the API of second: its plan "through" allows the models and API of openai.',
    );
  });
});

test("an allowed route is called in another dialect than its target's, and what the plan leaves out is not", async () => {
  const { secret } = await makeKey(isolate, { plan: "balanced" });
  const asked = (model: string): Promise<string> => {
    const asking = json({ model, max_tokens: 9, messages: [{ role: "user", content: "hello" }] });
    return outcomeOf(
      call(isolate, "/v1/messages", { ...asking, key: secret, headers: { ...asking.headers, "anthropic-version": "2023-06-01" } }),
    );
  };
  const content = [{ type: "output_text", text: "yes", annotations: [] }];
  const output = [{ type: "message", id: "m", role: "assistant", status: "completed", content }];
  vi.mocked(fetch).mockImplementationOnce(async () =>
    Response.json({
      id: "r",
      object: "response",
      status: "completed",
      model: "gpt-4o",
      output,
      usage: { input_tokens: 9, output_tokens: 1 },
    }),
  );
  expect(await asked("balanced")).toBe("200");
  expect([await asked("openai::gpt-4o"), await asked("summarize")]).toEqual(["403 model_not_allowed", "403 model_not_allowed"]);
});

test.each(["authorization", "x-api-key", "api-key", "x-goog-api-key"])("an issued key comes in %s too", async (header) => {
  const { secret } = await makeKey(isolate, { plan: "balanced" });
  const value = header === "authorization" ? `Bearer ${secret}` : secret;
  expect(await outcomeOf(call(isolate, "/v1/models", { key: null, headers: { [header]: value } }))).toBe("200");
});

describe("GET /v1/key", () => {
  test("tells a caller what its key is and allows, without its secret", async () => {
    const settings = {
      name: "ci",
      plan: "balanced",
      team: "search",
      owner: "ada",
      metadata: { cost_center: "7" },
      expires_at: "2099-01-01T00:00:00Z",
    };
    const { id, secret } = await makeKey(isolate, settings);
    const response = await call(isolate, "/v1/key", { key: secret });
    expect([response.status, response.headers.get("cache-control"), await response.json()]).toEqual([
      200,
      "no-store",
      {
        id,
        name: "ci",
        plan: "balanced",
        team: "search",
        owner: "ada",
        metadata: { cost_center: "7" },
        scopes: ["call"],
        expires_at: "2099-01-01T00:00:00.000Z",
        allows: { routes: ["balanced"], functions: [], models: [], providers: [] },
      },
    ]);
    expect((await call(isolate, "/v1/key", { key: secret, method: "POST" })).status).toBe(405);
    expect((await call(isolate, "/v1/key", { key: null })).status).toBe(401);
  });

  test("a changed key is told with its change by the isolate that changed it", async () => {
    const { id, secret } = await makeKey(isolate, { plan: "balanced", team: "search" });
    await changeKey(isolate, id, { plan: null, owner: "bob" });
    expect(await (await call(isolate, "/v1/key", { key: secret })).json()).toMatchObject({
      plan: null,
      team: "search",
      owner: "bob",
      allows: null,
    });
  });
});

describe("static keys", () => {
  const STATIC = "to11_static-key-of-a-caller-0000000000000001";

  test("go on working beside issued ones, and have the plan that [auth] says", async () => {
    const beside = issuingToml().replace("issued = true", 'issued = true\napi_keys = ["env::TO11_API_KEY"]');
    await publish(isolate, beside);
    isolate = newIsolate({ TO11_API_KEY: STATIC });
    expect(await outcomeOf(askWith(isolate, STATIC, "summarize"))).toBe("200");
    expect(await (await call(isolate, "/v1/key", { key: STATIC })).json()).toMatchObject({
      id: "TO11_API_KEY",
      name: null,
      plan: null,
      allows: null,
    });
    await publish(isolate, beside.replace("issued = true", 'issued = true\nplan = "balanced"'));
    expect(await outcomeOf(askWith(isolate, STATIC, "summarize"))).toBe("403 model_not_allowed");
    expect(await outcomeOf(askWith(isolate, STATIC, "gpt-4o"))).toBe("200");
  });

  test("that look like issued ones are static keys all the same", async () => {
    const key = `to11_k${"a".repeat(12)}_${"b".repeat(43)}`;
    await publish(isolate, issuingToml().replace("issued = true", 'issued = true\napi_keys = ["env::TO11_API_KEY"]'));
    expect(await outcomeOf(callWith(newIsolate({ TO11_API_KEY: key }), key))).toBe("200");
  });
});

test("a gateway that issues keys is closed under to11 dev too, without any other key", async () => {
  isolate = newIsolate({ TO11_DEV: "127.0.0.1" });
  const local = { key: null, origin: "http://127.0.0.1:4000" };
  expect(await outcomeOf(call(isolate, "/v1/models", local))).toBe("401 missing_api_key");
  await publish(isolate, issuingToml().replace("[auth]\nissued = true", ""));
  expect(await outcomeOf(call(isolate, "/v1/models", local))).toBe("200");
});

describe("a trace", () => {
  async function traceOf(response: Response): Promise<TraceRecord> {
    return (await call(isolate, `/api/traces/${response.headers.get("x-to11-request-id") ?? ""}`)).json();
  }

  test("tells the key's id, owner, team and labels, which a caller cannot feign", async () => {
    const { id, secret } = await makeKey(isolate, { owner: "ada", team: "search", metadata: { cost_center: "7" } });
    const said = JSON.stringify({ feature: "x", "key.cost_center": "8", "key.more": "9" });
    const trace = await traceOf(await askWith(isolate, secret, "gpt-4o", { "x-to11-metadata": said }));
    expect(trace).toMatchObject({ api_key: id, key_owner: "ada", team: "search", metadata: { feature: "x", "key.cost_center": "7" } });
    expect(Object.keys(trace.metadata)).toHaveLength(2);
  });

  test("of what a plan refuses is rejected, with the code", async () => {
    const { id, secret } = await makeKey(isolate, { plan: "nothing" });
    expect(await traceOf(await askWith(isolate, secret))).toMatchObject({
      api_key: id,
      outcome: "rejected",
      error_code: "model_not_allowed",
      status: 403,
    });
  });

  test("counts for its owner, team and key in the metrics", async () => {
    const ada = await makeKey(isolate, { owner: "ada", team: "search" });
    const bob = await makeKey(isolate, { owner: "bob", team: "search" });
    for (const { secret } of [ada, ada, bob]) await askWith(isolate, secret);
    const counts = async (by: string): Promise<unknown> => {
      const { series }: { readonly series: readonly { readonly key: string; readonly totals: { readonly requests: number } }[] } = await (
        await call(isolate, `/api/metrics?by=${by}`)
      ).json();
      return Object.fromEntries(series.map(({ key, totals }) => [key, totals.requests]));
    };
    expect(await counts("owner")).toEqual({ ada: 2, bob: 1 });
    expect(await counts("team")).toEqual({ search: 3 });
    expect(await counts("api_key")).toEqual({ [ada.id]: 2, [bob.id]: 1 });
  });
});

describe("a key's own limits", () => {
  test("hold for it and for no other key, in a file that names none", async () => {
    const { secret } = await makeKey(isolate, { limits: { requests_per_minute: 2 } });
    const { secret: free } = await makeKey(isolate);
    const outcomes = [];
    for (let time = 0; time < 3; time += 1) outcomes.push(await outcomeOf(askWith(isolate, secret)));
    expect(outcomes).toEqual(["200", "200", "429 rate_limit_exceeded"]);
    expect(await outcomeOf(askWith(isolate, free))).toBe("200");
  });

  test("count for all isolates, and what was used stays used where the limit is changed", async () => {
    const { id, secret } = await makeKey(isolate, { limits: { requests_per_day: 2 } });
    const other = newIsolate();
    expect(await outcomeOf(askWith(isolate, secret))).toBe("200");
    expect(await outcomeOf(askWith(other, secret))).toBe("200");
    expect(await outcomeOf(askWith(other, secret))).toMatch(/^429/);
    await changeKey(isolate, id, { limits: { requests_per_day: 3 } });
    expect(await outcomeOf(askWith(isolate, secret))).toBe("200");
    expect(await outcomeOf(askWith(isolate, secret))).toMatch(/^429/);
  });
});
