import { isObject, textOf } from "../../../core/json/foreign-json.ts";
import type { AudioPart, DocumentPart, ImagePart, Source, TextPart } from "../../conversation.ts";
import type { AskNotes } from "./ask-notes.ts";
import { isDataUrl, readDataUrl } from "../data-url.ts";

/** Whose content it is: texts alone come from an assistant and the system, everything but audio from a tool. */
export type ContentOf = "user" | "assistant" | "system" | "tool";

type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart;
type Members = Readonly<Record<string, unknown>>;

/** Parts that are texts, by whoever said them; `text` is what some clients send. */
const TEXT_TYPES: ReadonlySet<unknown> = new Set(["input_text", "output_text", "text"]);

/** How closely an image or a file is looked at where nothing is said. */
const DEFAULT_DETAIL = "auto";

/**
 * The parts of a content, empty texts left out: https://platform.openai.com/docs/api-reference/responses/create, `input`. `param`: its place in the request,
 * `input.2.content`.
 */
export function readContent(content: unknown, of: ContentOf, param: string, notes: AskNotes): readonly ContentPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  if (!Array.isArray(content)) {
    notes.wrong(param, "it is a text or a list of parts");
    return [];
  }
  return content.flatMap((part: unknown, index) => readPart(part, of, `${param}.${index}`, notes) ?? []);
}

/** What a tool gave back: a text or parts, without audio. */
export function readOutput(output: unknown, param: string, notes: AskNotes): readonly (TextPart | ImagePart | DocumentPart)[] {
  return readContent(output, "tool", param, notes).flatMap((part) => (part.kind === "audio" ? [] : [part]));
}

function readPart(part: unknown, of: ContentOf, param: string, notes: AskNotes): ContentPart | undefined {
  if (!isObject(part)) {
    notes.wrong(param, 'a part is an object with a type, such as {"type": "input_text", "text": "…"}');
    return undefined;
  }
  if (part["prompt_cache_breakpoint"] !== undefined && part["prompt_cache_breakpoint"] !== null)
    notes.ask("cache_hint", `${param}.prompt_cache_breakpoint`);
  const { type } = part;
  if (TEXT_TYPES.has(type)) return readText(part, param, notes);
  if (type === "refusal" && of === "assistant") return readRefusal(part, param, notes);
  if (type === "input_image" && (of === "user" || of === "tool")) return readImage(part, of, param, notes);
  if (type === "input_file" && (of === "user" || of === "tool")) return readFile(part, of, param, notes);
  if (type === "input_audio" && of === "user") return readAudio(part, param, notes);
  notes.ask("unknown_part", param, textOf(type));
  return undefined;
}

function readText({ text }: Members, param: string, notes: AskNotes): TextPart | undefined {
  if (typeof text !== "string") notes.wrong(`${param}.text`, "it is a text");
  return typeof text === "string" && text !== "" ? { kind: "text", text } : undefined;
}

function readRefusal({ refusal }: Members, param: string, notes: AskNotes): TextPart | undefined {
  const text = textOf(refusal);
  if (text === undefined) return undefined;
  notes.ask("refusal_part", param);
  return { kind: "refusal", text };
}

function readImage(part: Members, of: ContentOf, param: string, notes: AskNotes): ImagePart | undefined {
  notes.ask(of === "tool" ? "result_image" : "image", param);
  const detail = textOf(part["detail"]);
  if (detail !== undefined && detail !== DEFAULT_DETAIL) notes.ask("image_detail", `${param}.detail`);
  const source = imageSource(part, param, notes);
  return source === undefined ? undefined : { kind: "image", source, ...(detail === undefined ? {} : { detail }) };
}

function imageSource(part: Members, param: string, notes: AskNotes): Source | undefined {
  const url = textOf(part["image_url"]);
  if (url !== undefined) return sourceOf(url, `${param}.image_url`, "image_address", notes);
  const fileId = textOf(part["file_id"]);
  if (fileId !== undefined) return fileWithProvider(fileId, param, notes);
  notes.wrong(param, "an image has an image_url, which is a text: an address or data:image/png;base64,…");
  return undefined;
}

function readFile(part: Members, of: ContentOf, param: string, notes: AskNotes): DocumentPart | undefined {
  notes.ask(of === "tool" ? "result_document" : "document", param);
  const detail = textOf(part["detail"]);
  if (detail !== undefined && detail !== DEFAULT_DETAIL) notes.ask("image_detail", `${param}.detail`);
  const filename = textOf(part["filename"]);
  const source = fileSource(part, filename, param, notes);
  return source === undefined ? undefined : { kind: "document", source, ...(filename === undefined ? {} : { filename }) };
}

function fileSource(part: Members, filename: string | undefined, param: string, notes: AskNotes): Source | undefined {
  const data = textOf(part["file_data"]);
  if (data !== undefined) {
    if (isDataUrl(data)) return sourceOf(data, `${param}.file_data`, "document_address", notes);
    // Bytes alone: its name says what they are.
    return { at: "here", mediaType: mediaTypeOf(filename), base64: data };
  }
  const url = textOf(part["file_url"]);
  if (url !== undefined) return sourceOf(url, `${param}.file_url`, "document_address", notes);
  const fileId = textOf(part["file_id"]);
  if (fileId !== undefined) return fileWithProvider(fileId, param, notes);
  notes.wrong(param, "a file has file_data (data:application/pdf;base64,…), a file_url or a file_id");
  return undefined;
}

function sourceOf(url: string, param: string, feature: "image_address" | "document_address", notes: AskNotes): Source | undefined {
  if (!isDataUrl(url)) {
    notes.ask(feature, param);
    return { at: "address", url };
  }
  const data = readDataUrl(url);
  if (data === undefined) notes.wrong(param, "its bytes are in base64: data:image/png;base64,…");
  return data === undefined ? undefined : { at: "here", ...data };
}

function fileWithProvider(fileId: string, param: string, notes: AskNotes): Source {
  notes.ask("provider_file", `${param}.file_id`);
  return { at: "provider", fileId };
}

/** Files are PDFs mostly. */
function mediaTypeOf(filename: string | undefined): string {
  return filename !== undefined && /\.(txt|md)$/i.test(filename) ? "text/plain" : "application/pdf";
}

function readAudio(part: Members, param: string, notes: AskNotes): AudioPart | undefined {
  const audio = part["input_audio"];
  const [base64, format] = isObject(audio) ? [textOf(audio["data"]), textOf(audio["format"])] : [];
  if (base64 === undefined || format === undefined) {
    notes.wrong(`${param}.input_audio`, 'it is {"data": base64, "format": "wav" or "mp3"}');
    return undefined;
  }
  notes.ask("audio_input", param);
  return { kind: "audio", base64, format };
}
