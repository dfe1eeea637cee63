import type { DocumentPart, Feature, ImagePart, Source, TextPart } from "../../conversation.ts";
import { mediaTypeOf } from "../../data-url.ts";
import type { Notes } from "../../writing/notes.ts";

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** Documents that are text and not called so. */
const TEXT_TYPES: ReadonlySet<string> = new Set(["application/json", "application/xml"]);

/** Where a content stands: in a turn itself, or in the result of a tool. */
export type Where = "turn" | "result";

/** What users and tools say, as blocks. Texts of white space alone are refused: "text content blocks must contain non-whitespace text". */
export function contentBlocks(part: TextPart | ImagePart | DocumentPart, where: Where, notes: Notes): readonly object[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return part.text.trim() === "" ? [] : [{ type: "text", text: part.text }];
    case "image":
      return imageBlocks(part.source, where, notes);
    case "document":
      return documentBlocks(part, where, notes);
  }
}

function imageBlocks(source: Source, where: Where, notes: Notes): readonly object[] {
  const place = placeOf(source, { here: "image", address: "image_address", result: "result_image" }, where, notes);
  if (source.at !== "here") return addressed("image", source);
  const mediaType = mediaTypeOf(source.mediaType);
  if (!IMAGE_TYPES.has(mediaType)) {
    notes.wrong(place, `an image (${place}) of the type ${mediaType}, which Anthropic does not take; send png, jpeg, gif or webp`);
    return [];
  }
  return [{ type: "image", source: { type: "base64", media_type: mediaType, data: source.base64 } }];
}

function documentBlocks({ source, filename }: DocumentPart, where: Where, notes: Notes): readonly object[] {
  const place = placeOf(source, { here: "document", address: "document_address", result: "result_document" }, where, notes);
  const title = filename === undefined ? {} : { title: filename };
  if (source.at !== "here") return addressed("document", source).map((block) => ({ ...block, ...title }));
  const mediaType = mediaTypeOf(source.mediaType);
  if (mediaType === "application/pdf")
    return [{ type: "document", source: { type: "base64", media_type: mediaType, data: source.base64 }, ...title }];
  const text = mediaType.startsWith("text/") || TEXT_TYPES.has(mediaType) ? textOfBase64(source.base64) : undefined;
  if (text === undefined) {
    notes.wrong(place, `a document (${place}) of the type ${mediaType}, which Anthropic does not take; send a PDF or text, in base64`);
    return [];
  }
  return text.trim() === "" ? [] : [{ type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title }];
}

/** Nothing of a file that lies with another provider: the loss table refuses it. */
function addressed(type: "image" | "document", source: Source): readonly object[] {
  return source.at === "address" ? [{ type, source: { type: "url", url: source.url } }] : [];
}

/** Where the caller has an attachment. Each is asked for in its turn. */
function placeOf(source: Source, features: Readonly<Record<"here" | "address" | "result", Feature>>, where: Where, notes: Notes): string {
  return notes.places.next(where === "result" ? features.result : source.at === "address" ? features.address : features.here);
}

function textOfBase64(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    // It is no base64.
    return undefined;
  }
}
