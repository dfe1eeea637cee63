import type { Endpoint } from "../core/endpoint.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { factsOf, readFormRequest, readOpenAiRequest, readTypedEvent } from "./openai-dialect.ts";

/** https://platform.openai.com/docs/api-reference/images. Where several images were asked for (`n`), the first completed one counts as the stream's end. */
export const IMAGES: readonly Endpoint[] = [
  imageEndpoint("/v1/images/generations", "json"),
  imageEndpoint("/v1/images/edits", "multipart"),
  imageEndpoint("/v1/images/variations", "multipart"),
];

function imageEndpoint(path: string, requestBody: Endpoint["requestBody"]): Endpoint {
  return {
    path,
    kind: "image_generation",
    requestBody,
    answer: "json",
    answerMembers: ["data", "images"],
    asksForStreamUsage: false,
    streamsSayFinished: true,
    readRequest: requestBody === "json" ? readOpenAiRequest : readFormRequest,
    readAnswer(members) {
      return factsOf({
        model: stringOf(members, "model"),
        usage: toldUsage(openAiUsage, valueOf(members, "usage")),
        finishReason: undefined,
        toolCalls: undefined,
        text: undefined,
      });
    },
    readEvent(event) {
      return readTypedEvent(event, {
        content: ["image_generation.partial_image", "image_edit.partial_image"],
        finish: ["image_generation.completed", "image_edit.completed"],
      });
    },
    errorBody: openAiErrorBody,
    errorEvents: openAiErrorEvent,
  };
}
