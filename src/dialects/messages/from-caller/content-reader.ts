import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { DocumentPart, Feature, ImagePart, Source, TextPart } from "../../conversation.ts";
import type { Asked } from "../../reading/asked.ts";

/** What users and tools may both say. */
export type ContentPart = TextPart | ImagePart | DocumentPart;

/** Where a content stands: in a turn itself, or in the result of a tool. */
export type Where = "turn" | "result";

/** Contents that hold no others, by their type. */
const READERS: Readonly<Record<string, (block: ForeignObject, param: string, asked: Asked, where: Where) => readonly ContentPart[]>> = {
  text: readText,
  image: readImage,
  document: readDocument,
  search_result: readSearchResult,
};

/** The blocks of a `content`, each with its place; a bare text is one. */
export function blocksOf(
  content: unknown,
  param: string,
  asked: Asked,
): readonly { readonly block: ForeignObject; readonly param: string }[] {
  if (typeof content === "string") return [{ block: { type: "text", text: content }, param }];
  if (!Array.isArray(content)) {
    asked.wrong(param, "is neither a text nor a list of blocks");
    return [];
  }
  return content.flatMap((block: unknown, index) => {
    const place = `${param}.${index}`;
    if (isObject(block) && textOf(block["type"]) !== undefined) return [{ block, param: place }];
    asked.wrong(place, 'is no block: one is an object with a "type"');
    return [];
  });
}

/** Reads a content of a user's or a tool's; `undefined`: it is none of those. */
export function readContent(block: ForeignObject, param: string, asked: Asked, where: Where): readonly ContentPart[] | undefined {
  const type = textOf(block["type"]) ?? "";
  return Object.hasOwn(READERS, type) ? READERS[type]?.(block, param, asked, where) : undefined;
}

/** A text without what is beside it. */
export function readText(block: ForeignObject, param: string, asked: Asked): readonly TextPart[] {
  const { text, citations } = block;
  if (typeof text !== "string") asked.wrong(`${param}.text`, "is no text");
  if (arrayOf(citations).length > 0) asked.feature("citations", `${param}.citations`);
  return typeof text === "string" && text !== "" ? [{ kind: "text", text }] : [];
}

function readImage(block: ForeignObject, param: string, asked: Asked, where: Where): readonly ImagePart[] {
  const source = readSource(block["source"], param, asked, "image_address");
  if (Object.keys(objectOf(block["transformations"])).length > 0) asked.feature("unknown_member", `${param}.transformations`);
  if (where === "result") asked.feature("result_image", param);
  else if (source?.at === "here") asked.feature("image", param);
  return source === undefined ? [] : [{ kind: "image", source }];
}

/** A document; what is plain text in it is said as such, its title and context before it, which every model can read. */
function readDocument(block: ForeignObject, param: string, asked: Asked, where: Where): readonly ContentPart[] {
  if (objectOf(block["citations"])["enabled"] === true) asked.feature("citations", `${param}.citations`);
  const title = textOf(block["title"]);
  const context = textOf(block["context"]);
  const source = objectOf(block["source"]);
  if (source["type"] === "text") return textParts([title, context, textOf(source["data"])]);
  if (source["type"] === "content") {
    const contents = blocksOf(source["content"], `${param}.source.content`, asked).flatMap(
      (inner) => readContent(inner.block, inner.param, asked, where) ?? [],
    );
    return [...textParts([title, context]), ...contents];
  }
  const read = readSource(source, param, asked, "document_address");
  if (read === undefined) return [];
  if (where === "result") asked.feature("result_document", param);
  else if (read.at === "here") asked.feature("document", param);
  return [...textParts([context]), { kind: "document", source: read, ...(title === undefined ? {} : { filename: title }) }];
}

function readSearchResult(block: ForeignObject, param: string, asked: Asked): readonly TextPart[] {
  if (objectOf(block["citations"])["enabled"] === true) asked.feature("citations", `${param}.citations`);
  const texts = arrayOf(block["content"]).map((content) => textOf(objectOf(content)["text"]));
  return textParts([textOf(block["title"]), textOf(block["source"]), ...texts]);
}

function textParts(texts: readonly (string | undefined)[]): readonly TextPart[] {
  const text = texts.filter((each) => each !== undefined).join("\n\n");
  return text === "" ? [] : [{ kind: "text", text }];
}

function readSource(value: unknown, param: string, asked: Asked, address: Feature): Source | undefined {
  const { type, media_type: mediaType, data, url, file_id: fileId } = objectOf(value);
  if (type === "base64" && typeof mediaType === "string" && typeof data === "string") return { at: "here", mediaType, base64: data };
  if (type === "url" && typeof url === "string") return asked.member({ at: "address", url }, address, param);
  if (type === "file" && typeof fileId === "string") return asked.member({ at: "provider", fileId }, "provider_file", param);
  asked.wrong(`${param}.source`, "has neither its bytes (base64, with a media_type) nor a url or a file_id");
  return undefined;
}
