import { type FormRequest, jsonAnswer, streamAnswer } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { introduction } from "../reply.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokensOf } from "../token.ts";

/** What a second of sound is taken to weigh, in bytes: 16-bit mono at 24 kHz. The file is not listened to. */
const BYTES_PER_SECOND = 48_000;

interface Transcript {
  readonly text: string;
  readonly seconds: number;
  readonly task: "transcribe" | "translate";
}

/** Transcriptions and translations: https://platform.openai.com/docs/api-reference/audio/createTranscription */
export function answerTranscription(request: FormRequest): Answer {
  const { body: form, call, model } = request;
  const file = form.get("file");
  if (!(file instanceof File)) throw Refusal.missing("file");
  const text = `${introduction({ model, provider: call.provider })} It was sent ${JSON.stringify(file.name)} of ${file.size} bytes.`;
  const transcript: Transcript = {
    text,
    seconds: Math.ceil((100 * file.size) / BYTES_PER_SECOND) / 100,
    task: call.path.endsWith("/translations") ? "translate" : "transcribe",
  };
  if (form.get("stream") === "true" && transcript.task === "transcribe") return streamed(request, transcript, file.size);
  const format = form.get("response_format") ?? "json";
  switch (format) {
    case "json":
      return jsonAnswer(call, { text, ...(transcript.task === "transcribe" && { usage: usageOf(transcript, file.size) }) });
    case "verbose_json":
      return jsonAnswer(call, verbose(transcript));
    case "text":
      return plain(`${text}\n`);
    case "srt":
      return plain(`1\n${clock(0, ",")} --> ${clock(transcript.seconds, ",")}\n${text}\n\n`);
    case "vtt":
      return plain(`WEBVTT\n\n${clock(0, ".")} --> ${clock(transcript.seconds, ".")}\n${text}\n\n`);
    default:
      throw Refusal.invalid("response_format", "Invalid 'response_format': expected one of json, text, srt, verbose_json, vtt.");
  }
}

function plain(text: string): Answer {
  return { headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
}

function streamed(request: FormRequest, transcript: Transcript, bytes: number): Answer {
  return streamAnswer(request, [
    ...tokensOf(transcript.text).map((delta) => ({ text: sseText({ type: "transcript.text.delta", delta }), timed: true })),
    { text: sseText({ type: "transcript.text.done", text: transcript.text, usage: usageOf(transcript, bytes) }), timed: false },
    { text: sseText("[DONE]"), timed: false },
  ]);
}

function usageOf(transcript: Transcript, bytes: number): object {
  const audio_tokens = Math.ceil(bytes / BYTES_PER_SECOND) * 10;
  const output_tokens = tokensOf(transcript.text).length;
  const input_token_details = { text_tokens: 0, audio_tokens };
  return { type: "tokens", input_tokens: audio_tokens, input_token_details, output_tokens, total_tokens: audio_tokens + output_tokens };
}

function verbose({ text, seconds, task }: Transcript): object {
  const measures = { temperature: 0, avg_logprob: -0.1, compression_ratio: 1, no_speech_prob: 0 };
  return {
    task,
    language: "english",
    duration: seconds,
    text,
    segments: [{ id: 0, seek: 0, start: 0, end: seconds, text, tokens: [], ...measures }],
    words: tokensOf(text).map((word) => ({ word: word.trim(), start: 0, end: seconds })),
    usage: { type: "duration", seconds: Math.ceil(seconds) },
  };
}

/** `00:00:01,500`, or with a point, as SRT and WebVTT write times. */
function clock(seconds: number, separator: string): string {
  return new Date(Math.round(seconds * 1_000)).toISOString().slice(11, 23).replace(".", separator);
}
