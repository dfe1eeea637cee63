import type { AnswerFacts, Endpoint, EventReading } from "../core/endpoint.ts";
import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../core/json/foreign-json.ts";
import { type JsonMember, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { GEMINI_PATH } from "../dialects/gemini/address.ts";
import { endingOf } from "../dialects/gemini/finish.ts";
import { geminiUsage } from "../dialects/gemini/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { factsOf, readEventWith } from "./openai-dialect.ts";

/** https://ai.google.dev/api/generate-content. Only upstreams speak it: what it has of requests and of errors for callers nobody gets to see. */
export const generateContent: Endpoint = {
  path: GEMINI_PATH,
  kind: "chat",
  requestBody: "json",
  answer: "json",
  answerMembers: ["candidates", "promptFeedback"],
  asksForStreamUsage: false,
  streamsSayFinished: true,
  readRequest: () => ({ stream: false }),
  readAnswer: (members) => factsIn(answerOf(members)),
  failureIn(members) {
    const answer = answerOf(members);
    const ending = endingOf(answer, candidateOf(answer));
    return ending?.kind === "fail" ? ending.error : undefined;
  },
  readEvent: (event) => readEventWith(event, readChunk),
  errorBody: openAiErrorBody,
  errorEvents: openAiErrorEvent,
};

function answerOf(members: readonly JsonMember[]): ForeignObject {
  const named = ["candidates", "promptFeedback", "usageMetadata", "modelVersion"];
  return Object.fromEntries(named.map((name) => [name, valueOf(members, name)]));
}

function candidateOf(answer: ForeignObject): ForeignObject {
  return objectOf(arrayOf(answer["candidates"])[0]);
}

function partsOf(candidate: ForeignObject): readonly ForeignObject[] {
  return arrayOf(objectOf(candidate["content"])["parts"]).map(objectOf);
}

/** A chunk of a stream is an answer with some of its parts. */
function readChunk(answer: ForeignObject): EventReading {
  const candidate = candidateOf(answer);
  const ending = endingOf(answer, candidate);
  if (ending?.kind === "fail") return { kind: "error", error: ending.error };
  const facts = factsIn(answer);
  if (ending !== undefined) return { kind: "finish", facts };
  return { kind: partsOf(candidate).some(isContent) ? "content" : "quiet", facts };
}

/** Whatever is no text is content as it is: a call, an image, code that was run. */
function isContent(part: ForeignObject): boolean {
  return typeof part["text"] === "string" ? part["text"] !== "" : Object.keys(part).length > 0;
}

function factsIn(answer: ForeignObject): AnswerFacts {
  const candidate = candidateOf(answer);
  const parts = partsOf(candidate);
  const calls = parts.filter(({ functionCall }) => isObject(functionCall)).length;
  const said = parts.map(({ text, thought }) => (thought === true ? undefined : textOf(text)) ?? "");
  const ending = endingOf(answer, candidate);
  return factsOf({
    model: textOf(answer["modelVersion"]),
    usage: toldUsage(geminiUsage, answer["usageMetadata"]),
    finishReason: ending?.kind === "finish" ? ending.word : undefined,
    toolCalls: calls > 0 ? calls : undefined,
    text: textOf(said.join("")),
  });
}
