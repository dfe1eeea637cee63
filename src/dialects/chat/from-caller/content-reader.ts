import { type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { AudioPart, DocumentPart, Feature, ImagePart, Source, TextPart, ThoughtPart } from "../../conversation.ts";
import { thinkingText } from "../answer-reader.ts";
import { isDataUrl, readDataUrl } from "../data-url.ts";
import { placeSeal } from "../details.ts";
import type { Asked } from "./asked.ts";

/** Whose content it is. */
export type ContentOf = "system" | "user" | "assistant" | "tool";

type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart | ThoughtPart;

/** A part and where it stands. */
interface Place {
  readonly part: ForeignObject;
  readonly of: ContentOf;
  readonly param: string;
  readonly asked: Asked;
}

/** How the parts are read, by their type and by whose they may be: https://platform.openai.com/docs/api-reference/chat/create, `messages` */
const READERS: ReadonlyMap<unknown, { readonly of: readonly ContentOf[]; readonly read: (place: Place) => ContentPart | undefined }> =
  new Map([
    ["text", { of: ["system", "user", "assistant", "tool"], read: readText }],
    ["refusal", { of: ["assistant"], read: readRefusal }],
    // Mistral's, as its answers have it.
    ["thinking", { of: ["assistant"], read: readThinking }],
    ["image_url", { of: ["user", "tool"], read: readImage }],
    ["file", { of: ["user", "tool"], read: readFile }],
    ["input_audio", { of: ["user"], read: readAudio }],
  ] as const);

/** The parts of a content, empty texts left out; `null` has none. `param`: its place in the request, `messages.2.content`. */
export function readContent(content: unknown, of: ContentOf, param: string, asked: Asked): readonly ContentPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  if (content === null || content === undefined) {
    if (of !== "assistant") asked.wrong(param, "is missing: it is a text or a list of parts");
    return [];
  }
  if (Array.isArray(content)) return content.flatMap((part: unknown, index) => readPart(part, of, `${param}.${index}`, asked) ?? []);
  asked.wrong(param, "is neither a text nor a list of parts");
  return [];
}

function readPart(part: unknown, of: ContentOf, param: string, asked: Asked): ContentPart | undefined {
  if (!isObject(part)) {
    asked.wrong(param, 'is no part: one is an object with a type, such as {"type": "text", "text": "…"}');
    return undefined;
  }
  noteCacheHint(part, param, asked);
  const reader = READERS.get(part["type"]);
  if (reader?.of.includes(of) === true) return reader.read({ part, of, param, asked });
  asked.feature("unknown_part", param, textOf(part["type"]));
  return undefined;
}

/** What is to be cached is said on anything: by OpenAI's newer models' breakpoints, or as OpenRouter and LiteLLM pass it on to Anthropic. */
export function noteCacheHint(value: ForeignObject, param: string, asked: Asked): void {
  for (const name of ["cache_control", "prompt_cache_breakpoint"]) asked.member(value[name], "cache_hint", `${param}.${name}`);
}

function readText({ part, param, asked }: Place): TextPart | undefined {
  const { text } = part;
  if (typeof text !== "string") asked.wrong(`${param}.text`, "is no text");
  return typeof text === "string" && text !== "" ? { kind: "text", text } : undefined;
}

function readRefusal({ part, param, asked }: Place): TextPart | undefined {
  const text = asked.member(textOf(part["refusal"]), "refusal_part", param);
  return text === undefined ? undefined : { kind: "refusal", text };
}

function readThinking({ part }: Place): ThoughtPart | undefined {
  const text = thinkingText(part["thinking"]);
  return text === "" ? undefined : { kind: "thought", text, seal: placeSeal("content") };
}

function readImage({ part, of, param, asked }: Place): ImagePart | undefined {
  const { image_url: image } = part;
  const url = textOf(image) ?? textOf(objectOf(image)["url"]);
  const detail = textOf(objectOf(image)["detail"]);
  asked.feature(of === "tool" ? "result_image" : "image", param);
  // `auto` is what is done anyway.
  if (detail !== undefined && detail !== "auto") asked.feature("image_detail", `${param}.image_url.detail`);
  if (url === undefined) asked.wrong(`${param}.image_url`, "has no url: an address, or data:image/png;base64,…");
  const source = url === undefined ? undefined : sourceOf(url, `${param}.image_url`, "image_address", asked);
  return source === undefined ? undefined : { kind: "image", source, ...(detail === undefined ? {} : { detail }) };
}

function readFile({ part, of, param, asked }: Place): DocumentPart | undefined {
  const file = objectOf(part["file"]);
  const filename = textOf(file["filename"]);
  asked.feature(of === "tool" ? "result_document" : "document", param);
  const source = fileSource(file, filename, `${param}.file`, asked);
  return source === undefined ? undefined : { kind: "document", source, ...(filename === undefined ? {} : { filename }) };
}

function fileSource(file: ForeignObject, filename: string | undefined, param: string, asked: Asked): Source | undefined {
  const data = textOf(file["file_data"]);
  const fileId = textOf(file["file_id"]);
  if (data !== undefined) {
    if (isDataUrl(data) || /^https?:/i.test(data)) return sourceOf(data, `${param}.file_data`, "document_address", asked);
    // Bytes alone: of the types that models read, the name says which.
    return { at: "here", mediaType: filename?.toLowerCase().endsWith(".txt") === true ? "text/plain" : "application/pdf", base64: data };
  }
  if (fileId !== undefined) return asked.member({ at: "provider", fileId }, "provider_file", `${param}.file_id`);
  asked.wrong(param, "has neither file_data (data:application/pdf;base64,…) nor a file_id");
  return undefined;
}

function sourceOf(url: string, param: string, address: Feature, asked: Asked): Source | undefined {
  if (!isDataUrl(url)) return asked.member({ at: "address", url }, address, param);
  const data = readDataUrl(url);
  if (data === undefined) asked.wrong(param, "has bytes that are not in base64: data:image/png;base64,…");
  return data === undefined ? undefined : { at: "here", ...data };
}

function readAudio({ part, param, asked }: Place): AudioPart | undefined {
  const { data, format } = objectOf(part["input_audio"]);
  const base64 = textOf(data);
  asked.feature("audio_input", param);
  if (base64 === undefined) asked.wrong(`${param}.input_audio`, "has no data, which is base64");
  return base64 === undefined ? undefined : { kind: "audio", base64, format: textOf(format) ?? "wav" };
}
