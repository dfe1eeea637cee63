import { arrayOf, objectOf, textOf } from "../../src/core/json/foreign-json.ts";
import { type JsonMember, memberValue } from "../../src/core/json/json-members.ts";
import { ok, type Result } from "../../src/core/result.ts";
import type { Untranslatable } from "../../src/core/translation.ts";
import type { Ask, Part, TextPart, Tool, ToolChoice, Turn } from "../../src/dialects/conversation.ts";
import type { WrittenAsk } from "../../src/dialects/dialect.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { NOTHING_ASKED } from "./conversations.ts";

/** Requests of Gemini's, which no caller makes: as its API reads what its writer wrote. https://ai.google.dev/api/generate-content */
export const geminiAsks = {
  readAsk(members: readonly JsonMember[]): Result<Ask, Untranslatable> {
    const body = Object.fromEntries(members.map((member) => [member.key, memberValue(member)]));
    const config = objectOf(body["generationConfig"]);
    const declared = arrayOf(body["tools"]).flatMap((each) => arrayOf(objectOf(each)["functionDeclarations"]).map(objectOf));
    const maxOutputTokens = numberOf(config["maxOutputTokens"]);
    const text = textOf(objectOf(arrayOf(objectOf(body["systemInstruction"])["parts"])[0])["text"]);
    return ok({
      ...NOTHING_ASKED,
      stream: body["stream"] === true,
      system: text === undefined ? [] : [{ text, afterTurns: 0 }],
      turns: arrayOf(body["contents"]).map((content) => readTurn(objectOf(content))),
      // A function that takes nothing is declared without a schema.
      tools: declared.map(({ name, description, parametersJsonSchema: schema = { type: "object", properties: {} } }) => ({
        name: String(name),
        description: textOf(description),
        schema,
        strict: undefined,
        takes: "json",
      })),
      toolChoice: readChoice(objectOf(objectOf(body["toolConfig"])["functionCallingConfig"])),
      maxOutputTokens,
      temperature: numberOf(config["temperature"]),
      asked: maxOutputTokens === undefined ? [] : [{ feature: "max_output_tokens", param: "generationConfig.maxOutputTokens" }],
    });
  },
};

function readTurn({ role, parts }: Readonly<Record<string, unknown>>): Turn {
  return { role: role === "user" ? "user" : "assistant", parts: arrayOf(parts).map((part) => readPart(objectOf(part))) };
}

function readPart({ text, inlineData, functionCall, functionResponse }: Readonly<Record<string, unknown>>): Part {
  if (typeof text === "string") return { kind: "text", text };
  if (inlineData !== undefined) {
    const { mimeType, data } = objectOf(inlineData);
    return { kind: "image", source: { at: "here", mediaType: String(mimeType), base64: String(data) } };
  }
  if (functionCall !== undefined) {
    const { id, name, args } = objectOf(functionCall);
    return { kind: "call", id: String(id), name: String(name), args: JSON.stringify(args), seal: undefined };
  }
  const { id, response } = objectOf(functionResponse);
  const { output, error } = objectOf(response);
  const said = textOf(output ?? error);
  const parts: readonly TextPart[] = said === undefined ? [] : [{ kind: "text", text: said }];
  return { kind: "result", callId: String(id), parts, failed: error !== undefined };
}

function readChoice({ mode, allowedFunctionNames }: Readonly<Record<string, unknown>>): ToolChoice | undefined {
  const [name] = arrayOf(allowedFunctionNames);
  if (typeof name === "string") return { tool: name };
  return ({ AUTO: "auto", NONE: "none", ANY: "required" } as const)[String(mode)];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** What is written of a request that asks for this: the members of its body, what is told of it, what is to be changed back. */
export function writtenForGemini(asked: Partial<Ask>, model = "gemini-3-flash"): Written {
  const ask = { ...NOTHING_ASKED, turns: [HELLO], ...asked };
  const written = gemini.writeAsk(ask, { model, maxOutputTokens: undefined, streamUsage: false });
  if (!written.ok) throw new Error(`${written.error.param}: ${written.error.message}`);
  return { ...written.value, body: objectOf(written.value.body) };
}

/** Why nothing is written of a request that asks for this. */
export function refusedForGemini(asked: Partial<Ask>, model = "gemini-3-flash"): string {
  const written = gemini.writeAsk({ ...NOTHING_ASKED, ...asked }, { model, maxOutputTokens: undefined, streamUsage: false });
  return written.ok ? "written" : `${written.error.param}: ${written.error.message}`;
}

/** A request's body for Gemini, and what its caller is told. */
export interface Written extends WrittenAsk {
  readonly body: Readonly<Record<string, unknown>>;
}

/** A turn that says as little as can be. */
export const HELLO: Turn = { role: "user", parts: [{ kind: "text", text: "Hello." }] };

/** A tool that takes JSON of this schema. */
export function toolNamed(name: string, schema?: unknown): Tool {
  return { name, description: undefined, schema, strict: undefined, takes: "json" };
}
