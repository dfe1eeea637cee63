import { fail, ok, type Result } from "../result.ts";
import type { BodyFault } from "./body-fault.ts";

/**
 * A key as readers see it that do not tell cases apart: Go's encoding/json (by Unicode's simple folding), Jackson and .NET where they are told so.
 * Both ways, for two letters are ASCII's only one way: `ſ` is an S in capitals, the Kelvin sign a k in small letters.
 */
export function foldKey(key: string): string {
  return key.toUpperCase().toLowerCase();
}

/** Whether a key is this one but for its case. `name`: in lower case. */
export function isInOtherCase(key: string, name: string): boolean {
  return key.length === name.length && key !== name && foldKey(key) === name;
}

/**
 * The one member, or part, that is the model. A `Model` beside it is refused: a reader that does not tell cases apart may take that one, and call a model
 * that nobody routed. Alone it is none either: a reader that does tell them apart finds no model.
 */
export function findModel<Named extends { readonly key: string }>(named: readonly Named[]): Result<Named, BodyFault> {
  let found: Named | undefined;
  let other: string | undefined;
  for (const each of named) {
    if (each.key === "model") {
      if (found !== undefined) return fail({ kind: "model_twice" });
      found = each;
    } else if (isInOtherCase(each.key, "model")) other = each.key;
  }
  if (found === undefined) return fail(other === undefined ? { kind: "no_model" } : { kind: "no_model", instead: other });
  return other === undefined ? ok(found) : fail({ kind: "model_in_other_case", key: other });
}

/** The parameters that the caller sent under no case of their names, nor as a form's list (`key[]`). */
export function withoutSent<Parameter extends readonly [string, string]>(
  parameters: readonly Parameter[],
  keys: readonly string[],
): readonly Parameter[] {
  if (parameters.length === 0) return parameters;
  const sent = new Set(keys.map(foldKey));
  return parameters.filter(([key]) => !sent.has(foldKey(key)) && !sent.has(foldKey(`${key}[]`)));
}
