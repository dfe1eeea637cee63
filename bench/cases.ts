import {
  COMPLETION,
  CONTENT_EVENTS,
  CONTENT_MARKER,
  PLAIN_TEXT,
  SHORT_CONTENT_EVENTS,
  streamEvents,
  streamText,
  TRANSCRIPTION,
  TRANSCRIPTION_TEXT,
} from "./answers.ts";

/**
 * Everybody the benchmark measures. `gateway-before` is the gateway of another commit, where one is named. `gateway-twin` is `gateway` in a process of its own that serves only what the two after it serve: a just-in-time
 * compiler knows a process by all it did before.
 */
export const CONTENDERS = [
  "direct",
  "forward",
  "parse-forward",
  "tap",
  "gateway",
  "gateway-before",
  "gateway-twin",
  "gateway-no-traces",
  "gateway-5000",
  "peer",
] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** Those that are the gateway. */
export type GatewayName = Extract<ContenderName, `gateway${string}`>;

/** Those of this commit, which are always there. */
export type OwnGatewayName = Exclude<GatewayName, "gateway-before">;

export function isGateway(name: ContenderName): name is GatewayName {
  return name.startsWith("gateway");
}

/** A request's body before and behind the name of its model, which is all that contenders may change. */
interface BodyTemplate {
  readonly contentType: string;
  readonly beforeModel: Buffer;
  readonly afterModel: Buffer;
}

/** What is sent, by whom it is answered and what has to come back. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly template: () => BodyTemplate;
  /** What callers of the gateway ask for; all others ask for the upstream's own name. */
  readonly model: string;
  /** The upstream's own name. */
  readonly upstreamModel: string;
  /** The gateway asks the upstream for usage. */
  readonly stream: boolean;
  readonly answer: string;
  /** The text of the answer, for those who may word its JSON anew. */
  readonly text: string;
  /** Upstream calls per request: two where the first target refuses. */
  readonly calls: number;
  readonly contenders: readonly ContenderName[];
  readonly concurrency: number;
  /** Requests in one round, full and quick. */
  readonly count: number;
  readonly quickCount: number;
  /** How often contenders take turns in one round: what the machine does meanwhile changes within seconds. */
  readonly turns: number;
}

/** The upstream's name of the model, and of the one for sound. */
export const MODEL = "bench-model";
export const SOUND_MODEL = "bench-sound";

/** Text that looks like prose and code: spaces, quotes and line ends that JSON escapes. */
const PROSE = 'The quick brown fox said "hello" to 42 lazy dogs;\nif (fox.isQuick) { dogs.forEach((dog) => greet(dog)); }\n';

function chatBody(user: string, promptBytes: number, more = ""): () => BodyTemplate {
  const prompt = JSON.stringify(PROSE.repeat(Math.ceil(promptBytes / PROSE.length)).slice(0, promptBytes));
  const messages = `[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":${prompt}}]`;
  return () => ({
    contentType: "application/json",
    beforeModel: Buffer.from('{"model":"'),
    afterModel: Buffer.from(`","user":"${user}",${more}"temperature":0.2,"messages":${messages}}`),
  });
}

const BOUNDARY = "----bench-7MA4YWxkTrZu0gW";
const SOUND_BYTES = 20_000_000;

function formBody(): BodyTemplate {
  const part = (name: string): string => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`;
  return {
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    beforeModel: Buffer.from(`${part("model")}\r\n\r\n`),
    afterModel: Buffer.concat([
      Buffer.from(`\r\n${part("file")}; filename="sound.wav"\r\nContent-Type: audio/wav\r\n\r\n`),
      Buffer.alloc(SOUND_BYTES, "sound of speech \r\n"),
      Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
    ]),
  };
}

/** A prompt of 1 MB, all of the request included. */
const MEGABYTE_PROMPT = 950_000;

const PLAIN: Omit<Case, "name" | "title" | "concurrency" | "count" | "quickCount"> = {
  path: "/v1/chat/completions",
  template: chatBody("plain", 60),
  model: MODEL,
  upstreamModel: MODEL,
  stream: false,
  answer: COMPLETION,
  text: PLAIN_TEXT,
  calls: 1,
  contenders: ["direct", "forward", "parse-forward", "gateway", "gateway-before", "peer"],
  turns: 1,
};

function streamed(user: string, contents: number): Omit<Case, "name" | "title" | "concurrency" | "count" | "quickCount"> {
  return {
    ...PLAIN,
    template: chatBody(user, 60, '"stream":true,'),
    stream: true,
    answer: streamEvents(contents).join(""),
    text: streamText(contents),
    contenders: ["direct", "forward", "tap", "gateway", "gateway-before", "peer"],
  };
}

/** Every case, in the order in which a round goes over them. */
export const CASES: readonly Case[] = [
  { ...PLAIN, name: "small-1", title: "plain, small, one at a time", concurrency: 1, count: 400, quickCount: 200 },
  { ...PLAIN, name: "small-16", title: "plain, small, 16 at once", concurrency: 16, count: 2400, quickCount: 1200, turns: 4 },
  {
    ...PLAIN,
    name: "twins",
    title: "the same, the gateway otherwise idle",
    contenders: ["gateway-twin", "gateway-no-traces", "gateway-5000"],
    concurrency: 16,
    count: 2400,
    quickCount: 1200,
    turns: 4,
  },
  { ...PLAIN, name: "small-64", title: "plain, small, 64 at once", concurrency: 64, count: 1920, quickCount: 512 },
  {
    ...PLAIN,
    name: "10kb",
    title: "plain, 10 KB prompt",
    template: chatBody("plain", 10_000),
    concurrency: 16,
    count: 960,
    quickCount: 480,
  },
  {
    ...PLAIN,
    name: "1mb",
    title: "plain, 1 MB prompt",
    template: chatBody("plain", MEGABYTE_PROMPT),
    concurrency: 4,
    count: 240,
    quickCount: 64,
    turns: 2,
  },
  {
    ...streamed("short", SHORT_CONTENT_EVENTS),
    name: "first-content",
    title: "stream, first content",
    concurrency: 1,
    count: 30,
    quickCount: 15,
  },
  {
    ...streamed("paced", CONTENT_EVENTS),
    name: "paced",
    title: "stream of 300 events, 5 ms each",
    concurrency: 16,
    count: 32,
    quickCount: 16,
  },
  {
    ...streamed("burst", CONTENT_EVENTS),
    name: "burst",
    title: "stream of 300 events, a burst",
    concurrency: 4,
    count: 80,
    quickCount: 24,
  },
  {
    ...PLAIN,
    name: "fallback",
    title: "fallback, the first target answers 503",
    model: "route::fallback",
    calls: 2,
    contenders: ["gateway", "gateway-before", "peer"],
    concurrency: 16,
    count: 960,
    quickCount: 320,
  },
  {
    ...PLAIN,
    name: "upload",
    title: "20 MB multipart upload",
    path: "/v1/audio/transcriptions",
    template: formBody,
    model: SOUND_MODEL,
    upstreamModel: SOUND_MODEL,
    answer: TRANSCRIPTION,
    text: TRANSCRIPTION_TEXT,
    contenders: ["direct", "forward", "gateway", "gateway-before", "peer"],
    concurrency: 2,
    count: 8,
    quickCount: 4,
  },
];

/** The case of the memory measurement, not part of a round. */
export const MEMORY_CASE: Case = {
  ...PLAIN,
  name: "64x1mb",
  title: "64 prompts of 1 MB at once",
  template: chatBody("plain", MEGABYTE_PROMPT),
  concurrency: 64,
  count: 128,
  quickCount: 128,
};

/** @throws Error for a name that is no case's. */
export function caseNamed(name: string): Case {
  const found = [...CASES, MEMORY_CASE].find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}; there are ${CASES.map((each) => each.name).join(", ")}`);
  return found;
}

/** The body that a contender is sent. */
export function sentBody(of: Case, contender: ContenderName): Buffer {
  const { beforeModel, afterModel } = of.template();
  return Buffer.concat([beforeModel, Buffer.from(isGateway(contender) ? of.model : of.upstreamModel), afterModel]);
}

const USAGE_QUESTION = Buffer.from('"stream_options":{"include_usage":true},');

/** The body that the upstream has to get from a contender; `undefined` for the peer, who may write it anew. */
export function receivedBody(of: Case, contender: ContenderName): Uint8Array | undefined {
  if (contender === "peer") return undefined;
  const body = sentBody({ ...of, model: of.upstreamModel }, contender);
  return of.stream && isGateway(contender) ? Buffer.concat([body.subarray(0, 1), USAGE_QUESTION, body.subarray(1)]) : body;
}

export { CONTENT_MARKER };
