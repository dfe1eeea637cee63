import type { Call } from "../call.ts";
import { answerChat } from "../dialects/chat.ts";
import { answerCompletion } from "../dialects/completions.ts";
import { answerEmbeddings } from "../dialects/embeddings.ts";
import { answerGemini, modelInPath, streamGemini } from "../dialects/gemini.ts";
import { errorAnswer } from "./error-answer.ts";
import { answerEdit, answerGeneration, answerVariation } from "../media/images.ts";
import { isObject } from "../json-value.ts";
import { answerMessages, countMessages } from "../dialects/messages.ts";
import type { FormRequest, JsonRequest } from "../path-request.ts";
import { Refusal } from "./refusal.ts";
import { answerResponse, countResponse } from "../dialects/responses.ts";
import { answerSpeech } from "../media/speech.ts";
import type { Answer } from "./step.ts";
import { answerTranscription } from "../media/transcription.ts";

/** Paths by their end, since providers put their versions before it in many ways (`/v1`, `/v1beta/openai`); a longer end stands first. */
const JSON_PATHS: readonly (readonly [string, (request: JsonRequest) => Answer])[] = [
  ["/chat/completions", answerChat],
  ["/completions", answerCompletion],
  ["/responses", answerResponse],
  ["/responses/input_tokens", countResponse],
  ["/messages", answerMessages],
  ["/messages/count_tokens", countMessages],
  [":generateContent", answerGemini],
  [":streamGenerateContent", streamGemini],
  ["/embeddings", answerEmbeddings],
  ["/audio/speech", answerSpeech],
  ["/images/generations", answerGeneration],
];

const FORM_PATHS: readonly (readonly [string, (request: FormRequest) => Answer])[] = [
  ["/audio/transcriptions", answerTranscription],
  ["/audio/translations", answerTranscription],
  ["/images/edits", answerEdit],
  ["/images/variations", answerVariation],
];

/** The normal answer of the path called; what is wrong with the call is an error answer in the path's dialect. */
export async function answerCall(call: Call, tokenDelayMs: number): Promise<Answer> {
  const json = JSON_PATHS.find(([end]) => call.path.endsWith(end))?.[1];
  const form = FORM_PATHS.find(([end]) => call.path.endsWith(end))?.[1];
  try {
    if (json !== undefined) {
      const body = readJson(call);
      return json({ call, body, model: modelInPath(call.path) ?? readModel(body["model"]), tokenDelayMs });
    }
    if (form !== undefined) {
      const body = await readForm(call);
      return form({ call, body, model: readModel(body.get("model")), tokenDelayMs });
    }
    throw new Refusal({ status: 404, message: `Invalid URL (${call.method} ${call.path})`, code: "unknown_url" });
  } catch (error) {
    if (error instanceof Refusal) return errorAnswer(call.path, error.facts);
    throw error;
  }
}

function requirePost(call: Call): void {
  if (call.method === "POST") return;
  throw new Refusal({
    status: 405,
    message: `Not allowed to ${call.method} on ${call.path} (HINT: use POST)`,
    code: "method_not_supported",
  });
}

function readJson(call: Call): Readonly<Record<string, unknown>> {
  requirePost(call);
  let body: unknown;
  try {
    body = JSON.parse(call.body.toString());
  } catch {
    throw new Refusal({ status: 400, message: "We could not parse the JSON body of your request." });
  }
  if (!isObject(body)) throw new Refusal({ status: 400, message: "The body of your request has to be a JSON object." });
  return body;
}

async function readForm(call: Call): Promise<FormData> {
  requirePost(call);
  const type = call.headers["content-type"] ?? "";
  try {
    return await new Response(new Uint8Array(call.body), { headers: { "content-type": type } }).formData();
  } catch {
    throw new Refusal({ status: 400, message: `Could not parse your multipart form (content-type ${JSON.stringify(type)}).` });
  }
}

function readModel(model: unknown): string {
  if (typeof model === "string" && model !== "") return model;
  throw new Refusal({ status: 400, message: "you must provide a model parameter", param: "model" });
}
