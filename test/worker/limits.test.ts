import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { callAndStay } from "../support/leaving-caller.ts";
import { answering, chat, chunk, DONE, FINISH, jsonAnswer, refusing, ROLE, STREAM_HEADERS, USAGE } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const CALLER_HEADERS = { "content-type": "application/json", "x-to11-authorization": `Bearer ${GATEWAY_KEY}` };

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
});
afterAll(() => upstream.close());
beforeEach(() => upstream.reset());

/** Two providers, a route for each, and one over both. */
function file(limits: string, more = ""): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
${limits}
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
speaks = ["/v1/chat/completions", "/v1/messages", "/v1/responses"]
${more}
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
[targets.a]
model = "model-a"
[targets.b]
model = "model-b"
[routes.both]
strategy = "fallback"
targets = ["a", "b"]
retry = { max_retries = 2, backoff_base_ms = 1 }
[routes.rescued]
strategy = "fallback"
targets = ["a", "b"]
rescue = "restart"
[routes.only-a]
models = ["model-a"]
targets = ["a"]
[functions.task]
targets = ["a"]
`;
}

async function withGateway(limits: string, work: () => Promise<void>, more = ""): Promise<void> {
  gateway = await startGateway({ toml: file(limits, more), bindings: { A_API_KEY: "key-of-a", B_API_KEY: "key-of-b" } });
  try {
    await work();
  } finally {
    await gateway.close();
  }
}

async function call(model = "route::only-a", more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Response> {
  return gateway.post(CHAT, chat(model, more), headers);
}

async function told(response: Response): Promise<{ status: number; code: string | null; param: string | null; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return { status: response.status, ...error };
}

describe("requests a minute", () => {
  it("are as many as the limit says, and the next is told when it fits", async () => {
    await withGateway("[limits.key]\nrequests_per_minute = 6", async () => {
      const answers = [];
      for (let n = 0; n < 6; n += 1) answers.push(await call());
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      const headers = answers.map((answer) =>
        ["limit", "remaining", "reset"].map((each) => answer.headers.get(`x-ratelimit-${each}-requests`)),
      );
      expect(headers[0]).toEqual(["6", "5", "10s"]);
      expect(headers[5]).toEqual(["6", "0", "1m0s"]);
      const refused = await call();
      expect(Object.fromEntries(["retry-after", "x-should-retry"].map((name) => [name, refused.headers.get(name)]))).toEqual({
        "retry-after": "10",
        "x-should-retry": null,
      });
      expect(Number(refused.headers.get("retry-after-ms"))).toBeGreaterThan(9000);
      const message = await told(refused);
      expect(message).toMatchObject({ status: 429, code: "rate_limit_exceeded", param: "key/requests_per_minute" });
      expect(message.message).toMatch(/^The key "TO11_API_KEY" may make 6 requests a minute; the next one fits in 10 s\.$/);
      const trace = await gateway.traceOf(refused);
      expect(trace).toMatchObject({ outcome: "rejected", status: 429, error_code: "rate_limit_exceeded", attempts: [] });
      expect(trace.limits).toMatchObject({ refused_by: "key/requests_per_minute" });
    });
  });

  it("are one for each call, whatever its layer, its name, its retries and its failover (L6, L10)", async () => {
    await withGateway("[limits.key]\nrequests_per_minute = 60", async () => {
      upstream.script("a", refusing(503, "down"), refusing(503, "down"), refusing(503, "down"));
      const failedOver = await call("route::both");
      expect(failedOver.status).toBe(200);
      expect(failedOver.headers.get("x-to11-attempts")).toBe("4");
      await call("model-a");
      await call("function::task");
      const last = await call("a::model-a", {}, { authorization: "Bearer sk-own" });
      expect([last.status, last.headers.get("x-ratelimit-remaining-requests")]).toEqual([200, "56"]);
    });
  });

  it("are not used up by what is refused before (L8)", async () => {
    await withGateway("[limits.key]\nrequests_per_minute = 3", async () => {
      const bad = { method: "POST", headers: { "content-type": "application/json" } };
      for (let n = 0; n < 5; n += 1) {
        expect((await gateway.fetch(CHAT, { ...bad, body: "{" })).status).toBe(400);
        expect((await call("no-such-model")).status).toBe(404);
        expect((await call("model-a", {}, { "x-to11-authorization": "Bearer to11_no-such-key-0000000000000000000000" })).status).toBe(401);
      }
      const answers = [await call(), await call(), await call(), await call()];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    });
  });

  it("hide what an upstream says of its own limits, which stays where the caller has none", async () => {
    const saying = answering("hi", { "x-ratelimit-remaining-requests": "999", "anthropic-ratelimit-tokens-remaining": "7" });
    await withGateway("[limits.user]\nrequests_per_minute = 3", async () => {
      upstream.script("a", saying, saying);
      const free = await call();
      const limited = await call("route::only-a", {}, { "x-to11-user-id": "ann" });
      const told = (answer: Response) =>
        ["x-ratelimit-remaining-requests", "anthropic-ratelimit-tokens-remaining"].map((name) => answer.headers.get(name));
      expect([told(free), told(limited)]).toEqual([
        ["999", "7"],
        ["2", null],
      ]);
    });
  });

  it("are told in the dialect called", async () => {
    await withGateway("[limits.project]\nrequests_per_minute = 1", async () => {
      const body = { model: "model-a", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] };
      expect((await call()).status).toBe(200);
      const refused = await gateway.post("/v1/messages", body, { "anthropic-version": "2023-06-01" });
      expect(refused.status).toBe(429);
      expect(await refused.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
    });
  });
});

const USAGE_OF = (input: number, output: number) =>
  jsonAnswer({
    id: "c1",
    object: "chat.completion",
    model: "served-model",
    choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  });

/** A chat whose JSON has exactly so many bytes. */
function ofBytes(bytes: number, more: Record<string, unknown>): Record<string, unknown> {
  const filled = (content: string) => ({ messages: [{ role: "user", content }], ...more });
  const empty = JSON.stringify({ ...chat("route::only-a"), ...filled("") }).length;
  return filled("x".repeat(bytes - empty));
}

interface Shown {
  readonly subject: string;
  readonly limit: string;
  readonly spent: number;
  readonly reserved: number;
  readonly max: number;
}

/** Where a subject's limit stands, once `isThere` says that it is what is waited for. */
async function shown(subject: string, isThere: (limit: Shown) => boolean): Promise<Shown> {
  let last: Shown | undefined;
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const response = await gateway.api(`/api/limits?subject=${encodeURIComponent(subject)}`);
    const { limits } = (await response.json()) as { limits: Shown[] };
    last = limits[0];
    if (last !== undefined && isThere(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`did not come about: ${JSON.stringify(last)}`);
}

describe("tokens", () => {
  it("are reserved by the body's bytes and what it allows, and settled by what the provider counts (L5)", async () => {
    await withGateway("[limits.key]\ntokens_per_day = 10000", async () => {
      upstream.script("a", USAGE_OF(900, 120));
      const answer = await call("route::only-a", ofBytes(4000, { max_tokens: 500 }));
      expect(answer.headers.get("x-ratelimit-remaining-tokens")).toBe("8500");
      await answer.text();
      expect(await shown("key/TO11_API_KEY", ({ spent, reserved }) => spent === 1020 && reserved === 0)).toMatchObject({ max: 10_000 });
    });
  });

  it("of a stream that its caller leaves are what was sent and the input, and nothing stays reserved (B8)", async () => {
    await withGateway("[limits.key]\ntokens_per_day = 1000000\nmax_concurrent = 50", async () => {
      const words = [...Array.from({ length: 9 }, () => chunk({ content: "x".repeat(40) })), chunk({ content: "y".repeat(40) })];
      for (let n = 0; n < 10; n += 1) {
        upstream.script("a", { headers: STREAM_HEADERS, body: [ROLE, ...words], ending: "silence" });
        const body = JSON.stringify({ ...chat("route::only-a"), ...ofBytes(400, { stream: true }) });
        const caller = await callAndStay(gateway.url + CHAT, { headers: CALLER_HEADERS, body });
        await caller.untilSeen("y".repeat(40));
        caller.reset();
      }
      // 100 tokens of each input and of each answer.
      const settled = await shown("key/TO11_API_KEY", ({ spent, reserved }) => spent === 2000 && reserved === 0);
      expect(settled.limit).toBe("tokens_per_day");
      expect((await call()).status).toBe(200);
    });
  });

  it("of an answer that two targets gave are those of both", async () => {
    await withGateway("[limits.key]\ntokens_per_day = 1000000", async () => {
      const words = Array.from({ length: 10 }, () => chunk({ content: "x".repeat(40) }));
      upstream.script("a", { headers: STREAM_HEADERS, body: [ROLE, ...words], ending: "reset" });
      upstream.script("b", { headers: STREAM_HEADERS, body: [ROLE, ...words, chunk({ content: "end" }), FINISH, USAGE, DONE] });
      const answer = await call("route::rescued", ofBytes(399, { stream: true }));
      expect(await answer.text()).toContain("end");
      // 100 of the input and 100 of what broke off, 9 and 2 as the second counts them.
      await shown("key/TO11_API_KEY", ({ spent, reserved }) => spent === 211 && reserved === 0);
    });
  });

  it("that no bucket ever holds are refused without a word on when to come again", async () => {
    await withGateway("[limits.key]\ntokens_per_minute = 100", async () => {
      const refused = await call("route::only-a", { max_tokens: 500 });
      expect(["retry-after", "x-should-retry"].map((name) => refused.headers.get(name))).toEqual([null, "false"]);
      expect(await told(refused)).toMatchObject({
        code: "rate_limit_exceeded",
        param: "key/tokens_per_minute",
        message: expect.stringContaining("this call alone needs"),
      });
    });
  });
});

describe("budgets", () => {
  const priced = (limits: string) =>
    `${limits}\n[models.model-a]\nprice = { input = 2.0, output = 8.0 }\n[models.model-b]\nprice = { input = 2.0, output = 8.0 }`;

  it("in USD are reserved by the dearest price, and the third call waits for what the first two used (B2)", async () => {
    await withGateway(priced("[limits.key]\nusd_per_month = 0.010"), async () => {
      const slow = { ...USAGE_OF(900, 100), delayMs: 300 };
      upstream.script("a", slow, slow, USAGE_OF(900, 100));
      const body = ofBytes(4000, { max_tokens: 250 });
      const three = await Promise.all([call("route::only-a", body), call("route::only-a", body), call("route::only-a", body)]);
      expect(three.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(2);
      const refused = three.find(({ status }) => status === 429);
      expect(refused?.headers.get("retry-after")).toBe("1");
      if (refused !== undefined) expect(await told(refused)).toMatchObject({ code: "rate_limit_exceeded", param: "key/usd_per_month" });
      expect(await shown("key/TO11_API_KEY", ({ reserved }) => reserved === 0)).toMatchObject({ spent: 0.0052, max: 0.01 });
      expect((await call("route::only-a", body)).status).toBe(200);
    });
  });

  it("that are spent say so in OpenAI's word, and when they begin anew (B1)", async () => {
    await withGateway("[limits.key]\nrequests_per_day = 2", async () => {
      await call();
      await call();
      const refused = await call();
      expect(refused.headers.get("x-should-retry")).toBe("false");
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await told(refused)).toMatchObject({ status: 429, code: "insufficient_quota", param: "key/requests_per_day" });
    });
  });

  it("in USD are not spent by calls with the caller's own provider key", async () => {
    await withGateway(priced("[limits.key]\nusd_per_day = 0.000001\nrequests_per_day = 9"), async () => {
      const own = await call("a::model-a", {}, { authorization: "Bearer sk-own" });
      expect([own.status, own.headers.get("x-ratelimit-remaining-requests")]).toEqual([200, "8"]);
      expect((await call()).status).toBe(429);
    });
  });
});

describe("accounts", () => {
  it("that are full are passed over, and the chain goes on (L12)", async () => {
    await withGateway(
      "",
      async () => {
        const first = await call("route::both");
        expect(first.headers.get("x-to11-target")).toBe("a");
        const second = await call("route::both");
        expect([second.status, second.headers.get("x-to11-target"), second.headers.get("x-to11-attempts")]).toEqual([200, "b", "1"]);
        const trace = await gateway.traceOf(second);
        expect(trace.attempts.map(({ target, outcome }) => [target, outcome])).toEqual([
          ["a", "unsent"],
          ["b", "answered"],
        ]);
        expect(trace.limits).toMatchObject({ refused_by: null });
        const only = await call();
        expect(await told(only)).toMatchObject({ status: 429, code: "rate_limit_exceeded", param: "account/a/requests_per_minute" });
        expect(await gateway.traceOf(only)).toMatchObject({ outcome: "rejected", limits: { refused_by: "account/a/requests_per_minute" } });
      },
      "limits = { requests_per_minute = 1 }",
    );
  });

  it("count every attempt, retries too (L6)", async () => {
    await withGateway(
      "",
      async () => {
        upstream.script("a", refusing(503, "down"), refusing(503, "down"), refusing(503, "down"));
        expect((await call("route::both")).headers.get("x-to11-target")).toBe("b");
        expect(await shown("account/a", ({ spent }) => spent === 3)).toMatchObject({ limit: "requests_per_day" });
      },
      "limits = { requests_per_day = 100 }",
    );
  });

  it("of a caller's own are not the gateway's", async () => {
    await withGateway(
      "",
      async () => {
        const own = () => call("a::model-a", {}, { authorization: "Bearer sk-own" });
        expect([(await own()).status, (await own()).status]).toEqual([200, 200]);
      },
      "limits = { requests_per_minute = 1 }",
    );
  });
});

describe("a provider's own API", () => {
  const files = () => gateway.fetch("/providers/a/v1/files");

  it("is no way around: its calls count against caller and account, and what is full is refused", async () => {
    await withGateway(
      "[limits.key]\nrequests_per_minute = 2",
      async () => {
        upstream.script("a", jsonAnswer({ data: [] }), jsonAnswer({ data: [] }));
        const answers = [await files(), await files(), await files()];
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
        expect(answers[0]?.headers.get("x-ratelimit-remaining-requests")).toBe("1");
      },
      'passthrough = "stored"',
    );
    await withGateway(
      "",
      async () => {
        upstream.script("a", jsonAnswer({ data: [] }));
        expect((await files()).status).toBe(200);
        const refused = await files();
        expect(await told(refused)).toMatchObject({ status: 429, param: "account/a/requests_per_minute" });
        expect(await gateway.traceOf(refused)).toMatchObject({ outcome: "rejected" });
      },
      'passthrough = "stored"\nlimits = { requests_per_minute = 1 }',
    );
  });

  it("is not called with a stored key where money is counted, since nobody knows what it costs", async () => {
    const prices = "[models.model-a]\nprice = { input = 2.0, output = 8.0 }\n[models.model-b]\nprice = { input = 2.0, output = 8.0 }";
    await withGateway(
      `[limits.key]\nusd_per_day = 5\n${prices}`,
      async () => {
        const body = JSON.stringify({ prompt: "a film" });
        const refused = await gateway.fetch("/providers/a/v1/videos", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        expect(await told(refused)).toMatchObject({ status: 500, code: "config_error" });
      },
      'passthrough = "stored"',
    );
  });
});

describe("calls under way at once", () => {
  it("are as many as the limit says, until one of them is over (L7)", async () => {
    await withGateway("[limits.key]\nmax_concurrent = 2", async () => {
      const hanging = { headers: STREAM_HEADERS, body: [ROLE, chunk({ content: "hi" })], ending: "silence" as const };
      upstream.script("a", hanging, hanging, answering("third"));
      const open = async () => {
        const caller = await callAndStay(gateway.url + CHAT, {
          headers: CALLER_HEADERS,
          body: JSON.stringify(chat("route::only-a", { stream: true })),
        });
        await caller.untilSeen("hi");
        return caller;
      };
      const [first, second] = [await open(), await open()];
      const refused = await call();
      expect(refused.headers.get("retry-after")).toBe("1");
      expect(await told(refused)).toMatchObject({ status: 429, code: "rate_limit_exceeded", param: "key/max_concurrent" });
      first.reset();
      await shown("key/TO11_API_KEY", ({ reserved }) => reserved === 1);
      expect((await call()).status).toBe(200);
      second.reset();
      await shown("key/TO11_API_KEY", ({ reserved }) => reserved === 0);
    });
  });
});

describe("an agent that goes in circles", () => {
  const args = JSON.stringify({ path: "a.txt" });
  const chatCalls = (...given: readonly string[]) => ({
    messages: [
      { role: "user", content: "go" },
      ...given.map((each) => ({
        role: "assistant",
        content: null,
        tool_calls: [{ id: "t", type: "function", function: { name: "read", arguments: each } }],
      })),
    ],
  });
  const messageCalls = (...given: readonly object[]) => ({
    max_tokens: 5,
    messages: [
      { role: "user", content: "go" },
      ...given.map((input) => ({ role: "assistant", content: [{ type: "tool_use", id: "t", name: "read", input }] })),
    ],
  });
  const responseCalls = (...given: readonly string[]) => ({
    input: given.map((each) => ({ type: "function_call", call_id: "c", name: "read", arguments: each })),
  });

  it("is refused in every dialect, saying which tool and how often, and is not counted", async () => {
    await withGateway("[limits.session]\nsame_tool_call = 3\n[limits.key]\nrequests_per_minute = 1", async () => {
      const refused = await call("route::only-a", chatCalls("{}", args, args, args, args));
      expect(refused.headers.get("x-should-retry")).toBe("false");
      expect(await told(refused)).toMatchObject({
        status: 429,
        code: "loop_detected",
        param: "same_tool_call",
        message: expect.stringContaining('The last 4 tool calls of this conversation are the same call of "read"'),
      });
      const messages = await gateway.post("/v1/messages", { model: "model-a", ...messageCalls({ a: 1 }, { a: 1 }, { a: 1 }) });
      expect([messages.status, messages.headers.get("x-to11-error-code")]).toEqual([429, "loop_detected"]);
      const responses = await gateway.post("/v1/responses", { model: "model-a", ...responseCalls(args, args, args) });
      expect([responses.status, responses.headers.get("x-to11-error-code")]).toEqual([429, "loop_detected"]);
      expect((await call("route::only-a", chatCalls(args, args, "{}", args, args))).status).toBe(200);
    });
  });
});

describe("a project without limits", () => {
  it("makes not one call to a meter, nor notes anything of limits", async () => {
    gateway = await startGateway({ toml: file(""), bindings: { A_API_KEY: "key-of-a", B_API_KEY: "key-of-b" }, unbound: ["METER"] });
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => call("route::both", {}, { "x-to11-user-id": "ann" })));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const traces = await Promise.all(answers.map((answer) => gateway.traceOf(answer)));
      expect(traces.map(({ limits }) => limits)).toEqual(traces.map(() => null));
    } finally {
      await gateway.close();
    }
  });
});
