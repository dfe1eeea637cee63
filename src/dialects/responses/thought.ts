import { arrayOf, type ForeignObject, objectOf, textOf } from "../../core/json/foreign-json.ts";

/** Whose seal an `encrypted_content` is that bears no other name. */
export const OWN_SEAL = { dialect: "responses", kind: "cipher" } as const;

/** What stands between the parts of a summary where they are one text. */
export const BETWEEN_SUMMARIES = "\n\n";

/** The words of a reasoning item: its summary, or the thought itself where the model tells it. */
export function thoughtText(item: ForeignObject): string {
  const summary = textsOf(item["summary"]);
  return summary.length > 0 ? summary.join(BETWEEN_SUMMARIES) : textsOf(item["content"]).join("");
}

function textsOf(parts: unknown): readonly string[] {
  return arrayOf(parts).flatMap((part) => textOf(objectOf(part)["text"]) ?? []);
}
