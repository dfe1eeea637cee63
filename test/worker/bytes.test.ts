import { brotliCompressSync, constants, createBrotliCompress, createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Handler, type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import { GATEWAY_KEY, type Gateway, startGateway } from "../support/gateway.ts";
import { cutAt, inParallel, inStep, type Piece } from "../support/in-step.ts";
import { rawCall } from "../support/raw-call.ts";
import {
  chat,
  chunk,
  COMMENT,
  completion,
  DONE,
  encodedJson,
  FINISH,
  JSON_HEADERS,
  ROLE,
  STREAM_HEADERS,
  USAGE,
} from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;
/** What each caller's upstream does, by the `user` of the request: many requests run at once. */
const steps = new Map<string, Handler>();

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
auth_type = "none"
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
auth_type = "none"
[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[routes.plain]
targets = ["first"]
retry = { max_retries = 0 }
[routes.rescued]
strategy = "fallback"
targets = ["first", "second"]
rescue = "prefill"
[routes.audio]
endpoint = "audio_speech"
targets = ["first"]
[routes.images]
endpoint = "image_generation"
targets = ["first"]
[routes.hear]
endpoint = "audio_transcription"
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  steps.clear();
  upstream.always("a", (call, response) => steps.get((JSON.parse(call.body.toString()) as { user: string }).user)?.(call, response));
});

const PATH = "/v1/chat/completions";
const SHOWN = { stream_options: { include_usage: true } };
const content = (text: string): string => chunk({ content: text });
const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
const cr = (text: string): string => text.replaceAll("\n", "\r");
const indexes = (bytes: Uint8Array): number[] => Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
const largeText = (length: number): string =>
  Array.from({ length: length / 8 }, (_, index) => index.toString(36).padStart(8, "é")).join("");

/** Everything a parser could stumble over, after a first content event. */
const AWKWARD = [
  crlf(content("Grüße, 🌍 und 世界")),
  COMMENT,
  cr(content("old Mac")),
  `event: message\nid: 7\nretry: 10\n: between the lines\ndata: {"choices":[{"index":0,\ndata: "delta":{"content":"two lines"}}]}\n\n`,
  chunk({ tool_calls: [{ index: 7, id: "t", type: "function", function: { name: "f", arguments: "{" } }] }),
  chunk({ tool_calls: [{ index: 2, function: { arguments: "}" } }, { function: { arguments: "" } }, { index: null }] }),
  "data: {nonsense\n\n",
  "\n\n\n",
  "data\n\nunknown field\n\n",
];
const BEGUN = [`\uFEFF${COMMENT}`, crlf(ROLE), ": a\r\n\r\n", content("Ä")];
const STREAM = Buffer.from([...BEGUN, ...AWKWARD, FINISH, DONE].join(""));
const COMMITTED = Buffer.byteLength(BEGUN.join(""));
const FINISHED = STREAM.length - Buffer.byteLength(DONE);
const fromContentOn = (written: number): number => (written < COMMITTED ? 0 : written);
/** After the finish reason an event is held until it is known not to be the usage that is to be hidden. */
const wholeAfterFinish = (written: number): number => (written === STREAM.length ? written : Math.min(fromContentOn(written), FINISHED));

async function throughGateway(pieces: readonly Piece[], user: string, more: Readonly<Record<string, unknown>> = {}): Promise<Buffer> {
  const { step, read } = inStep(STREAM_HEADERS, pieces);
  steps.set(user, step);
  return read(await gateway.post(PATH, chat("route::plain", { stream: true, user, ...more })));
}

describe("a stream reaches the caller as it came, each write at once", () => {
  it.each([
    ["with usage asked for by the caller", SHOWN, fromContentOn],
    ["with usage asked for by the gateway", {}, wholeAfterFinish],
  ])("byte by byte, %s", async (_name, more, due) => {
    const got = await throughGateway(cutAt(STREAM, indexes(STREAM), due), "bytes", more);
    expect(got.toString()).toBe(STREAM.toString());
  });

  it.each([
    ["with usage asked for by the caller", SHOWN, fromContentOn],
    ["with usage asked for by the gateway", {}, wholeAfterFinish],
  ])("cut in two at every index, %s", async (_name, more, due) => {
    await inParallel(indexes(STREAM), 8, async (index) => {
      const got = await throughGateway(cutAt(STREAM, [index], due), `cut-${index}`, more);
      expect(got.equals(STREAM), `cut at ${index}`).toBe(true);
    });
  });

  it("with bare carriage returns throughout: the first content goes out with the byte after it", async () => {
    const begun = cr(ROLE + content("Ä"));
    const bytes = Buffer.from(begun + cr(content("x") + FINISH + DONE));
    const due = (written: number): number => (written <= Buffer.byteLength(begun) ? 0 : written);
    expect((await throughGateway(cutAt(bytes, indexes(bytes), due), "cr", SHOWN)).toString()).toBe(bytes.toString());
  });

  it("with events of 1 MB", async () => {
    const bytes = Buffer.from(ROLE + content(largeText(1_000_000)) + content(largeText(1_000_000)) + FINISH + DONE);
    const got = await throughGateway([{ bytes, due: 0 }], "large");
    expect(got.equals(bytes)).toBe(true);
  });

  it("event by event where another target may finish it", async () => {
    const texts = [...BEGUN, ...AWKWARD, FINISH, DONE];
    const ends = texts.map((_, index) => Buffer.byteLength(texts.slice(0, index + 1).join("")));
    // The blank line of a bare carriage return is known to be one with the next byte.
    const open = new Set(ends.filter((_, index) => texts[index]?.endsWith("\r")));
    const due = (written: number): number =>
      written < COMMITTED ? 0 : (ends.findLast((end) => end <= written && (end < written || !open.has(end))) ?? 0);
    const { step, read } = inStep(STREAM_HEADERS, cutAt(STREAM, indexes(STREAM), due));
    steps.set("events", step);
    const got = await read(await gateway.post(PATH, chat("route::rescued", { stream: true, user: "events" })));
    expect(got.toString()).toBe(STREAM.toString());
  });
});

describe("a usage event that only the gateway asked for", () => {
  const said = Buffer.from(ROLE + content("Hi") + FINISH);
  const seen = Buffer.concat([said, Buffer.from(DONE)]);

  it.each([
    ["line feeds", USAGE],
    ["CRLF", crlf(USAGE)],
  ])("is hidden wherever the stream is cut, with %s", async (name, usage) => {
    const bytes = Buffer.concat([said, Buffer.from(usage + DONE)]);
    await inParallel(indexes(bytes), 8, async (index) => {
      const got = await throughGateway(
        cutAt(bytes, [index], () => 0),
        `${name}-${index}`,
      );
      expect(got.toString(), `cut at ${index}`).toBe(seen.toString());
    });
  });

  it("is hidden byte by byte, and nothing else waits: the finish reason is out before it, [DONE] at once", async () => {
    const bytes = Buffer.concat([said, Buffer.from(USAGE + DONE)]);
    const begun = Buffer.byteLength(ROLE + content("Hi"));
    const due = (written: number): number => {
      if (written < begun) return 0;
      return written === bytes.length ? seen.length : Math.min(written, said.length);
    };
    expect((await throughGateway(cutAt(bytes, indexes(bytes), due), "usage")).toString()).toBe(seen.toString());
  });

  it.each<[string, string, string]>([
    ["everything comes in one write", ROLE + content("Hi") + FINISH + USAGE + DONE, seen.toString()],
    ["it comes before a comment", `${said.toString()}${USAGE}${COMMENT}${DONE}`, `${said.toString()}${COMMENT}${DONE}`],
    ["[DONE] has no blank line", `${said.toString()}${USAGE}data: [DONE]`, `${said.toString()}data: [DONE]`],
    ["[DONE] has half a blank line", `${said.toString()}${USAGE}data: [DONE]\n`, `${said.toString()}data: [DONE]\n`],
    ["[DONE] never comes", said.toString() + USAGE, said.toString()],
    ["it is the last event and has no blank line", said.toString() + USAGE.trimEnd(), said.toString()],
    ["it is cut off", said.toString() + USAGE.slice(0, 40), said.toString()],
  ])("is hidden where %s, and the answer is whole", async (_name, body, expected) => {
    steps.set("one", (_call, response) => void response.writeHead(200, STREAM_HEADERS).end(body));
    const response = await gateway.post(PATH, chat("route::plain", { stream: true, user: "one" }));
    expect(await response.text()).toBe(expected);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "stop" });
  });
});

describe("encodings", () => {
  const answer = JSON.parse(completion("compressed")) as unknown;
  const headers = { "x-to11-authorization": `Bearer ${GATEWAY_KEY}`, "content-type": "application/json" };
  const ask = (more: Readonly<Record<string, unknown>>) =>
    rawCall(gateway.url + PATH, { method: "POST", headers, body: JSON.stringify(chat("route::plain", more)) });
  const play = (step: Step): void => upstream.always("a", step);

  it.each(["gzip", "br"] as const)("a plain %s answer reaches the caller decoded", async (encoding) => {
    play(encodedJson(encoding, answer));
    const got = await ask({});
    expect(got.body.toString()).toBe(completion("compressed"));
    expect(got.headers).not.toHaveProperty("content-encoding");
    expect(got.headers["content-length"] ?? String(got.body.length)).toBe(String(got.body.length));
    const traced = new Response(null, { headers: { "x-to11-request-id": String(got.headers["x-to11-request-id"]) } });
    expect(await gateway.traceOf(traced)).toMatchObject({ outcome: "complete", usage: { input_tokens: 9, output_tokens: 10 } });
  });

  it("a plain zstd answer, which the runtime cannot decode, is passed on as it is", async () => {
    play(encodedJson("zstd", answer));
    const got = await ask({});
    expect(got.headers["content-encoding"]).toBe("zstd");
    expect(got.body.equals(zstdCompressSync(JSON.stringify(answer)))).toBe(true);
  });

  it("a zstd stream is passed on as it is", async () => {
    const body = zstdCompressSync(ROLE + content("Hi") + FINISH + DONE);
    play({ headers: { ...STREAM_HEADERS, "content-encoding": "zstd" }, body: [body] });
    const got = await ask({ stream: true });
    expect(got.headers["content-encoding"]).toBe("zstd");
    expect(got.body.equals(body)).toBe(true);
  });

  it.each(["gzip", "br"] as const)("a %s stream reaches the caller decoded, each event at once", async (encoding) => {
    const events = [ROLE, content("Hi"), content("🌍"), FINISH, DONE];
    const { step, read } = inStep({ ...STREAM_HEADERS, "content-encoding": encoding }, await compressedPieces(encoding, events));
    steps.set("gz", step);
    const response = await gateway.post(PATH, chat("route::plain", { stream: true, user: "gz" }));
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("content-length")).toBeNull();
    expect((await read(response)).toString()).toBe(events.join(""));
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ] as const)("a %s answer that is cut off is a failed attempt", async (encoding, compress) => {
    const body = compress(completion(randomBytes(4_000).toString("hex")));
    play({ headers: { ...JSON_HEADERS, "content-encoding": encoding }, body: body.subarray(0, 2_000), ending: "close" });
    expect((await ask({})).status).toBe(502);
  });
});

/** Each event compressed and flushed, so that it can be read before the next one. */
async function compressedPieces(encoding: "gzip" | "br", events: readonly string[]): Promise<Piece[]> {
  const encoder = encoding === "gzip" ? createGzip() : createBrotliCompress();
  const flush = encoding === "gzip" ? constants.Z_SYNC_FLUSH : constants.BROTLI_OPERATION_FLUSH;
  const pieces: Piece[] = [];
  let due = 0;
  for (const [index, text] of events.entries()) {
    encoder.write(text);
    await new Promise<void>((resolve) => encoder.flush(flush, resolve));
    due += Buffer.byteLength(text);
    pieces.push({ bytes: encoder.read() as Buffer, due: index === 0 ? 0 : due });
  }
  encoder.end();
  await once(encoder, "readable");
  return [...pieces, { bytes: (encoder.read() as Buffer | null) ?? new Uint8Array(0), due: 0 }];
}

describe("bytes that are not looked into", () => {
  const AUDIO = "/v1/audio/speech";
  const AUDIO_HEADERS = { "content-type": "audio/mpeg" };
  const speak = (): Promise<Response> => gateway.post(AUDIO, { model: "route::audio", input: "Hello", voice: "alloy", user: "audio" });

  it("audio is intact, each write at once", async () => {
    const sound = randomBytes(40_000);
    const { step, read } = inStep(
      AUDIO_HEADERS,
      cutAt(sound, [1, 2, 3, 5, 1_000, 20_000], (written) => written),
    );
    steps.set("audio", step);
    const response = await speak();
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    expect((await read(response)).equals(sound)).toBe(true);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", response_bytes: 40_000 });
  });

  it.each<["length" | "chunked", "close" | "reset"]>([
    ["length", "close"],
    ["length", "reset"],
    ["chunked", "close"],
    ["chunked", "reset"],
  ])("audio in %s framing that ends by a %s is an aborted body", async (framing, ending) => {
    upstream.always("a", { headers: AUDIO_HEADERS, framing, body: [randomBytes(10_000)], ending, endDelayMs: 5 });
    const response = await speak();
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "truncated",
      error_code: "stream_truncated",
      attempts: [{ outcome: "cut" }],
    });
  });

  const IMAGE_BYTES = 20_000_000;
  const image = Buffer.from(JSON.stringify({ created: 1, data: [{ b64_json: "QUJD".repeat(IMAGE_BYTES / 4) }] }));
  const draw = (): Promise<Response> => gateway.post("/v1/images/generations", { model: "route::images", prompt: "a cat" });

  it("an image answer of 20 MB is whole", async () => {
    upstream.always("a", { headers: JSON_HEADERS, body: image });
    const response = await draw();
    expect(Buffer.from(await response.arrayBuffer()).equals(image)).toBe(true);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", response_bytes: image.length });
  });

  it("an image answer of 20 MB that is cut is an aborted body, never a clean end", async () => {
    upstream.always("a", { headers: JSON_HEADERS, body: image.subarray(0, 15_000_000), ending: "reset", endDelayMs: 20 });
    const response = await draw();
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "truncated",
      error_code: "stream_truncated",
      attempts: [{ outcome: "cut" }],
    });
  });
});

describe("a large upload", () => {
  it("of 25 MB reaches two attempts with the same file bytes", async () => {
    const file = randomBytes(25_000_000);
    const form = new FormData();
    form.append("file", new File([file], "long talk.mp3", { type: "audio/mpeg" }));
    form.append("model", "route::hear");
    upstream.always("a", { status: 503 });
    upstream.always("b", { headers: JSON_HEADERS, body: '{"text":"heard"}' });
    const response = await gateway.fetch("/v1/audio/transcriptions", { method: "POST", body: form });
    expect(await response.json()).toEqual({ text: "heard" });
    const digests = await Promise.all(
      upstream.calls().map(async ({ body, headers }) => {
        const sent = await new Response(new Uint8Array(body), { headers: { "content-type": headers["content-type"] ?? "" } }).formData();
        const got = sent.get("file") as File;
        const bytes = Buffer.from(await got.arrayBuffer());
        return [sent.get("model"), got.name, got.type, createHash("sha256").update(bytes).digest("hex")];
      }),
    );
    const digest = createHash("sha256").update(file).digest("hex");
    expect(digests).toEqual([
      ["model-a", "long talk.mp3", "audio/mpeg", digest],
      ["model-b", "long talk.mp3", "audio/mpeg", digest],
    ]);
  });
});
