import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateText, jsonSchema, streamText, tool } from "ai";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";

let simulator: Simulator;
let openai: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator({ tokenDelayMs: 0 });
  openai = new OpenAI({ baseURL: simulator.baseUrl("openai"), apiKey: "any", maxRetries: 0 });
});
afterAll(() => simulator.close());

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const HELLO = 'This is the simulator, standing in for gpt-4o of openai. You said: "Hello"';
const messages = [{ role: "user" as const, content: "Hello" }];
const schema = { type: "object", properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } }, required: ["city"] };
const weather = { type: "function" as const, function: { name: "weather", parameters: schema } };
const ARGUMENTS = { city: "sample", days: 2 };

test("the openai client reads a chat completion, its model and its usage", async () => {
  const answer = await openai.chat.completions.create({ model: "gpt-4o", messages });
  expect(answer.model).toBe("gpt-4o");
  expect(answer.choices[0]?.message.content).toBe(HELLO);
  expect(answer.choices[0]?.finish_reason).toBe("stop");
  expect(answer.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 13, total_tokens: 14 });
});

test.each([
  ["asked for usage", true, 14],
  ["not asked for usage", false, undefined],
])("a chat stream that was %s joins to the same text", async (_name, include_usage, total) => {
  const stream = await openai.chat.completions.create({ model: "gpt-4o", messages, stream: true, stream_options: { include_usage } });
  const chunks = await all(stream);
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(HELLO);
  expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
  expect(chunks.filter((chunk) => chunk.choices.length === 0).map((chunk) => chunk.usage?.total_tokens)).toEqual(
    total === undefined ? [] : [total],
  );
  expect(chunks.some((chunk) => "usage" in chunk)).toBe(include_usage);
});

test("a tool that is offered is called with arguments that fit, whole and streamed", async () => {
  const request = { model: "gpt-4o", messages, tools: [weather] };
  const whole = await openai.chat.completions.create(request);
  const call = whole.choices[0]?.message.tool_calls?.[0];
  expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
  expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual(ARGUMENTS);
  const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
  expect(streamed.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: "weather", arguments: JSON.stringify(ARGUMENTS) } }]);
});

test("the tool that tool_choice names is called, and none where it says none", async () => {
  const other = { type: "function" as const, function: { name: "other", parameters: {} } };
  const request = { model: "gpt-4o", messages, tools: [weather, other] };
  const named = await openai.chat.completions.create({ ...request, tool_choice: { type: "function", function: { name: "other" } } });
  expect(named.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: "other", arguments: "{}" } }]);
  const none = await openai.chat.completions.create({ ...request, tool_choice: "none" });
  expect(none.choices[0]?.message.content).toBe(HELLO);
});

test("a tool's result is answered in words", async () => {
  const answer = await openai.chat.completions.create({
    model: "gpt-4o",
    tools: [weather],
    messages: [
      ...messages,
      { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c", content: "sunny" },
    ],
  });
  expect(answer.choices[0]?.message.content).toBe('This is the simulator, standing in for gpt-4o of openai. The tool said: "sunny"');
});

test("JSON that is asked for by schema fits it", async () => {
  const format = { type: "json_schema" as const, json_schema: { name: "trip", schema } };
  const answer = await openai.chat.completions.create({ model: "gpt-4o", messages, response_format: format });
  expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual(ARGUMENTS);
});

test("a bound on tokens is kept and named as the finish reason", async () => {
  const answer = await openai.chat.completions.create({ model: "gpt-4o", messages, max_completion_tokens: 3 });
  expect(answer.choices[0]).toMatchObject({ message: { content: "This is the" }, finish_reason: "length" });
});

test("the openai client reads legacy completions, whole and streamed", async () => {
  const request = { model: "gpt-4o", prompt: "Hello" };
  expect((await openai.completions.create(request)).choices[0]?.text).toBe(HELLO);
  const chunks = await all(await openai.completions.create({ ...request, stream: true }));
  expect(chunks.map((chunk) => chunk.choices[0]?.text).join("")).toBe(HELLO);
});

test("the openai client reads a response, whole and as numbered events", async () => {
  const request = { model: "gpt-4o", input: "Hello" };
  const whole = await openai.responses.create(request);
  expect(whole.output_text).toBe(HELLO);
  expect(whole.usage?.total_tokens).toBe(14);
  const events = await all(await openai.responses.create({ ...request, stream: true }));
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.flatMap((event) => (event.type === "response.output_text.delta" ? event.delta : [])).join("")).toBe(HELLO);
  expect((await openai.responses.stream(request).finalResponse()).output_text).toBe(HELLO);
});

test("a response calls the tool it is offered", async () => {
  const request = {
    model: "gpt-4o",
    input: "Hello",
    tools: [{ type: "function" as const, name: "weather", parameters: schema, strict: false }],
  };
  const expected = [{ type: "function_call", name: "weather", arguments: JSON.stringify(ARGUMENTS) }];
  expect((await openai.responses.create(request)).output).toMatchObject(expected);
  expect((await openai.responses.stream(request).finalResponse()).output).toMatchObject(expected);
});

test("a response that runs out of tokens says so, whole and streamed", async () => {
  const request = { model: "gpt-4o", input: "Hello", max_output_tokens: 3 };
  const expected = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output_text: "This is the" };
  expect(await openai.responses.create(request)).toMatchObject(expected);
  const events = await all(await openai.responses.create({ ...request, stream: true }));
  expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "incomplete" } });
});

test("speech can be told as events", async () => {
  const answer = await openai.audio.speech.create({
    model: "gpt-4o-mini-tts",
    voice: "alloy",
    input: "Hello",
    response_format: "pcm",
    stream_format: "sse",
  });
  const events = (await answer.text()).split("\n\n").flatMap((event) => (event === "" ? [] : JSON.parse(event.slice("data: ".length))));
  const sound = Buffer.concat(events.slice(0, -1).map((event) => Buffer.from(event.audio, "base64")));
  const whole = await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hello", response_format: "pcm" });
  expect(sound.equals(Buffer.from(await whole.arrayBuffer()))).toBe(true);
  expect(events.at(-1)).toEqual({ type: "speech.audio.done", usage: { input_tokens: 1, output_tokens: 4, total_tokens: 5 } });
});

test("long words of the caller are said back in part, no character split", async () => {
  const answer = await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "😀".repeat(300) }] });
  expect(answer.choices[0]?.message.content).toBe(HELLO.replace("Hello", `${"😀".repeat(200)}…`));
});

test("embeddings are unit vectors that depend on the text alone, in base64 and in floats", async () => {
  const request = { model: "text-embedding-3-small", input: ["one", "two", "one"], dimensions: 8 };
  const encoded = await openai.embeddings.create(request);
  const floats = await openai.embeddings.create({ ...request, encoding_format: "float" });
  const [one, two, again] = encoded.data.map((each) => each.embedding);
  expect(encoded.data.map((each) => [...each.embedding])).toEqual(floats.data.map((each) => each.embedding));
  expect(again).toEqual(one);
  expect(two).not.toEqual(one);
  expect(one).toHaveLength(8);
  expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 6);
  expect((await openai.embeddings.create({ model: request.model, input: "one" })).data[0]?.embedding).toHaveLength(1_536);
});

test.each([
  ["mp3", "audio/mpeg", "fffb90c0"],
  ["wav", "audio/wav", Buffer.from("RIFF").toString("hex")],
  ["flac", "audio/wav", Buffer.from("RIFF").toString("hex")],
  ["pcm", "audio/pcm", "00005901"],
] as const)("speech asked for as %s is %s", async (response_format, contentType, start) => {
  const answer = await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hello", response_format });
  expect(answer.headers.get("content-type")).toBe(contentType);
  expect(
    Buffer.from(await answer.arrayBuffer())
      .subarray(0, 4)
      .toString("hex"),
  ).toBe(start);
});

test("a transcription tells the file's name and size, in every format", async () => {
  const text = 'This is the simulator, standing in for whisper-1 of openai. It was sent "a.wav" of 4800 bytes.';
  const file = await toFile(Buffer.alloc(4_800), "a.wav");
  const ask = (response_format: "json" | "text" | "verbose_json" | "srt" | "vtt"): Promise<unknown> =>
    openai.audio.transcriptions.create({ model: "whisper-1", file, response_format });
  expect(await ask("json")).toMatchObject({ text });
  expect(await ask("text")).toBe(`${text}\n`);
  expect(await ask("verbose_json")).toMatchObject({ text, task: "transcribe", duration: 0.1, segments: [{ start: 0, end: 0.1, text }] });
  expect(await ask("srt")).toBe(`1\n00:00:00,000 --> 00:00:00,100\n${text}\n\n`);
  expect(await ask("vtt")).toBe(`WEBVTT\n\n00:00:00.000 --> 00:00:00.100\n${text}\n\n`);
  const events = await all(await openai.audio.transcriptions.create({ model: "whisper-1", file, stream: true }));
  expect(events.at(-1)).toMatchObject({ type: "transcript.text.done", text });
  expect((await openai.audio.translations.create({ model: "whisper-1", file })).text).toBe(text);
});

test("pictures are PNG files, as many as asked for, in both forms", async () => {
  const signature = "89504e470d0a1a0a";
  const encoded = await openai.images.generate({ model: "gpt-image-1", prompt: "a cat", n: 2 });
  expect(
    encoded.data?.map((image) =>
      Buffer.from(image.b64_json ?? "", "base64")
        .subarray(0, 8)
        .toString("hex"),
    ),
  ).toEqual([signature, signature]);
  const linked = await openai.images.generate({ model: "dall-e-3", prompt: "a cat" });
  expect(linked.data?.[0]?.url).toBe(`data:image/png;base64,${encoded.data?.[0]?.b64_json}`);
  const image = await toFile(Buffer.from(encoded.data?.[0]?.b64_json ?? "", "base64"), "cat.png", { type: "image/png" });
  expect((await openai.images.edit({ model: "gpt-image-1", image, prompt: "a dog" })).data).toHaveLength(1);
  expect((await openai.images.createVariation({ model: "dall-e-2", image, n: 2, response_format: "b64_json" })).data).toHaveLength(2);
  const events = await all(await openai.images.generate({ model: "gpt-image-1", prompt: "a cat", stream: true, partial_images: 1 }));
  expect(events.map((event) => event.type)).toEqual(["image_generation.partial_image", "image_generation.completed"]);
});

test("the ai package reads text, a stream, a tool call and an embedding", async () => {
  const provider = createOpenAICompatible({ name: "simulated", baseURL: simulator.baseUrl("openai"), apiKey: "any", includeUsage: true });
  const model = provider("gpt-4o");
  const whole = await generateText({ model, prompt: "Hello" });
  expect(whole.text).toBe(HELLO);
  expect(whole.usage.totalTokens).toBe(14);
  const streamed = streamText({ model, prompt: "Hello" });
  expect(await streamed.text).toBe(HELLO);
  expect((await streamed.usage).outputTokens).toBe(13);
  const called = await generateText({ model, prompt: "Hello", tools: { weather: tool({ inputSchema: jsonSchema(schema as object) }) } });
  expect(called.toolCalls.map(({ toolName, input }) => ({ toolName, input }))).toEqual([{ toolName: "weather", input: ARGUMENTS }]);
  expect((await embed({ model: provider.embeddingModel("text-embedding-3-small"), value: "one" })).embedding).toHaveLength(1_536);
});
