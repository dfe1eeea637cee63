import { argumentsObject } from "../call-arguments.ts";
import type { Ask, CallPart, ResultPart, TextPart, Turn } from "../conversation.ts";
import type { Notes } from "../writing/notes.ts";
import type { ToolNames } from "../writing/tool-names.ts";
import { writeAudio, writeMedia, type MediaPart } from "./media.ts";
import { isThird, type GeminiModel } from "./model.ts";
import { type Content, ModelTurn, type WrittenPart } from "./model-turn.ts";

/** What the turns of a conversation are written with. */
export interface Writing {
  readonly model: GeminiModel;
  readonly names: ToolNames;
  readonly notes: Notes;
}

/** Writes the conversation. A turn that has nothing for Gemini (the thoughts of another) is none, and those about it become one. */
export function writeContents(ask: Ask, writing: Writing): readonly Content[] {
  const calls = new Map(
    ask.turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "call" ? [[part.id, part] as const] : []))),
  );
  const contents: { readonly role: Content["role"]; readonly parts: WrittenPart[] }[] = [];
  for (const turn of ask.turns) {
    const written = turn.role === "user" ? userParts(turn, calls, writing) : modelParts(turn, writing);
    const role = turn.role === "user" ? "user" : "model";
    const last = contents.at(-1);
    // One by one: as arguments of one call there may be too many.
    if (last?.role === role) for (const part of written) last.parts.push(part);
    else if (written.length > 0) contents.push({ role, parts: [...written] });
  }
  return contents;
}

function modelParts({ parts }: Turn, writing: Writing): readonly WrittenPart[] {
  const turn = new ModelTurn(isThird(writing.model));
  for (const part of parts) {
    switch (part.kind) {
      case "text":
      case "refusal":
        turn.say(part.text);
        break;
      case "thought":
        turn.think(part);
        break;
      case "call":
        turn.call({ id: part.id, name: writing.names.upstream(part.name), args: argumentsObject(part) }, part.seal);
        break;
      case "image":
      case "document": {
        const written = writeMedia(part, part.kind, writing.notes);
        if (written !== undefined) turn.show(written);
        break;
      }
      case "audio":
        turn.show(writeAudio(part));
        break;
      case "result":
        break;
    }
  }
  return turn.end();
}

function userParts({ parts }: Turn, calls: ReadonlyMap<string, CallPart>, writing: Writing): readonly WrittenPart[] {
  const results: WrittenPart[] = [];
  const beside: WrittenPart[] = [];
  const said: WrittenPart[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case "result": {
        const media = mediaOf(part, writing.notes);
        const isInside = isThird(writing.model) && media.every(({ inlineData }) => inlineData !== undefined);
        const name = writing.names.upstream(calls.get(part.callId)?.name ?? part.callId);
        results.push(responseOf(part, name, isInside ? media : []));
        if (!isInside) for (const each of media) beside.push(each);
        break;
      }
      case "text":
      case "refusal":
        said.push({ text: part.text });
        break;
      case "image":
      case "document": {
        const written = writeMedia(part, part.kind, writing.notes);
        if (written !== undefined) said.push(written);
        break;
      }
      case "audio":
        said.push(writeAudio(part));
        break;
      case "thought":
      case "call":
        break;
    }
  }
  return [...results, ...beside, ...said];
}

/** The images and documents of a result. */
function mediaOf({ parts }: ResultPart, notes: Notes): readonly MediaPart[] {
  return parts.flatMap((part) => {
    if (part.kind !== "image" && part.kind !== "document") return [];
    return writeMedia(part, part.kind === "image" ? "result_image" : "result_document", notes) ?? [];
  });
}

/**
 * What a tool gave back: `output` or `error`, a text in an object. What it gave besides may lie in it from the third generation on; before, and where it is at an
 * address, it stands behind the results. https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 */
function responseOf({ callId, parts, failed }: ResultPart, name: string, inside: readonly MediaPart[]): WrittenPart {
  const texts = parts.filter((part): part is TextPart => part.kind === "text" || part.kind === "refusal").map(({ text }) => text);
  const isBeside = parts.length > texts.length && inside.length === 0;
  const text = [...texts, ...(isBeside ? ["(what it gave besides follows the results)"] : [])].join("\n");
  return {
    functionResponse: {
      id: callId,
      name,
      response: failed ? { error: text } : { output: text },
      ...(inside.length === 0 ? {} : { parts: inside }),
    },
  };
}
