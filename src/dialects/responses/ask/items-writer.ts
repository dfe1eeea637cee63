import type { Ask, CallPart, DocumentPart, ImagePart, Part, ResultPart, TextPart, ThoughtPart, Turn } from "../../conversation.ts";
import type { ToolNames } from "../../writing/tool-names.ts";
import { writeDataUrl } from "../../data-url.ts";
import { lawfulCallId } from "../../openai/names.ts";

/** Between the system's texts where they are one. */
const BETWEEN_TEXTS = "\n\n";

/** What items are written by. */
export interface ItemsRule {
  readonly names: ToolNames;
  /** Whether the model takes thoughts of its kind back. */
  readonly thoughts: "taken" | "refused";
}

/** What the system says before the conversation, as `instructions`; `undefined`: nothing. */
export function writeInstructions({ system }: Ask): string | undefined {
  const texts = system.flatMap(({ text, afterTurns }) => (afterTurns === 0 ? [text] : []));
  return texts.length === 0 ? undefined : texts.join(BETWEEN_TEXTS);
}

/** The conversation as items, which bear no ids: nothing of it lies with the provider. https://platform.openai.com/docs/api-reference/responses/create, `input` */
export function writeItems({ turns, system }: Ask, rule: ItemsRule): readonly object[] {
  const freeformCalls = new Set<string>();
  for (const { parts } of turns)
    for (const part of parts) if (part.kind === "call" && part.takes === "freeform") freeformCalls.add(part.id);
  const systemAfter = (count: number): readonly object[] =>
    system.flatMap(({ text, afterTurns }) => (afterTurns === count && count > 0 ? [{ role: "system", content: text }] : []));
  return turns.flatMap((turn, index) => [
    ...(turn.role === "user" ? userItems(turn, freeformCalls) : assistantItems(turn, rule)),
    ...systemAfter(index + 1),
  ]);
}

function userItems({ parts }: Turn, freeformCalls: ReadonlySet<string>): readonly object[] {
  const results = parts.flatMap((part) => (part.kind === "result" ? [resultItem(part, freeformCalls)] : []));
  const content = parts.flatMap(inputParts);
  return content.length === 0 ? results : [...results, { role: "user", content }];
}

function resultItem({ callId, parts }: ResultPart, freeformCalls: ReadonlySet<string>): object {
  const type = freeformCalls.has(callId) ? "custom_tool_call_output" : "function_call_output";
  const [first] = parts;
  const only = parts.length === 1 && first !== undefined && isWords(first) ? first.text : undefined;
  // Not every server that copies the API takes parts here.
  return { type, call_id: lawfulCallId(callId), output: parts.length === 0 ? "" : (only ?? parts.flatMap(inputParts)) };
}

function isWords(part: Part): part is TextPart {
  return part.kind === "text" || part.kind === "refusal";
}

function inputParts(part: Part): readonly object[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return [{ type: "input_text", text: part.text }];
    case "image":
      return imagePart(part);
    case "document":
      return documentPart(part);
    case "audio":
      return [{ type: "input_audio", input_audio: { data: part.base64, format: part.format } }];
    case "thought":
    case "call":
    case "result":
      return [];
  }
}

function imagePart({ source, detail }: ImagePart): readonly object[] {
  switch (source.at) {
    case "here":
      return [{ type: "input_image", image_url: writeDataUrl(source), detail }];
    case "address":
      return [{ type: "input_image", image_url: source.url, detail }];
    case "provider":
      return [];
  }
}

function documentPart({ source, filename }: DocumentPart): readonly object[] {
  switch (source.at) {
    case "here": {
      // Bytes without a name are refused.
      const name = filename ?? (source.mediaType.startsWith("text/") ? "document.txt" : "document.pdf");
      return [{ type: "input_file", filename: name, file_data: writeDataUrl(source) }];
    }
    case "address":
      return [{ type: "input_file", file_url: source.url }];
    case "provider":
      return [];
  }
}

function assistantItems({ parts }: Turn, { names, thoughts }: ItemsRule): readonly object[] {
  const items: object[] = [];
  let content: object[] = [];
  const endMessage = (): void => {
    if (content.length > 0) items.push({ type: "message", role: "assistant", content });
    content = [];
  };
  const last = parts.findLastIndex((part) => part.kind !== "thought");
  for (const [index, part] of parts.entries()) {
    if (isWords(part)) {
      content.push(
        part.kind === "text" ? { type: "output_text", text: part.text, annotations: [] } : { type: "refusal", refusal: part.text },
      );
      continue;
    }
    endMessage();
    if (part.kind === "call") items.push(callItem(part, names));
    // "Item of type 'reasoning' was provided without its required following item": a thought at the end of a turn led to nothing.
    else if (part.kind === "thought" && thoughts === "taken" && index < last) items.push(...thoughtItems(part));
  }
  endMessage();
  return items;
}

function callItem({ id, name, args, takes }: CallPart, names: ToolNames): object {
  const call = { call_id: lawfulCallId(id), name: names.upstream(name) };
  if (takes === "freeform") return { type: "custom_tool_call", ...call, input: args };
  return { type: "function_call", ...call, arguments: args === "" ? "{}" : args };
}

/** Only what OpenAI sealed goes back to it: foreign thoughts are none of the model's own, and were not said. */
function thoughtItems({ text, seal }: ThoughtPart): readonly object[] {
  if (seal?.dialect !== "responses") return [];
  const summary = text === "" ? [] : [{ type: "summary_text", text }];
  return [{ type: "reasoning", summary, encrypted_content: seal.value }];
}
