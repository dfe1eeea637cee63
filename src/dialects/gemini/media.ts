import type { AudioPart, DocumentPart, Feature, ImagePart, Source } from "../conversation.ts";
import { mediaTypeOf } from "../data-url.ts";
import type { Notes } from "../writing/notes.ts";

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];

/** https://ai.google.dev/gemini-api/docs/file-input-methods#supported-content-types: PDF, and every kind of text. */
const DOCUMENT_TYPE = /^(?:application\/(?:pdf|json)|text\/[a-z0-9.+-]+)$/;

/** What is at an address, by the end of its path: Gemini must be told, and nobody looks there before. */
const TYPES_BY_ENDING: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["xml", "text/xml"],
  ["rtf", "text/rtf"],
  ["json", "application/json"],
]);

/** `png` of `https://example.com/a/b.png?size=2`. */
const ENDING = /^https:\/\/[^/?#]+\/[^?#]*\.([a-z0-9]+)(?:[?#]|$)/i;

/** A part that is no text: `inlineData`, or `fileData`, which Gemini fetches itself. */
export interface MediaPart {
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly fileData?: { readonly mimeType: string; readonly fileUri: string };
}

/** Writes an image or a document. `feature`: what it is in the request. */
export function writeMedia({ kind, source }: ImagePart | DocumentPart, feature: Feature, notes: Notes): MediaPart | undefined {
  const place = notes.places.next(feature);
  switch (source.at) {
    case "here": {
      const mimeType = mediaTypeOf(source.mediaType);
      if (isTaken(kind, mimeType)) return { inlineData: { mimeType, data: source.base64 } };
      return notes.wrong(place, `Gemini does not take ${mimeType}; ${takenInstead(kind)}`);
    }
    case "address":
      return atAddress(kind, source, notes.places.next(kind === "image" ? "image_address" : "document_address"), notes);
    case "provider":
      return notes.wrong(notes.places.next("provider_file"), "a file that lies with a provider means nothing to Gemini; send its bytes");
  }
}

function atAddress(
  kind: "image" | "document",
  source: Source & { readonly at: "address" },
  param: string,
  notes: Notes,
): MediaPart | undefined {
  if (!/^https:\/\//i.test(source.url)) return notes.wrong(param, "Gemini fetches from https addresses only; send one, or the bytes");
  const ending = ENDING.exec(source.url)?.[1]?.toLowerCase();
  const mimeType = source.mediaType === undefined ? TYPES_BY_ENDING.get(ending ?? "") : mediaTypeOf(source.mediaType);
  if (mimeType !== undefined && isTaken(kind, mimeType)) return { fileData: { mimeType, fileUri: source.url } };
  const found = mimeType ?? (ending === undefined ? "no ending" : `.${ending}`);
  const endings = [...TYPES_BY_ENDING].filter(([, type]) => isTaken(kind, type)).map(([each]) => `.${each}`);
  return notes.wrong(
    param,
    `Gemini must be told what is at an address, which the end of its path says: found ${found}, takes ${endings.join(", ")}; or send the bytes`,
  );
}

/** Writes a sound: https://ai.google.dev/gemini-api/docs/audio#supported-formats */
export function writeAudio({ format, base64 }: AudioPart): MediaPart {
  return { inlineData: { mimeType: `audio/${format}`, data: base64 } };
}

function isTaken(kind: "image" | "document", mimeType: string): boolean {
  return kind === "image" ? IMAGE_TYPES.includes(mimeType) : DOCUMENT_TYPE.test(mimeType);
}

function takenInstead(kind: "image" | "document"): string {
  return kind === "image" ? `send one of ${IMAGE_TYPES.join(", ")}` : "send a PDF (application/pdf) or a text (text/plain)";
}
