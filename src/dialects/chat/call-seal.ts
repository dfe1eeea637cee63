import { type ForeignObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import { readSeal, type Seal, writeSeal } from "../seal.ts";

/** The seal of a call, in the place that Google's own layer has for it: https://ai.google.dev/gemini-api/docs/thought-signatures */
export function readCallSeal(call: ForeignObject): Seal | undefined {
  const signature = textOf(objectOf(objectOf(call["extra_content"])["google"])["thought_signature"]);
  return signature === undefined ? undefined : readSeal(signature, { dialect: "gemini", kind: "proof" });
}

/** The members of a call that tell its seal; Google's as they are. */
export function writeCallSeal(seal: Seal | undefined): { readonly extra_content?: object } {
  if (seal === undefined) return {};
  return { extra_content: { google: { thought_signature: seal.dialect === "gemini" ? seal.value : writeSeal(seal) } } };
}
