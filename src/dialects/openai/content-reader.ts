import { type ForeignObject, isObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import type { AudioPart, DocumentPart, Feature, ImagePart, Part, Source, TextPart } from "../conversation.ts";
import { isDataUrl, readDataUrl } from "../data-url.ts";
import type { Asked } from "../reading/asked.ts";

/** Whose content it is. */
export type ContentOf = "system" | "user" | "assistant" | "tool";

/** What may be said, by whomever. */
export type ContentPart = Exclude<Part, { readonly kind: "call" | "result" }>;

/** A part and where it stands. */
export interface Place {
  readonly part: ForeignObject;
  readonly of: ContentOf;
  readonly param: string;
  readonly asked: Asked;
}

/** How a part is read, and whose it may be. */
export interface PartReader {
  readonly of: readonly ContentOf[];
  readonly read: (place: Place) => ContentPart | undefined;
}

/** Of these types. */
export type PartReaders = ReadonlyMap<unknown, PartReader>;

/** A text. */
export const TEXT: PartReader = { of: ["system", "user", "assistant", "tool"], read: readText };
/** What a model said instead of an answer. */
export const REFUSAL: PartReader = { of: ["assistant"], read: readRefusal };
/** An image, whose address stands beside the type or in `image_url`. */
export const IMAGE: PartReader = { of: ["user", "tool"], read: readImage };
/** A document, whose facts stand beside the type or in `file`. */
export const FILE: PartReader = { of: ["user", "tool"], read: readFile };
/** A sound. */
export const AUDIO: PartReader = { of: ["user"], read: readAudio };

/** The parts of a content, empty texts left out; `null` has none. `param`: its place in the request, `messages.2.content`. */
export function readContent(content: unknown, readers: PartReaders, { of, param, asked }: Omit<Place, "part">): readonly ContentPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  if (Array.isArray(content))
    return content.flatMap((part: unknown, index) => readPart(part, readers, { of, param: `${param}.${index}`, asked }) ?? []);
  const isNone = content === null || content === undefined;
  if (!isNone) asked.wrong(param, "is neither a text nor a list of parts");
  else if (of !== "assistant") asked.wrong(param, "is missing: it is a text or a list of parts");
  return [];
}

/** What a tool gave back: what it may be, of a content. */
export function readOutput(content: readonly ContentPart[]): readonly (TextPart | ImagePart | DocumentPart)[] {
  return content.flatMap((part) => (part.kind === "audio" || part.kind === "thought" ? [] : [part]));
}

function readPart(part: unknown, readers: PartReaders, { of, param, asked }: Omit<Place, "part">): ContentPart | undefined {
  if (!isObject(part)) return asked.wrong(param, 'is no part: one is an object with a type, such as {"type": "text", "text": "…"}');
  noteCacheHint(part, param, asked);
  const reader = readers.get(part["type"]);
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
  if (typeof text !== "string") return asked.wrong(`${param}.text`, "is no text");
  return text === "" ? undefined : { kind: "text", text };
}

function readRefusal({ part, param, asked }: Place): TextPart | undefined {
  const text = asked.member(textOf(part["refusal"]), "refusal_part", param);
  return text === undefined ? undefined : { kind: "refusal", text };
}

function readImage({ part, of, param, asked }: Place): ImagePart | undefined {
  const { image_url: image } = part;
  const place = `${param}.image_url`;
  const url = textOf(image) ?? textOf(objectOf(image)["url"]);
  asked.feature(of === "tool" ? "result_image" : "image", param);
  const detail = isObject(image) ? readDetail(image, place, asked) : readDetail(part, param, asked);
  const source = url === undefined ? providerFile(part, param, asked) : sourceOf(url, place, "image_address", asked);
  if (url === undefined && source === undefined) asked.wrong(place, "has no url: an address, or data:image/png;base64,…");
  return source === undefined ? undefined : { kind: "image", source, ...(detail === undefined ? {} : { detail }) };
}

/** `auto` is what is done anyway. */
function readDetail(told: ForeignObject, param: string, asked: Asked): string | undefined {
  const detail = textOf(told["detail"]);
  if (detail !== undefined && detail !== "auto") asked.feature("image_detail", `${param}.detail`);
  return detail;
}

function readFile({ part, of, param, asked }: Place): DocumentPart | undefined {
  const [file, place] = isObject(part["file"]) ? [part["file"], `${param}.file`] : [part, param];
  const filename = textOf(file["filename"]);
  asked.feature(of === "tool" ? "result_document" : "document", param);
  readDetail(part, param, asked);
  const source = fileSource(file, filename, place, asked);
  return source === undefined ? undefined : { kind: "document", source, ...(filename === undefined ? {} : { filename }) };
}

function fileSource(file: ForeignObject, filename: string | undefined, param: string, asked: Asked): Source | undefined {
  const data = textOf(file["file_data"]);
  const url = textOf(file["file_url"]);
  if (data !== undefined) {
    if (isDataUrl(data) || /^https?:/i.test(data)) return sourceOf(data, `${param}.file_data`, "document_address", asked);
    // Bytes alone: of the types that models read, the name says which.
    const isText = filename !== undefined && /\.(txt|md)$/i.test(filename);
    return { at: "here", mediaType: isText ? "text/plain" : "application/pdf", base64: data };
  }
  if (url !== undefined) return sourceOf(url, `${param}.file_url`, "document_address", asked);
  return providerFile(file, param, asked) ?? asked.wrong(param, "has neither file_data (data:application/pdf;base64,…) nor a file_id");
}

function sourceOf(url: string, param: string, address: Feature, asked: Asked): Source | undefined {
  if (!isDataUrl(url)) return asked.member({ at: "address", url }, address, param);
  const data = readDataUrl(url);
  return data === undefined ? asked.wrong(param, "has bytes that are not in base64: data:image/png;base64,…") : { at: "here", ...data };
}

function providerFile(file: ForeignObject, param: string, asked: Asked): Source | undefined {
  const fileId = textOf(file["file_id"]);
  return fileId === undefined ? undefined : asked.member({ at: "provider", fileId }, "provider_file", `${param}.file_id`);
}

function readAudio({ part, param, asked }: Place): AudioPart | undefined {
  const { data, format } = objectOf(part["input_audio"]);
  const base64 = textOf(data);
  asked.feature("audio_input", param);
  if (base64 === undefined) return asked.wrong(`${param}.input_audio`, "has no data, which is base64");
  return { kind: "audio", base64, format: textOf(format) ?? "wav" };
}
