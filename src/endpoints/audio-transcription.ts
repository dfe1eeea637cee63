import type { Endpoint } from "../core/endpoint.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { factsOf, readFormRequest, readTypedEvent } from "./openai-dialect.ts";

/** https://platform.openai.com/docs/api-reference/audio/createTranscription and /createTranslation: JSON or plain text, as `response_format` says. */
export const AUDIO_TRANSCRIPTION: readonly Endpoint[] = ["/v1/audio/transcriptions", "/v1/audio/translations"].map((path) => ({
  path,
  kind: "audio_transcription",
  requestBody: "multipart",
  answer: "text",
  answerMembers: ["text", "segments"],
  asksForStreamUsage: false,
  streamsSayFinished: true,
  readRequest: readFormRequest,
  readAnswer(members) {
    return factsOf({
      model: stringOf(members, "model"),
      usage: toldUsage(openAiUsage, valueOf(members, "usage")),
      finishReason: undefined,
      toolCalls: undefined,
      text: stringOf(members, "text"),
    });
  },
  readEvent(event) {
    return readTypedEvent(event, { content: ["transcript.text.delta", "transcript.text.segment"], finish: ["transcript.text.done"] });
  },
  errorBody: openAiErrorBody,
  errorEvents: openAiErrorEvent,
}));
