import { isObject, parseForeign } from "../../../core/json/foreign-json.ts";
import { argumentsObject } from "../../call-arguments.ts";
import type { Ask, AudioPart, CallPart, DocumentPart, ImagePart, Part, ResultPart, Source, TextPart, Turn } from "../../conversation.ts";
import { writeCallSeal } from "../call-seal.ts";
import { writeDataUrl } from "../../data-url.ts";
import { isOpenAi } from "../../openai/model-family.ts";
import { CallIds } from "./call-ids.ts";
import { writeThoughts } from "./thoughts-writer.ts";
import type { Writing } from "./writing.ts";

type MediaPart = ImagePart | DocumentPart | AudioPart;

/** Between texts of one content, which is written as one text: DeepSeek and others take no list ("invalid type: sequence, expected a string": github.com/cline/cline, issue 247). */
const BETWEEN_TEXTS = "\n\n";

/** What a type of file is called where it has no name: OpenAI refuses a file without one. */
const DEFAULT_FILENAME = "document.pdf";

/** Writes what was said as messages. */
export function writeMessages({ system, turns }: Ask, writing: Writing): readonly object[] {
  const writer = new MessagesWriter(writing);
  const messages: object[] = [];
  const systemAt = (index: number): readonly object[] =>
    system
      .filter(({ afterTurns }) => (index === turns.length ? afterTurns >= index : afterTurns === index))
      .map(({ text }) => ({ role: "system", content: text }));
  for (const [index, turn] of turns.entries()) {
    const said = turn.role === "user" ? writer.user(turn) : { results: [], words: writer.assistant(turn) };
    // Nothing comes between calls and what they gave back.
    messages.push(...said.results, ...systemAt(index), ...said.words);
  }
  return [...messages, ...systemAt(turns.length)];
}

class MessagesWriter {
  readonly #writing: Writing;
  readonly #ids: CallIds;

  constructor(writing: Writing) {
    this.#writing = writing;
    this.#ids = new CallIds(writing.family);
  }

  user({ parts }: Turn): { readonly results: readonly object[]; readonly words: readonly object[] } {
    const moved: MediaPart[] = [];
    const results = parts.filter((part) => part.kind === "result").map((part) => this.#result(part, moved));
    const said = [...moved, ...parts.filter(isSaid)];
    return { results, words: said.length === 0 ? [] : [{ role: "user", content: contentOf(said) }] };
  }

  /** A message; none where there is nothing to say that its upstream takes. */
  assistant({ parts }: Turn): readonly object[] {
    const calls = parts.filter((part) => part.kind === "call");
    const refusal = isOpenAi(this.#writing.family) ? textsOf(parts, "refusal") : "";
    const text = textsOf(parts, "text") + (refusal === "" ? textsOf(parts, "refusal") : "");
    if (text === "" && refusal === "" && calls.length === 0) return [];
    const thoughts = writeThoughts(parts, this.#writing.family);
    const words = text === "" && (refusal !== "" || calls.length > 0) ? null : text;
    return [
      {
        role: "assistant",
        content: thoughts.content === undefined ? words : [...thoughts.content, ...(text === "" ? [] : [{ type: "text", text }])],
        ...(refusal === "" ? {} : { refusal }),
        ...thoughts.members,
        ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => this.#call(call)) }),
      },
    ];
  }

  #call(call: CallPart): object {
    const { id, name, seal } = call;
    return {
      id: this.#ids.upstream(id),
      type: "function",
      function: { name: this.#writing.names.upstream(name), arguments: lawfulArguments(call) },
      ...(this.#writing.family === "gemini" && seal?.dialect === "gemini" ? writeCallSeal(seal) : {}),
    };
  }

  /** A result is a text: its images and documents come in the user's message behind all results. */
  #result({ callId, parts }: ResultPart, moved: MediaPart[]): object {
    const { places, adapted } = this.#writing.notes;
    const texts = parts.map((part) => {
      if (!isMedia(part)) return part.text;
      moved.push(part);
      adapted.push(places.next(part.kind === "image" ? "result_image" : "result_document"));
      return `(${part.kind} in the next message)`;
    });
    return { role: "tool", tool_call_id: this.#ids.upstream(callId), content: texts.join(BETWEEN_TEXTS) };
  }
}

function isMedia(part: Part): part is MediaPart {
  return part.kind === "image" || part.kind === "document" || part.kind === "audio";
}

function isSaid(part: Part): part is TextPart | MediaPart {
  return part.kind === "text" || isMedia(part);
}

/** One text where there are only texts, a list where there is more. */
function contentOf(parts: readonly (TextPart | MediaPart)[]): string | readonly object[] {
  if (!parts.some(isMedia)) return parts.map((part) => (isMedia(part) ? "" : part.text)).join(BETWEEN_TEXTS);
  return parts.map((part) => (isMedia(part) ? mediaOf(part) : { type: "text", text: part.text }));
}

function mediaOf(part: MediaPart): object {
  switch (part.kind) {
    case "image": {
      const { source, detail } = part;
      return { type: "image_url", image_url: { url: urlOf(source), ...(detail === undefined ? {} : { detail }) } };
    }
    case "document":
      return { type: "file", file: { filename: part.filename ?? DEFAULT_FILENAME, file_data: urlOf(part.source) } };
    case "audio":
      return { type: "input_audio", input_audio: { data: part.base64, format: part.format } };
  }
}

/** What lies with another provider was refused before. */
function urlOf(source: Source): string {
  switch (source.at) {
    case "here":
      return writeDataUrl(source);
    case "address":
      return source.url;
    case "provider":
      return source.fileId;
  }
}

/** The words of a kind: those that nothing parts belong together, as citations part them, others begin anew. */
function textsOf(parts: readonly Part[], kind: TextPart["kind"]): string {
  let text = "";
  for (const [index, part] of parts.entries()) {
    if (part.kind !== kind) continue;
    text += (text === "" || parts[index - 1]?.kind === kind ? "" : BETWEEN_TEXTS) + part.text;
  }
  return text;
}

/** Arguments are the JSON of an object, and servers that template them fail on anything else; what is one is as its model wrote it. */
function lawfulArguments(call: CallPart): string {
  const isLawful = call.takes === undefined && isObject(parseForeign(call.args));
  return isLawful ? call.args : JSON.stringify(argumentsObject(call));
}
