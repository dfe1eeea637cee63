import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Call, type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { chunk, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

const GATEWAY_KEY = "to11_key-of-the-clients-in-these-tests-0001";
const STORED_KEY = "sk-stored-with-the-gateway";
const CALLERS_KEY = "sk-of-the-caller";

/** Per kind of endpoint: the route, the model that it covers, and one that no route covers. */
const KINDS = {
  chat: { route: "talk", covered: "gpt-4o", uncovered: "gpt-4o-mini" },
  embeddings: { route: "vectors", covered: "text-embedding-3-small", uncovered: "text-embedding-3-large" },
  audio_speech: { route: "voice", covered: "gpt-4o-mini-tts", uncovered: "tts-1" },
  audio_transcription: { route: "ears", covered: "whisper-1", uncovered: "gpt-4o-transcribe" },
  image_generation: { route: "painter", covered: "gpt-image-1", uncovered: "gpt-image-1-mini" },
} as const;
type Kind = keyof typeof KINDS;

let simulator: Simulator;
let open: DevGateway;
let keyed: DevGateway;

function routesToml(upstream: Simulator): string {
  const models = Object.values(KINDS).flatMap(({ covered, uncovered }) => [covered, uncovered]);
  const routes = Object.entries(KINDS).map(
    ([endpoint, { route, covered }]) => `
[targets.${route}]
model = "${covered}"
[routes.${route}]
endpoint = "${endpoint}"
models = ["${covered}"]
targets = ["${route}"]`,
  );
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ${JSON.stringify(models)}
[providers.backup]
base_url = "${upstream.baseUrl("backup")}"
models = ["gpt-4o-backup"]
[targets.backup]
model = "gpt-4o-backup"
[routes.chain]
strategy = "fallback"
targets = ["talk", "backup"]
retry = { max_retries = 1, backoff_base_ms = 0 }
${routes.join("\n")}
`;
}

beforeAll(async () => {
  simulator = await startSimulator({ tokenDelayMs: 0 });
  const stored = { OPENAI_API_KEY: STORED_KEY, BACKUP_API_KEY: "sk-backup-stored" };
  const toml = routesToml(simulator);
  [open, keyed] = await Promise.all([startDevGateway(toml, stored), startDevGateway(toml, { ...stored, TO11_API_KEY: GATEWAY_KEY })]);
});

beforeEach(() => simulator.reset());

afterAll(async () => {
  await Promise.all([open?.end(), keyed?.end()]);
  await simulator.close();
});

/** A client as users set one up: where the gateway is and a key; only who brings a provider's key to a closed gateway needs a header more. */
interface Setup {
  readonly access: string;
  readonly way: string;
  readonly client: () => OpenAI;
  readonly model: (kind: Kind) => string;
  readonly served: (kind: Kind) => string;
  readonly layer: "route" | "passthrough";
  readonly upstreamKey: string;
}

const ACCESSES = [
  { access: "an open gateway", managedClient: () => clientOf(open, "anything"), ownKeyClient: () => clientOf(open, CALLERS_KEY) },
  {
    access: "a gateway with a key",
    managedClient: () => clientOf(keyed, GATEWAY_KEY),
    ownKeyClient: () => clientOf(keyed, CALLERS_KEY, { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` }),
  },
] as const;

const SETUPS: readonly Setup[] = ACCESSES.flatMap(({ access, managedClient, ownKeyClient }) => {
  const managed = {
    access,
    client: managedClient,
    served: (kind: Kind) => KINDS[kind].covered,
    layer: "route" as const,
    upstreamKey: STORED_KEY,
  };
  const own = { access, client: ownKeyClient, layer: "passthrough" as const, upstreamKey: CALLERS_KEY };
  return [
    { ...managed, way: "a model that a route covers", model: (kind) => KINDS[kind].covered },
    { ...managed, way: "a route's name", model: (kind) => `route::${KINDS[kind].route}` },
    { ...own, way: "a model that no route covers", model: (kind) => KINDS[kind].uncovered, served: (kind) => KINDS[kind].uncovered },
    {
      ...own,
      way: "a covered model of a provider",
      model: (kind) => `openai::${KINDS[kind].covered}`,
      served: (kind) => KINDS[kind].covered,
    },
  ];
});

function clientOf(gateway: DevGateway, apiKey: string, defaultHeaders: Record<string, string> = {}): OpenAI {
  return new OpenAI({ baseURL: gateway.baseUrl, apiKey, ...(Object.keys(defaultHeaders).length === 0 ? {} : { defaultHeaders }) });
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** The one call that reached the provider; it carried the right key, and nothing that is between the caller and the gateway. */
function onlyCall(upstreamKey: string, path: string): Call {
  const calls = simulator.calls();
  expect(calls.map((call) => `/${call.provider}${call.path}`)).toEqual([`/openai${path}`]);
  const [call] = calls;
  if (call === undefined) throw new Error("no call");
  expect(call.headers["authorization"]).toBe(`Bearer ${upstreamKey}`);
  expect(Object.keys(call.headers).filter((name) => /^(x-to11|x-stainless|x-api-key|cookie)/.test(name))).toEqual([]);
  expect(call.rawHeaders.join("\n")).not.toContain(GATEWAY_KEY);
  return call;
}

function bodyOf(call: Call): unknown {
  return JSON.parse(call.body.toString());
}

const messages = [{ role: "user" as const, content: "Hello" }];
const parameters = { type: "object", properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } }, required: ["city"] };
const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];
const ARGUMENTS = { city: "sample", days: 2 };

describe.each(SETUPS)("the openai package at $access, asking for $way", ({ client, model, served, layer, upstreamKey }) => {
  const hello = () => `This is the simulator, standing in for ${served("chat")} of openai. You said: "Hello"`;

  test("reads a chat completion, and which layer answered", async () => {
    const { data, response } = await client()
      .chat.completions.create({ model: model("chat"), messages, temperature: 0.5 })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(hello());
    expect(data.usage?.total_tokens).toBe(14);
    expect(response.headers.get("x-to11-layer")).toBe(layer);
    expect(response.headers.get("x-to11-request-id")).toMatch(/^default_/);
    const call = onlyCall(upstreamKey, "/v1/chat/completions");
    expect(call.body.toString()).toBe(JSON.stringify({ model: served("chat"), messages, temperature: 0.5 }));
  });

  test.each([
    { asked: "asked for", stream_options: { include_usage: true }, totals: [14] },
    { asked: "not asked for", stream_options: undefined, totals: [] },
  ])("reads a chat stream, with usage $asked", async ({ stream_options, totals }) => {
    const request = { model: model("chat"), messages, stream: true as const, ...(stream_options === undefined ? {} : { stream_options }) };
    const chunks = await all(await client().chat.completions.create(request));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(hello());
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    expect(chunks.filter((chunk) => chunk.choices.length === 0).map((chunk) => chunk.usage?.total_tokens)).toEqual(totals);
    const call = onlyCall(upstreamKey, "/v1/chat/completions");
    expect(bodyOf(call)).toEqual({ ...request, model: served("chat"), stream_options: { include_usage: true } });
  });

  test("reads a tool call, whole and streamed", async () => {
    const request = { model: model("chat"), messages, tools };
    const whole = await client().chat.completions.create(request);
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    const expected = [{ type: "function", function: { name: "weather", arguments: JSON.stringify(ARGUMENTS) } }];
    expect(whole.choices[0]?.message.tool_calls).toMatchObject(expected);
    expect(bodyOf(onlyCall(upstreamKey, "/v1/chat/completions"))).toEqual({ ...request, model: served("chat") });
    simulator.reset();
    const streamed = await client().chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(expected);
    onlyCall(upstreamKey, "/v1/chat/completions");
  });

  test("reads a response, whole and as numbered events", async () => {
    const request = { model: model("chat"), input: "Hello" };
    expect((await client().responses.create(request)).output_text).toBe(hello());
    expect(bodyOf(onlyCall(upstreamKey, "/v1/responses"))).toEqual({ ...request, model: served("chat") });
    simulator.reset();
    const events = await all(await client().responses.create({ ...request, stream: true }));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.flatMap((event) => (event.type === "response.output_text.delta" ? event.delta : [])).join("")).toBe(hello());
    expect(events.at(-1)?.type).toBe("response.completed");
    expect(bodyOf(onlyCall(upstreamKey, "/v1/responses"))).toEqual({ ...request, model: served("chat"), stream: true });
  });

  test("counts the tokens of a request", async () => {
    const request = { model: model("chat"), input: "Hello big world" };
    expect((await client().responses.inputTokens.count(request)).input_tokens).toBe(3);
    expect(bodyOf(onlyCall(upstreamKey, "/v1/responses/input_tokens"))).toEqual({ ...request, model: served("chat") });
  });

  test("reads embeddings, in the package's own base64", async () => {
    const input = ["one", "two", "one"];
    const { data } = await client().embeddings.create({ model: model("embeddings"), input, dimensions: 8 });
    const [one, two, again] = data.map(({ embedding }) => embedding);
    expect(one).toHaveLength(8);
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
    const call = onlyCall(upstreamKey, "/v1/embeddings");
    expect(bodyOf(call)).toEqual({ model: served("embeddings"), input, dimensions: 8, encoding_format: "base64" });
  });

  test("writes speech to a file, byte for byte what the provider sent", async () => {
    const answer = await client().audio.speech.create({ model: model("audio_speech"), voice: "alloy", input: "Hello" });
    expect(answer.headers.get("content-type")).toBe("audio/mpeg");
    const path = join(open.directory, "speech.mp3");
    await writeFile(path, Buffer.from(await answer.arrayBuffer()));
    const call = onlyCall(upstreamKey, "/v1/audio/speech");
    expect(bodyOf(call)).toEqual({ model: served("audio_speech"), voice: "alloy", input: "Hello" });
    const said = await fetch(`${simulator.baseUrl("openai")}/audio/speech`, { method: "POST", body: call.body.toString() });
    const written = await readFile(path);
    expect(written.length).toBeGreaterThan(100);
    expect(written.equals(Buffer.from(await said.arrayBuffer()))).toBe(true);
  });

  test("sends a file to be transcribed, its bytes unchanged", async () => {
    const path = join(open.directory, "noise.wav");
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 31) % 256));
    await writeFile(path, bytes);
    const { text } = await client().audio.transcriptions.create({ model: model("audio_transcription"), file: createReadStream(path) });
    expect(text).toBe(
      `This is the simulator, standing in for ${served("audio_transcription")} of openai. It was sent "noise.wav" of 5000 bytes.`,
    );
    expect(onlyCall(upstreamKey, "/v1/audio/transcriptions").body.includes(bytes)).toBe(true);
  });

  test("reads an image", async () => {
    const { data } = await client().images.generate({ model: model("image_generation"), prompt: "a cat" });
    const image = Buffer.from(data?.[0]?.b64_json ?? "", "base64");
    expect(image.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
    expect(bodyOf(onlyCall(upstreamKey, "/v1/images/generations"))).toEqual({ model: served("image_generation"), prompt: "a cat" });
  });
});

/** Read by the package before its own wait of half a second. */
const AT_ONCE = { "retry-after-ms": "1" };

describe.each(ACCESSES)("the openai package at $access", ({ managedClient, ownKeyClient }) => {
  test("lists what can be asked for", async () => {
    const ids = (await all(await managedClient().models.list())).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["chain", "talk", "gpt-4o", "gpt-4o-mini"]));
  });

  test("throws NotFoundError for a model that nobody knows, with the nearest name, and calls nobody", async () => {
    const failure = await failureOf(managedClient().chat.completions.create({ model: "gpt-4oo", messages }));
    expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
    expect(failure).toMatchObject({ status: 404, code: "unknown_model", param: "model", message: expect.stringContaining('"gpt-4o"') });
    expect(simulator.calls()).toEqual([]);
  });

  test("does not retry what the gateway has retried: an exhausted chain", async () => {
    simulator.always("openai", refusing(503, "down"));
    simulator.always("backup", refusing(503, "down too"));
    const failure = await failureOf(managedClient().chat.completions.create({ model: "route::chain", messages }));
    expect(failure).toBeInstanceOf(OpenAI.InternalServerError);
    expect(failure).toMatchObject({ status: 503, message: "503 down too" });
    expect(simulator.calls().map(({ provider }) => provider)).toEqual(["openai", "openai", "backup", "backup"]);
  });

  test("does not retry a chain of upstreams that do not answer", async () => {
    simulator.always("openai", { noAnswer: "reset" });
    simulator.always("backup", { noAnswer: "reset" });
    const failure = await failureOf(managedClient().chat.completions.create({ model: "route::chain", messages }));
    expect(failure).toMatchObject({ status: 502, code: "upstream_unreachable" });
    expect(simulator.calls()).toHaveLength(4);
  });

  test("retries what is passed through by itself, as without a gateway", async () => {
    simulator.script("openai", refusing(429, "slower", AT_ONCE), refusing(503, "down", AT_ONCE));
    const answer = await ownKeyClient().chat.completions.create({ model: "gpt-4o-mini", messages });
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(simulator.calls().map(({ headers }) => headers["authorization"])).toEqual(Array(3).fill(`Bearer ${CALLERS_KEY}`));
  });

  test("hands the next target's answer over as if nothing had happened", async () => {
    simulator.always("openai", { headers: STREAM_HEADERS, body: [ROLE] });
    const stream = await managedClient().chat.completions.create({ model: "route::chain", messages, stream: true });
    const text = (await all(stream)).map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toBe('This is the simulator, standing in for gpt-4o-backup of backup. You said: "Hello"');
  });

  test.each([
    { how: "is reset", ending: "reset" as const },
    { how: "just ends", ending: "whole" as const },
  ])("throws where a stream that had begun $how, after what had come", async ({ ending }) => {
    simulator.script("openai", { headers: STREAM_HEADERS, body: [chunk({ content: "Once" }), chunk({ content: " upon" })], ending });
    const stream = await managedClient().chat.completions.create({ model: "gpt-4o", messages, stream: true });
    const texts: (string | null | undefined)[] = [];
    const failure = await failureOf(
      (async () => {
        for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content);
      })(),
    );
    expect(texts).toEqual(["Once", " upon"]);
    expect(failure).toBeInstanceOf(OpenAI.APIError);
    expect(failure).toMatchObject({ code: "stream_truncated" });
    expect(simulator.calls()).toHaveLength(1);
  });

  test("throws where a stream of Responses breaks, after what had come", async () => {
    const whole = await readFile("test/fixtures/openai-responses.sse", "utf8");
    const body = whole.slice(0, whole.indexOf("event: response.output_text.done"));
    simulator.script("openai", { headers: STREAM_HEADERS, body: [body], ending: "reset", endDelayMs: 5 });
    const stream = await managedClient().responses.create({ model: "gpt-4o", input: "Hello", stream: true });
    const texts: string[] = [];
    const failure = await failureOf(
      (async () => {
        for await (const event of stream) if (event.type === "response.output_text.delta") texts.push(event.delta);
      })(),
    );
    expect(texts.join("")).toBe("Hi there!");
    expect(failure).toBeInstanceOf(OpenAI.APIError);
    expect(failure).toMatchObject({ code: "stream_truncated" });
  });
});

describe("the openai package at a gateway with a key", () => {
  test("throws AuthenticationError without the key, whatever provider key it has, and calls nobody", async () => {
    const failure = await failureOf(clientOf(keyed, CALLERS_KEY).chat.completions.create({ model: "gpt-4o", messages }));
    expect(failure).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(failure).toMatchObject({ code: "missing_api_key" });
    expect(simulator.calls()).toEqual([]);
  });

  test("is told which header is missing where a model needs the caller's own key", async () => {
    const failure = await failureOf(clientOf(keyed, GATEWAY_KEY).chat.completions.create({ model: "gpt-4o-mini", messages }));
    expect(failure).toMatchObject({ status: 401, code: "missing_provider_key", message: expect.stringContaining("x-to11-authorization") });
    expect(simulator.calls()).toEqual([]);
  });
});

async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing failed");
}
