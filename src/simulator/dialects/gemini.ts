import { asList, asObject, asText, isObject, type JsonObject, textOf } from "../json-value.ts";
import { type JsonRequest, jsonAnswer, streamAnswer } from "../path-request.ts";
import type { Answer } from "../play/step.ts";
import { Refusal } from "../play/refusal.ts";
import { type Conversation, type Reply, replyTo } from "../reply.ts";
import { tokenBound } from "../token.ts";

/** `gemini-3-flash` of `/v1beta/models/gemini-3-flash:generateContent`; `undefined`: the path names no model. */
export function modelInPath(path: string): string | undefined {
  const name = /\/models\/([^/]+):[A-Za-z]+$/.exec(path)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    // No encoding of anything: it is called by what it looks like.
    return name;
  }
}

/** Gemini's own API: https://ai.google.dev/api/generate-content */
export function answerGemini(request: JsonRequest): Answer {
  return jsonAnswer(request.call, answerOf(request, replyTo(readConversation(request))));
}

/** The same as a stream of answers that each hold some of it, or, without `alt=sse`, a list of them. */
export function streamGemini(request: JsonRequest): Answer {
  const chunks = chunksOf(request, replyTo(readConversation(request)));
  if (request.call.query.get("alt") !== "sse") return jsonAnswer(request.call, chunks);
  const last = chunks.length - 1;
  return streamAnswer(
    request,
    chunks.map((chunk, index) => ({ text: `data: ${JSON.stringify(chunk)}\r\n\r\n`, timed: index < last })),
  );
}

/** What models of the third generation and later ones do that others do not: sign what they thought, and write JSON beside calls. */
const LATER = /^gemini-(?:[3-9]|\d\d)/;

/** It holds nothing. */
const SIGNATURE = Buffer.from("signed by the simulator").toString("base64");

function readConversation({ body, call, model }: JsonRequest): Conversation {
  const contents = asList(body["contents"]).map(asObject);
  const last = contents.at(-1);
  if (last === undefined) throw Refusal.invalid("contents", "* GenerateContentRequest.contents: contents is not specified");
  const tools = asList(body["tools"]).flatMap((tool) => asList(asObject(tool)["functionDeclarations"]).filter(isObject));
  const config = asObject(body["generationConfig"]);
  const writesJson = config["responseMimeType"] === "application/json";
  if (!LATER.test(model) && writesJson && tools.length > 0)
    throw Refusal.invalid("generationConfig", "Function calling with a response mime type: 'application/json' is unsupported");
  if (LATER.test(model)) checkSignatures(contents);
  const said = contents.map((content) => asList(content["parts"]).map(wordsOf).join("\n"));
  return {
    provider: call.provider,
    model,
    lastSpeaker: speakerOf(last),
    lastText: said.at(-1) ?? "",
    allText: [textOf(asObject(body["systemInstruction"])["parts"]), ...said].join("\n"),
    tools: tools.map((tool) => ({ name: asText(tool["name"]), schema: tool["parametersJsonSchema"] ?? tool["parameters"] })),
    toolChoice: readToolChoice(asObject(asObject(body["toolConfig"])["functionCallingConfig"])),
    json: writesJson ? { schema: config["responseJsonSchema"] ?? config["responseSchema"] } : undefined,
    maxTokens: tokenBound(config["maxOutputTokens"]),
  };
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures: the first call of each turn of the model's has one. */
function checkSignatures(contents: readonly JsonObject[]): void {
  for (const [index, content] of contents.entries()) {
    const call = asList(content["parts"])
      .map(asObject)
      .find((part) => isObject(part["functionCall"]));
    if (call === undefined || asText(call["thoughtSignature"]) !== "") continue;
    const name = asText(asObject(call["functionCall"])["name"]);
    throw Refusal.invalid("contents", `Function call \`${name}\` in the ${index + 1}. content block is missing a \`thought_signature\`.`);
  }
}

function wordsOf(part: unknown): string {
  const { text, functionResponse } = asObject(part);
  const { output, error } = asObject(asObject(functionResponse)["response"]);
  return asText(text ?? output ?? error);
}

function speakerOf({ role, parts }: JsonObject): Conversation["lastSpeaker"] {
  if (asList(parts).some((part) => isObject(asObject(part)["functionResponse"]))) return "tool";
  return role === "model" ? "assistant" : "user";
}

function readToolChoice({ mode, allowedFunctionNames }: JsonObject): Conversation["toolChoice"] {
  if (mode === "NONE") return "none";
  const [name] = asList(allowedFunctionNames);
  return typeof name === "string" ? { name } : "any";
}

/** What of an answer is the same in each of its chunks. */
function headOf({ call, model }: JsonRequest, reply: Reply, candidates: number): JsonObject {
  const { promptTokens } = reply;
  return {
    usageMetadata: {
      promptTokenCount: promptTokens,
      candidatesTokenCount: candidates,
      totalTokenCount: promptTokens + candidates,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: promptTokens }],
    },
    modelVersion: model,
    responseId: `simulator_${call.id}`,
  };
}

function answerOf(request: JsonRequest, reply: Reply): JsonObject {
  return { candidates: [candidate([partOf(request, reply)], reply)], ...headOf(request, reply, reply.tokens.length) };
}

function chunksOf(request: JsonRequest, reply: Reply): readonly JsonObject[] {
  const parts = reply.tool === undefined ? reply.tokens.map((text) => ({ text })) : [partOf(request, reply)];
  const said = parts.map((part, index) => {
    const candidates = reply.tool === undefined ? index + 1 : reply.tokens.length;
    return { candidates: [candidate([part])], ...headOf(request, reply, candidates) };
  });
  return [...said, { candidates: [candidate([{ text: "" }], reply)], ...headOf(request, reply, reply.tokens.length) }];
}

/** `ending`: the reply that ends with it. */
function candidate(parts: readonly JsonObject[], ending?: Reply): JsonObject {
  const finish = ending === undefined ? {} : { finishReason: ending.outOfTokens ? "MAX_TOKENS" : "STOP" };
  return { content: { parts, role: "model" }, ...finish, index: 0 };
}

/** Words, or a call, which comes whole. */
function partOf({ call, model }: JsonRequest, reply: Reply): JsonObject {
  if (reply.tool === undefined) return { text: reply.text };
  const functionCall = { id: `simulator_${call.id}`, name: reply.tool, args: JSON.parse(reply.text) };
  return LATER.test(model) ? { functionCall, thoughtSignature: SIGNATURE } : { functionCall };
}
