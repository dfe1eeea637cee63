import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SseSplitter } from "../../../../src/core/stream/sse.ts";
import { type Simulator, startSimulator } from "../../../../src/simulator/server.ts";

let simulator: Simulator;

beforeAll(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const HELLO = 'This is the simulator, standing in for gemini-3-flash of gemini. You said: "Hello"';
const REQUEST = { contents: [{ role: "user", parts: [{ text: "Hello" }] }] };
const TOOLS = [
  { functionDeclarations: [{ name: "weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } }] },
];

function post(called: string, body: object): Promise<Response> {
  return fetch(`${simulator.url}/gemini/v1beta/models/${called}`, { method: "POST", body: JSON.stringify(body) });
}

async function ask(body: object, model = "gemini-3-flash"): Promise<unknown> {
  return (await post(`${model}:generateContent`, body)).json();
}

/** The parts of a stream's chunks, and the last of them. */
async function stream(body: object): Promise<{ parts: Record<string, unknown>[]; last: unknown }> {
  const bytes = new Uint8Array(await (await post("gemini-3-flash:streamGenerateContent?alt=sse", body)).arrayBuffer());
  const chunks = new SseSplitter().push(bytes).map(({ data }) => JSON.parse(data ?? ""));
  return { parts: chunks.flatMap(({ candidates }) => candidates[0].content.parts), last: chunks.at(-1) };
}

test("an answer has its words, why it ended and what it took, and the model that the address names", async () => {
  expect(await ask(REQUEST)).toMatchObject({
    candidates: [{ content: { role: "model", parts: [{ text: HELLO }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 14, totalTokenCount: 15 },
    modelVersion: "gemini-3-flash",
  });
  expect(await ask(REQUEST, "a%2Fb")).toMatchObject({ modelVersion: "a/b" });
  expect(await ask(REQUEST, "100%25%ff")).toMatchObject({ modelVersion: "100%25%ff" });
});

test("a stream holds the same in pieces, the end in its last", async () => {
  const { parts, last } = await stream(REQUEST);
  expect(parts.map(({ text }) => text).join("")).toBe(HELLO);
  expect(parts.length).toBe(15);
  expect(last).toMatchObject({ candidates: [{ finishReason: "STOP" }], usageMetadata: { totalTokenCount: 15 } });
});

test("without alt=sse a stream is a list", async () => {
  const answer: unknown = await (await post("gemini-3-flash:streamGenerateContent", REQUEST)).json();
  expect(answer).toHaveLength(15);
});

test("a function is called, whole and streamed, and its result is answered in words", async () => {
  const call = {
    functionCall: { id: expect.any(String), name: "weather", args: { city: "sample" } },
    thoughtSignature: expect.any(String),
  };
  expect(await ask({ ...REQUEST, tools: TOOLS })).toMatchObject({ candidates: [{ content: { parts: [call] }, finishReason: "STOP" }] });
  expect((await stream({ ...REQUEST, tools: TOOLS })).parts).toEqual([call, { text: "" }]);
  const contents = [
    ...REQUEST.contents,
    { role: "model", parts: [{ functionCall: { name: "weather" }, thoughtSignature: "c2lnbmVk" }] },
    { role: "user", parts: [{ functionResponse: { name: "weather", response: { output: "sunny" } } }] },
  ];
  expect(await ask({ contents, tools: TOOLS })).toMatchObject({
    candidates: [{ content: { parts: [{ text: expect.stringContaining('The tool said: "sunny"') }] } }],
  });
});

describe("what decides how it is answered", () => {
  const tools = [{ functionDeclarations: [{ name: "first" }, { name: "second" }] }];
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

  test.each([
    ["AUTO", { mode: "AUTO" }, { functionCall: { name: "first" } }],
    ["ANY", { mode: "ANY", allowedFunctionNames: ["second"] }, { functionCall: { name: "second" } }],
    ["NONE", { mode: "NONE" }, { text: HELLO }],
  ])("mode %s", async (_name, functionCallingConfig, part) => {
    const answer = await ask({ ...REQUEST, tools, toolConfig: { functionCallingConfig } });
    expect(answer).toMatchObject({ candidates: [{ content: { parts: [part] } }] });
  });

  test("a schema, and a bound on tokens", async () => {
    const json = { generationConfig: { responseMimeType: "application/json", responseJsonSchema: schema } };
    expect(await ask({ ...REQUEST, ...json })).toMatchObject({ candidates: [{ content: { parts: [{ text: '{"city":"sample"}' }] } }] });
    expect(await ask({ ...REQUEST, generationConfig: { maxOutputTokens: 3 } })).toMatchObject({
      candidates: [{ content: { parts: [{ text: "This is the" }] }, finishReason: "MAX_TOKENS" }],
    });
  });
});

describe("what Google refuses, in its shape", () => {
  const unsigned = { role: "model", parts: [{ functionCall: { name: "weather", args: {} } }] };
  const json = { generationConfig: { responseMimeType: "application/json" } };

  test.each<[string, string, object, string]>([
    ["no contents", "gemini-3-flash", {}, "contents is not specified"],
    ["a call without its signature", "gemini-3-flash", { contents: [...REQUEST.contents, unsigned] }, "is missing a `thought_signature`"],
    ["JSON beside functions", "gemini-2.5-pro", { ...REQUEST, ...json, tools: TOOLS }, "is unsupported"],
  ])("%s", async (_name, model, body, message) => {
    for (const method of ["generateContent", "streamGenerateContent?alt=sse"]) {
      const response = await post(`${model}:${method}`, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: { code: 400, message: expect.stringContaining(message), status: "INVALID_ARGUMENT" },
      });
    }
  });

  test("both are taken of the models that take them", async () => {
    expect(await ask({ contents: [...REQUEST.contents, unsigned] }, "gemini-2.5-pro")).toHaveProperty("candidates");
    expect(await ask({ ...REQUEST, ...json, tools: TOOLS })).toHaveProperty("candidates");
  });
});

test("under a fault it fails as Google words it, and a stream is cut after so many events", async () => {
  simulator.setFault("gemini", { status: 503 });
  const message = "The simulator was told to answer 503.";
  expect(await ask(REQUEST)).toEqual({ error: { code: 503, message, status: "UNAVAILABLE" } });
  simulator.setFault("gemini", { cut_after: 2 });
  const seen: string[] = [];
  const cut = await post("gemini-3-flash:streamGenerateContent?alt=sse", REQUEST);
  await expect(async () => {
    for await (const chunk of cut.body ?? []) seen.push(Buffer.from(chunk).toString());
  }).rejects.toThrow("terminated");
  expect(seen.join("").split("\r\n\r\n")).toHaveLength(3);
});
