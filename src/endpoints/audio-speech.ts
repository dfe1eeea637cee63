import type { Endpoint } from "../core/endpoint.ts";
import { stringOf } from "../core/json/json-members.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { readOpenAiRequest, readTypedEvent } from "./openai-dialect.ts";

/** https://platform.openai.com/docs/api-reference/audio/createSpeech: audio bytes, or events where `stream_format` is `sse`. */
export const audioSpeech: Endpoint = {
  path: "/v1/audio/speech",
  kind: "audio_speech",
  requestBody: "json",
  answer: "binary",
  answerMembers: undefined,
  asksForStreamUsage: false,
  streamsSayFinished: true,
  readRequest(members) {
    const facts = readOpenAiRequest(members);
    return { ...facts, stream: facts.stream || stringOf(members, "stream_format") === "sse" };
  },
  readAnswer() {
    return {};
  },
  readEvent(event) {
    return readTypedEvent(event, { content: ["speech.audio.delta"], finish: ["speech.audio.done"] });
  },
  errorBody: openAiErrorBody,
  errorEvents: openAiErrorEvent,
};
