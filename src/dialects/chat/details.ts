import { type ForeignObject, objectOf, parseForeign, textOf } from "../../core/json/foreign-json.ts";
import { readSeal, type Seal, writeSeal } from "../seal.ts";

// The entries of `reasoning_details`, the one public convention for signed reasoning in chat completions, and LiteLLM's `thinking_blocks`, which are Anthropic's.
// https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, https://docs.litellm.ai/docs/reasoning_content

/** What one entry tells of a thought. */
export interface Detail {
  readonly text: string;
  /** Chat's own: the entry as it came, without its text; there also where nothing is signed, for the entry has to come back as it was. */
  readonly seal: Seal;
  readonly isSigned: boolean;
  /** Entries of one thought have the same. */
  readonly index: unknown;
}

/** Where an unsigned thought stood in its message, in the place of a seal: upstreams that want it back want it there. */
export type ThoughtPlace = "reasoning_content" | "content";

/** The seal that says where an unsigned thought stood. */
export function placeSeal(place: ThoughtPlace): Seal {
  return { dialect: "chat", kind: "proof", value: place };
}

/** Reads one entry. */
export function readDetail(value: unknown): Detail {
  const entry = objectOf(value);
  const { text, summary, thinking, ...rest } = entry;
  const data = textOf(entry["data"]);
  const signature = data ?? textOf(entry["signature"]);
  const kind = data === undefined ? "proof" : "cipher";
  const tagged = signature === undefined ? undefined : readSeal(signature, { dialect: "chat", kind });
  return {
    text: textOf(text) ?? textOf(summary) ?? textOf(thinking) ?? "",
    seal: tagged === undefined || tagged.dialect === "chat" ? { dialect: "chat", kind, value: JSON.stringify(rest) } : tagged,
    isSigned: signature !== undefined,
    index: entry["index"] ?? undefined,
  };
}

/** The entries that tell a sealed thought; none where there is nothing to seal it with. `index`: which of the message's it is. */
export function writeDetails(
  { text, seal }: { readonly text: string; readonly seal: Seal | undefined },
  index: number,
): readonly ForeignObject[] {
  if (seal === undefined) return [];
  if (seal.dialect === "chat") return ownDetails(text, seal);
  const common = { format: "unknown", index };
  if (seal.kind === "proof") return [{ type: "reasoning.text", text, signature: writeSeal(seal), ...common }];
  return [...summaryOf(text, common), { type: "reasoning.encrypted", data: writeSeal(seal), ...common }];
}

/** The entries of a thought as they came. */
function ownDetails(text: string, { value }: Seal): readonly ForeignObject[] {
  const entry = objectOf(parseForeign(value));
  switch (entry["type"]) {
    case undefined:
      return [];
    case "reasoning.summary":
      return [{ ...entry, summary: text }];
    case "thinking":
      return [{ ...entry, thinking: text }];
    case "reasoning.encrypted": {
      const { format, index } = entry;
      return [...summaryOf(text, { format, index }), entry];
    }
    case "redacted_thinking":
      return [entry];
    default:
      return [{ ...entry, text }];
  }
}

function summaryOf(text: string, common: object): readonly ForeignObject[] {
  return text === "" ? [] : [{ type: "reasoning.summary", summary: text, ...common }];
}
