import { type ForeignObject, objectOf, textOf, writeForeign } from "../../../core/json/foreign-json.ts";
import type { CallPart, Part, ResultPart, Turn } from "../../conversation.ts";
import { callSealOf, readSealOrNone } from "../../seal.ts";
import type { Asked } from "../../reading/asked.ts";
import { blocksOf, type ContentPart, readContent, readText } from "./content-reader.ts";

/** A part and where it stands. */
export interface PlacedPart {
  readonly part: Part;
  readonly param: string;
}

/** Blocks of tools that the provider ran, and of files that lie with it for them. */
const HOSTED = /^(?:server_tool_use|mcp_tool_use|container_upload|.+_tool_result)$/;

/** Reads the blocks of one message. */
export function readBlocks(content: unknown, role: Turn["role"], param: string, asked: Asked): readonly PlacedPart[] {
  const parts: PlacedPart[] = [];
  for (const { block, param: place } of blocksOf(content, param, asked)) {
    asked.member(block["cache_control"], "cache_hint", `${place}.cache_control`);
    for (const part of readBlock(block, role, place, asked)) parts.push({ part: withSeal(part, parts), param: place });
  }
  return parts.filter(({ part }) => part.kind !== "thought" || callSealOf(part.seal) === undefined);
}

function readBlock(block: ForeignObject, role: Turn["role"], param: string, asked: Asked): readonly Part[] {
  const type = textOf(block["type"]) ?? "";
  const isUser = role === "user";
  switch (type) {
    case "text":
      return readText(block, param, asked);
    case "thinking":
    case "redacted_thinking":
      return isUser ? misplaced(type, "assistant", param, asked) : [readThought(block)];
    case "tool_use":
      return isUser ? misplaced(type, "assistant", param, asked) : readCall(block, param, asked);
    case "tool_result":
      return isUser ? readResult(block, param, asked) : misplaced(type, "user", param, asked);
    // Another model of the provider's took over here, which says nothing to anybody else.
    case "fallback":
      return [];
    default: {
      const content = readContent(block, param, asked, "turn");
      if (content === undefined) asked.feature(HOSTED.test(type) ? "hosted_tool" : "unknown_part", param, type);
      return content ?? [];
    }
  }
}

function misplaced(type: string, role: Turn["role"], param: string, asked: Asked): readonly Part[] {
  asked.wrong(param, `is a ${type} block, which belongs into a message of the role ${role}`);
  return [];
}

/** The proof or cipher of a thought stays with it, whosever it is. */
function readThought(block: ForeignObject): Part {
  const isCipher = block["type"] === "redacted_thinking";
  const seal = readSealOrNone(textOf(block[isCipher ? "data" : "signature"]), { dialect: "messages", kind: isCipher ? "cipher" : "proof" });
  return { kind: "thought", text: isCipher ? "" : (textOf(block["thinking"]) ?? ""), seal };
}

function readCall(block: ForeignObject, param: string, asked: Asked): readonly CallPart[] {
  const { id, name, input, caller } = block;
  if (typeof id !== "string" || typeof name !== "string" || id === "" || name === "") {
    asked.wrong(param, "is a tool_use block without an id and a name");
    return [];
  }
  // A hosted tool called it, not the model.
  if ((textOf(objectOf(caller)["type"]) ?? "direct") !== "direct") asked.feature("hosted_tool", `${param}.caller`);
  const args = writeForeign(input ?? {});
  if (args === undefined) asked.wrong(`${param}.input`, "is nested too deep to be carried over");
  return [{ kind: "call", id, name, args: args ?? "", seal: undefined }];
}

/** A call with the seal of the empty thought that it was handed out behind. */
function withSeal(part: Part, before: readonly PlacedPart[]): Part {
  const last = before.at(-1)?.part;
  const seal = part.kind === "call" && last?.kind === "thought" ? callSealOf(last.seal) : undefined;
  return part.kind === "call" && seal !== undefined ? { ...part, seal } : part;
}

function readResult(block: ForeignObject, param: string, asked: Asked): readonly ResultPart[] {
  const { tool_use_id: callId, content } = block;
  if (typeof callId !== "string") {
    asked.wrong(`${param}.tool_use_id`, "is missing: it says which call this is the result of");
    return [];
  }
  const failed = block["is_error"] === true;
  if (failed) asked.feature("failed_result", `${param}.is_error`);
  const blocks = content === undefined || content === null ? [] : blocksOf(content, `${param}.content`, asked);
  const parts = blocks.flatMap((inner): readonly ContentPart[] => readResultContent(inner.block, inner.param, asked));
  return [{ kind: "result", callId, parts, failed }];
}

function readResultContent(block: ForeignObject, param: string, asked: Asked): readonly ContentPart[] {
  asked.member(block["cache_control"], "cache_hint", `${param}.cache_control`);
  // The caller's own search found this tool: it is declared with the others.
  if (block["type"] === "tool_reference") return readText({ type: "text", text: block["tool_name"] }, param, asked);
  const content = readContent(block, param, asked, "result");
  if (content === undefined) asked.feature("unknown_part", param, textOf(block["type"]));
  return content ?? [];
}
