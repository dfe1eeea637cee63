import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embed, embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Call, type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { chunk, refusing, STREAM_HEADERS } from "../support/upstream.ts";

const GATEWAY_KEY = "to11_key-of-the-clients-in-these-tests-0002";
const STORED_KEY = "sk-stored-with-the-gateway";
const CALLERS_KEY = "sk-of-the-caller";

let simulator: Simulator;
let gateway: DevGateway;

const routesToml = (baseUrl: string): string => `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
base_url = "${baseUrl}"
models = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "text-embedding-3-large"]
[targets.talk]
model = "gpt-4o"
[targets.vectors]
model = "text-embedding-3-small"
[routes.talk]
models = ["gpt-4o"]
targets = ["talk"]
retry = { max_retries = 1, backoff_base_ms = 0 }
[routes.vectors]
endpoint = "embeddings"
models = ["text-embedding-3-small"]
targets = ["vectors"]
`;

beforeAll(async () => {
  simulator = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startDevGateway(routesToml(simulator.baseUrl("openai")), { OPENAI_API_KEY: STORED_KEY, TO11_API_KEY: GATEWAY_KEY });
});

beforeEach(() => simulator.reset());

afterAll(async () => {
  await gateway?.end();
  await simulator.close();
});

/** The gateway as a provider of the package. `includeUsage` is what it needs to tell a stream's usage, with any provider. */
const managed = () => createOpenAICompatible({ name: "to11", baseURL: gateway.baseUrl, apiKey: GATEWAY_KEY, includeUsage: true });
const ownKey = () =>
  createOpenAICompatible({
    name: "to11",
    baseURL: gateway.baseUrl,
    apiKey: CALLERS_KEY,
    headers: { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` },
    includeUsage: true,
  });

/** The calls that reached the provider: with the right key, and with no header of the gateway's. */
function upstreamCalls(upstreamKey: string): readonly Call[] {
  const calls = simulator.calls("openai");
  expect(new Set(calls.map(({ headers }) => headers["authorization"]))).toEqual(new Set([`Bearer ${upstreamKey}`]));
  expect(calls.flatMap(({ headers }) => Object.keys(headers).filter((name) => name.startsWith("x-to11")))).toEqual([]);
  return calls;
}

const bodyOf = (call: Call | undefined): Record<string, unknown> => JSON.parse(call?.body.toString() ?? "null") as Record<string, unknown>;

const parameters = jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } }, required: ["city"] });
const weather = tool({ inputSchema: parameters, execute: ({ city }) => `sunny in ${city}` });

describe.each([
  {
    way: "a model that a route covers",
    provider: managed,
    chat: "gpt-4o",
    embeddings: "text-embedding-3-small",
    served: { chat: "gpt-4o", embeddings: "text-embedding-3-small" },
    upstreamKey: STORED_KEY,
  },
  {
    way: "a route's name",
    provider: managed,
    chat: "route::talk",
    embeddings: "route::vectors",
    served: { chat: "gpt-4o", embeddings: "text-embedding-3-small" },
    upstreamKey: STORED_KEY,
  },
  {
    way: "a model that no route covers, with the caller's own key",
    provider: ownKey,
    chat: "gpt-4o-mini",
    embeddings: "text-embedding-3-large",
    served: { chat: "gpt-4o-mini", embeddings: "text-embedding-3-large" },
    upstreamKey: CALLERS_KEY,
  },
])("the ai package, asking for $way", ({ provider, chat, embeddings, served, upstreamKey }) => {
  const introduction = `This is the simulator, standing in for ${served.chat} of openai.`;

  test("generates text", async () => {
    const { text, finishReason, usage } = await generateText({ model: provider()(chat), prompt: "Hello" });
    expect(text).toBe(`${introduction} You said: "Hello"`);
    expect(finishReason).toBe("stop");
    expect(usage.totalTokens).toBe(14);
    expect(upstreamCalls(upstreamKey).map(bodyOf)).toEqual([{ model: served.chat, messages: [{ role: "user", content: "Hello" }] }]);
  });

  test("streams text, with its usage", async () => {
    const stream = streamText({ model: provider()(chat), prompt: "Hello" });
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces.join("")).toBe(`${introduction} You said: "Hello"`);
    expect(pieces.length).toBeGreaterThan(5);
    expect(await stream.finishReason).toBe("stop");
    expect((await stream.usage).outputTokens).toBe(13);
    expect(upstreamCalls(upstreamKey).map((call) => bodyOf(call)["stream_options"])).toEqual([{ include_usage: true }]);
  });

  test.each(["generated", "streamed"])("calls a tool and answers with what it said, %s", async (how) => {
    const request = { model: provider()(chat), prompt: "Weather?", tools: { weather }, stopWhen: stepCountIs(2) };
    const result = how === "generated" ? await generateText(request) : streamText(request);
    const steps = await result.steps;
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(steps[0]?.toolResults.map(({ input, output }) => ({ input, output }))).toEqual([
      { input: { city: "sample" }, output: "sunny in sample" },
    ]);
    expect(await result.text).toBe(`${introduction} The tool said: "sunny in sample"`);
    expect(upstreamCalls(upstreamKey)).toHaveLength(2);
  });

  test("embeds one value and many", async () => {
    const model = provider().embeddingModel(embeddings);
    const { embedding } = await embed({ model, value: "one" });
    const { embeddings: many } = await embedMany({ model, values: ["one", "two"] });
    expect(embedding.length).toBeGreaterThanOrEqual(1_536);
    expect(many[0]).toEqual(embedding);
    expect(many[1]).not.toEqual(embedding);
    expect(upstreamCalls(upstreamKey).map((call) => [bodyOf(call)["model"], bodyOf(call)["input"]])).toEqual([
      [served.embeddings, ["one"]],
      [served.embeddings, ["one", "two"]],
    ]);
  });
});

describe("the ai package", () => {
  test("tells a model that nobody knows by the gateway's own words", async () => {
    const failure = await generateText({ model: managed()("gpt-4oo"), prompt: "Hello" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(APICallError);
    expect(failure).toMatchObject({ statusCode: 404, isRetryable: false, message: expect.stringContaining('"gpt-4o"') });
  });

  test("reports a stream that breaks off, after what had come", async () => {
    simulator.script("openai", { headers: STREAM_HEADERS, body: [chunk({ content: "Once" })], ending: "reset" });
    const errors: unknown[] = [];
    const stream = streamText({ model: managed()("gpt-4o"), prompt: "Hello", onError: ({ error }) => void errors.push(error) });
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces).toEqual(["Once"]);
    expect(errors).toMatchObject([{ code: "stream_truncated" }]);
  });

  test("gets an upstream's own error once the gateway has retried", async () => {
    simulator.always("openai", refusing(503, "down"));
    const failure = await generateText({ model: managed()("gpt-4o"), prompt: "Hello", maxRetries: 0 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ statusCode: 503, message: "down" });
    expect(simulator.calls()).toHaveLength(2);
  });
});
