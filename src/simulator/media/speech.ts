import { asText } from "../json-value.ts";
import { type JsonRequest, streamAnswer } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { mp3Silence, pcmTone, wavTone } from "./sound.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokensOf } from "../token.ts";

const FORMATS = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

/** Speech is sent in this many pieces, as a provider sends it while it speaks. */
const PIECES = 4;

/** Speech: https://platform.openai.com/docs/api-reference/audio/createSpeech. Formats that need an encoder are answered with WAV, and say so. */
export function answerSpeech(request: JsonRequest): Answer {
  const { body } = request;
  const input = asText(body["input"]);
  if (input === "") throw Refusal.missing("input");
  if (body["voice"] === undefined) throw Refusal.missing("voice");
  const format = body["response_format"] ?? "mp3";
  if (typeof format !== "string" || !FORMATS.includes(format)) {
    throw Refusal.invalid("response_format", `Invalid 'response_format': expected one of ${FORMATS.join(", ")}.`);
  }
  const { bytes, contentType } = recording(format);
  const pieces = slices(bytes);
  if (body["stream_format"] !== "sse")
    return { headers: { "content-type": contentType }, body: pieces.map((data) => ({ data, delayMs: request.tokenDelayMs })) };
  const tokens = tokensOf(input).length;
  const usage = { input_tokens: tokens, output_tokens: PIECES, total_tokens: tokens + PIECES };
  return streamAnswer(request, [
    ...pieces.map((piece) => ({ text: sseText({ type: "speech.audio.delta", audio: piece.toString("base64") }), timed: true })),
    { text: sseText({ type: "speech.audio.done", usage }), timed: false },
  ]);
}

function recording(format: string): { readonly bytes: Buffer; readonly contentType: string } {
  if (format === "mp3") return { bytes: mp3Silence(), contentType: "audio/mpeg" };
  if (format === "pcm") return { bytes: pcmTone(), contentType: "audio/pcm" };
  return { bytes: wavTone(), contentType: "audio/wav" };
}

function slices(bytes: Buffer): readonly Buffer[] {
  const length = Math.ceil(bytes.length / PIECES);
  return Array.from({ length: PIECES }, (_, index) => bytes.subarray(index * length, (index + 1) * length));
}
