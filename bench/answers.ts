/** What the upstream answers: the load generator compares with it. */

/** Events with content in a stream, in a short one, and ms between them where it is paced. */
export const CONTENT_EVENTS = 300;
export const SHORT_CONTENT_EVENTS = 10;
export const PACE_MS = 5;

const COMMON = { id: "chatcmpl-bench", created: 1_760_000_000, model: "bench-model" };
const WORD = "token ";

/** The text of a whole answer. */
export const PLAIN_TEXT =
  "A short answer, as most are: it says what was asked for and then it stops, after a sentence or two of average length.";
export const TRANSCRIPTION_TEXT = "What was said in twenty megabytes of sound.";

export const COMPLETION = JSON.stringify({
  ...COMMON,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: PLAIN_TEXT, refusal: null }, logprobs: null, finish_reason: "stop" }],
  usage: { prompt_tokens: 21, completion_tokens: 27, total_tokens: 48, prompt_tokens_details: { cached_tokens: 0 } },
  service_tier: "default",
  system_fingerprint: "fp_bench",
});

export const TRANSCRIPTION = JSON.stringify({ text: TRANSCRIPTION_TEXT });
export const REFUSAL = JSON.stringify({ error: { message: "overloaded", type: "server_error", param: null, code: null } });

function event(choices: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): string {
  return `data: ${JSON.stringify({ ...COMMON, object: "chat.completion.chunk", choices, ...more })}\n\n`;
}

function chunk(delta: Readonly<Record<string, string>>, finishReason: string | null): string {
  return event([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]);
}

/** The role, so many contents, the finish reason, `[DONE]`. */
export function streamEvents(contents: number): readonly string[] {
  return [
    chunk({ role: "assistant", content: "" }, null),
    ...Array.from({ length: contents }, () => chunk({ content: WORD }, null)),
    chunk({}, "stop"),
    "data: [DONE]\n\n",
  ];
}

/** The text of a stream of so many contents. */
export function streamText(contents: number): string {
  return WORD.repeat(contents);
}

/** The first bytes of content, as they stand in an event. */
export const CONTENT_MARKER = `"content":"${WORD}`;

/** Sent before `[DONE]` to whoever asks for usage. */
export const USAGE_EVENT = event([], {
  usage: { prompt_tokens: 21, completion_tokens: CONTENT_EVENTS, total_tokens: 21 + CONTENT_EVENTS },
});
