import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { Agent, OpenAIProvider, Runner, tool as agentTool } from "@openai/agents";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

// The clients that people use, unchanged, each at targets that speak another dialect than theirs.

let simulator: Simulator;
let gateway: DevGateway;

/** What each model's provider speaks, as a path of the simulator's calls says it. */
const SPOKEN = {
  claude: /^\/v1\/messages$/,
  gpt: /^\/v1\/responses$/,
  copy: /^\/v1\/chat\/completions$/,
  gem: /:(generateContent|streamGenerateContent)$/,
} as const;
type Model = keyof typeof SPOKEN;

const routesToml = (upstream: Simulator): string => `
[auth]
open = true
[providers.anthropic]
base_url = "${upstream.baseUrl("anthropic")}"
models = ["claude"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
speaks = ["/v1/responses"]
models = ["gpt"]
[providers.copy]
base_url = "${upstream.baseUrl("copy")}"
speaks = ["/v1/chat/completions"]
models = ["copy"]
[providers.gemini]
base_url = "${upstream.baseUrl("gemini")}"
models = ["gem"]
[targets.claude]
model = "claude"
[targets.gpt]
model = "gpt"
[targets.copy]
model = "copy"
[targets.gem]
model = "gem"
`;

const STORED = {
  ANTHROPIC_API_KEY: "sk-ant-stored",
  OPENAI_API_KEY: "sk-stored",
  COPY_API_KEY: "sk-copy-stored",
  GEMINI_API_KEY: "AI-stored",
};

beforeAll(async () => {
  simulator = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startDevGateway(routesToml(simulator), STORED);
});

beforeEach(() => simulator.reset());

afterAll(async () => {
  await gateway?.end();
  await simulator.close();
});

const PROVIDERS: Readonly<Record<Model, string>> = { claude: "anthropic", gpt: "openai", copy: "copy", gem: "gemini" };

const hello = (model: Model): string => `This is the simulator, standing in for ${model} of ${PROVIDERS[model]}. You said: "Hello"`;

/** That each call reached the model's provider in that one's own dialect. */
function expectSpoken(model: Model, calls: number): void {
  const paths = simulator.calls().map(({ path }) => path);
  expect(paths).toHaveLength(calls);
  for (const path of paths) expect(path).toMatch(SPOKEN[model]);
}

const openai = (): OpenAI => new OpenAI({ baseURL: gateway.baseUrl, apiKey: "local" });
const anthropic = (): Anthropic => new Anthropic({ baseURL: gateway.url, apiKey: "local" });

const messages = [{ role: "user" as const, content: "Hello" }];
const parameters = {
  type: "object" as const,
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } },
  required: ["city", "days"],
};
const ARGUMENTS = { city: "sample", days: 2 };
const Forecast = z.object({ city: z.string(), days: z.number() });

/** What a tool of the tests is called with, and gives back. */
function weatherTool(): { readonly calls: unknown[]; readonly run: (args: unknown) => string } {
  const calls: unknown[] = [];
  return { calls, run: (args) => (calls.push(args), "It rains.") };
}

describe.each(["claude", "gpt", "gem"] as const)("the openai package's chat completions at %s", (model) => {
  test("reads an answer, whole and streamed", async () => {
    const { data, response } = await openai().chat.completions.create({ model, messages, max_tokens: 200 }).withResponse();
    expect(data.choices[0]?.message.content).toBe(hello(model));
    expect(data.choices[0]?.finish_reason).toBe("stop");
    expect(data.usage?.total_tokens).toBeGreaterThan(10);
    expect(response.headers.get("x-to11-translated")).toMatch(/^chat->/);
    const stream = openai().chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    const deltas: string[] = [];
    stream.on("content", (delta) => deltas.push(delta));
    const whole = await stream.finalChatCompletion();
    expect(deltas.join("")).toBe(hello(model));
    expect(deltas.length).toBeGreaterThan(5);
    expect(whole.usage?.total_tokens).toBe(data.usage?.total_tokens);
    expectSpoken(model, 2);
  });

  test("runs tools over two turns", async () => {
    const weather = weatherTool();
    const definition = { name: "weather", description: "Weather.", parameters, parse: JSON.parse, function: weather.run };
    const runner = openai().chat.completions.runTools({ model, messages, tools: [{ type: "function", function: definition }] });
    expect(await runner.finalContent()).toContain('The tool said: "It rains."');
    const streamed = openai().chat.completions.runTools({
      model,
      messages,
      stream: true,
      tools: [{ type: "function", function: definition }],
    });
    expect(await streamed.finalContent()).toContain('The tool said: "It rains."');
    expect(weather.calls).toEqual([ARGUMENTS, ARGUMENTS]);
    expectSpoken(model, 4);
  });

  test("parses a structured answer", async () => {
    const answer = await openai().chat.completions.parse({ model, messages, response_format: zodResponseFormat(Forecast, "forecast") });
    expect(answer.choices[0]?.message.parsed).toMatchObject({ city: "sample" });
    expectSpoken(model, 1);
  });
});

describe.each(["claude", "copy", "gem"] as const)("the openai package's responses at %s", (model) => {
  test("reads an answer, whole and as numbered events", async () => {
    const { data, response } = await openai().responses.create({ model, input: "Hello", store: false }).withResponse();
    expect(data.output_text).toBe(hello(model));
    expect(response.headers.get("x-to11-translated")).toMatch(/^responses->/);
    const stream = openai().responses.stream({ model, input: "Hello", store: false });
    const numbers: number[] = [];
    stream.on("event", ({ sequence_number }) => numbers.push(sequence_number));
    const whole = await stream.finalResponse();
    expect(whole.output_text).toBe(hello(model));
    expect(whole.usage?.total_tokens).toBe(data.usage?.total_tokens);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expectSpoken(model, 2);
  });

  test("calls a tool and reads its result", async () => {
    const tools = [{ type: "function" as const, name: "weather", parameters, strict: false }];
    const first = await openai().responses.stream({ model, input: "Hello", store: false, tools }).finalResponse();
    const call = first.output.find((item) => item.type === "function_call");
    expect(JSON.parse(call?.arguments ?? "")).toEqual(ARGUMENTS);
    const input = [
      { role: "user" as const, content: "Hello" },
      ...(first.output as OpenAI.Responses.ResponseInputItem[]),
      { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "It rains." },
    ];
    const second = await openai().responses.create({ model, input, store: false, tools });
    expect(second.output_text).toContain('The tool said: "It rains."');
    expectSpoken(model, 2);
  });

  test("parses a structured answer", async () => {
    const answer = await openai().responses.parse({
      model,
      input: "Hello",
      store: false,
      text: { format: zodTextFormat(Forecast, "forecast") },
    });
    expect(answer.output_parsed).toMatchObject({ city: "sample" });
  });
});

describe.each(["copy", "gpt", "gem"] as const)("Anthropic's SDK at %s", (model) => {
  test("reads an answer, whole and streamed", async () => {
    const { data, response } = await anthropic().messages.create({ model, max_tokens: 200, messages }).withResponse();
    expect(data.content).toMatchObject([{ type: "text", text: hello(model) }]);
    expect(data.stop_reason).toBe("end_turn");
    expect(response.headers.get("x-to11-translated")).toMatch(/^messages->/);
    const stream = anthropic().messages.stream({ model, max_tokens: 200, messages });
    const deltas: string[] = [];
    stream.on("text", (delta) => deltas.push(delta));
    const whole = await stream.finalMessage();
    expect(deltas.join("")).toBe(hello(model));
    expect(whole.usage.output_tokens).toBe(data.usage.output_tokens);
    expect(whole.usage.input_tokens).toBe(data.usage.input_tokens);
    expectSpoken(model, 2);
  });

  test("calls a tool over two turns", async () => {
    const tools = [{ name: "weather", description: "Weather.", input_schema: parameters }];
    const first = await anthropic().messages.stream({ model, max_tokens: 200, messages, tools }).finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    expect(call).toMatchObject({ name: "weather", input: ARGUMENTS });
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "It rains." };
    const history = [...messages, { role: "assistant" as const, content: first.content }, { role: "user" as const, content: [result] }];
    const second = await anthropic().messages.create({ model, max_tokens: 200, messages: history, tools });
    expect(second.content).toMatchObject([{ type: "text", text: expect.stringContaining('The tool said: "It rains."') }]);
    expectSpoken(model, 2);
  });

  test("throws its own error for a request that cannot be put there, which names the place", async () => {
    const tools = [{ type: "web_search_20250305" as const, name: "web_search" as const }];
    const failure = await anthropic()
      .messages.create({ model, max_tokens: 200, messages, tools })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Anthropic.BadRequestError);
    expect(String(failure)).toContain("tools.0");
    expectSpoken(model, 0);
  });
});

describe("the AI SDK", () => {
  const weather = (run: (args: unknown) => string) =>
    tool({ description: "Weather.", inputSchema: jsonSchema<typeof ARGUMENTS>(parameters), execute: async (args) => run(args) });

  test.each([
    {
      client: "its OpenAI chat",
      language: () => createOpenAI({ baseURL: gateway.baseUrl, apiKey: "local" }).chat("claude"),
      model: "claude" as const,
    },
    {
      client: "its OpenAI responses",
      language: () => createOpenAI({ baseURL: gateway.baseUrl, apiKey: "local" }).responses("gem"),
      model: "gem" as const,
    },
    {
      client: "its Anthropic",
      language: () => createAnthropic({ baseURL: gateway.baseUrl, apiKey: "local" })("gpt"),
      model: "gpt" as const,
    },
  ])("with $client package streams, and runs tools over two steps", async ({ language, model }) => {
    const providerOptions = { openai: { store: false } };
    expect(await streamText({ model: language(), prompt: "Hello", providerOptions }).text).toBe(hello(model));
    const called = weatherTool();
    const { text } = await generateText({
      model: language(),
      prompt: "Hello",
      tools: { weather: weather(called.run) },
      stopWhen: stepCountIs(2),
      providerOptions,
    });
    expect(text).toContain("The tool said");
    expect(called.calls).toEqual([ARGUMENTS]);
    expectSpoken(model, 3);
  });
});

describe("OpenAI's Agents", () => {
  test.each([
    { api: "responses", useResponses: true, model: "claude" as const },
    { api: "chat completions", useResponses: false, model: "gem" as const },
  ])("run a tool over $api", async ({ useResponses, model }) => {
    const called = weatherTool();
    const weather = agentTool({
      name: "weather",
      description: "Weather.",
      parameters: z.object({ city: z.string(), days: z.number().int().min(2) }),
      execute: async (args) => called.run(args),
    });
    const runner = new Runner({
      modelProvider: new OpenAIProvider({ baseURL: gateway.baseUrl, apiKey: "local", useResponses }),
      tracingDisabled: true,
    });
    const agent = new Agent({
      name: "Forecaster",
      instructions: "Use the tool.",
      model,
      tools: [weather],
      modelSettings: { store: false },
    });
    const { finalOutput } = await runner.run(agent, "Hello");
    expect(finalOutput).toContain("The tool said");
    expect(called.calls).toEqual([ARGUMENTS]);
    expectSpoken(model, 2);
  });
});

describe("LangChain", () => {
  test.each(["claude", "gpt", "gem"] as const)("asks %s, whole and streamed", async (model) => {
    const chat = new ChatOpenAI({ model, apiKey: "local", configuration: { baseURL: gateway.baseUrl }, maxRetries: 0 });
    expect((await chat.invoke([new HumanMessage("Hello")])).text).toBe(hello(model));
    let text = "";
    for await (const piece of await chat.stream([new HumanMessage("Hello")])) text += piece.text;
    expect(text).toBe(hello(model));
    expectSpoken(model, 2);
  });
});

describe("traces", () => {
  test("say from which dialect to which a call went, and what was dropped", async () => {
    await openai().chat.completions.create({ model: "claude", messages, max_tokens: 100, seed: 1, user: "ada" });
    const traces = JSON.parse(`[${(await gateway.command("traces", "--json")).trim().replaceAll("\n", ",")}]`) as Record<string, unknown>[];
    expect(traces.at(-1)).toMatchObject({ translated: "messages", dropped: ["seed"] });
  });
});
