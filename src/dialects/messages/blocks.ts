import { type Seal, writeSealBeforeCall, writeSealOrNone } from "../seal.ts";

/** Blocks that requests and answers have alike. */

/** A thought as a block. */
export type ThoughtBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

/** A thought with its words, or the cipher of one without. */
export function thoughtBlock({ text, seal }: { readonly text: string; readonly seal: Seal | undefined }): ThoughtBlock {
  if (text === "" && seal?.kind === "cipher") return { type: "redacted_thinking", data: writeSealOrNone(seal, "messages") };
  return { type: "thinking", thinking: text, signature: writeSealOrNone(seal, "messages") };
}

/** The empty thought that bears the seal of the call behind it. */
export function callSealBlock(seal: Seal): ThoughtBlock {
  return { type: "thinking", thinking: "", signature: writeSealBeforeCall(seal) };
}
