import type { JsonFault } from "../json/json-members.ts";

/** Why a body cannot be routed, or would be read by an upstream in another way than here. Offsets are in bytes. */
export type BodyFault =
  | JsonFault
  | { readonly kind: "empty" }
  | { readonly kind: "utf_16" }
  | { readonly kind: "byte_order_mark" }
  | { readonly kind: "two_content_types" }
  | { readonly kind: "other_charset" }
  /** The content type is no multipart/form-data with a boundary. */
  | { readonly kind: "no_boundary" }
  | { readonly kind: "two_boundaries" }
  | { readonly kind: "odd_boundary" }
  | { readonly kind: "malformed_form"; readonly offset: number; readonly expected: string }
  | { readonly kind: "too_many_parts"; readonly most: number }
  /** `instead`: the key that is like it but for its case. */
  | { readonly kind: "no_model"; readonly instead?: string }
  | { readonly kind: "model_not_string" }
  | { readonly kind: "model_empty" }
  | { readonly kind: "model_twice" }
  | { readonly kind: "model_in_other_case"; readonly key: string }
  | { readonly kind: "model_is_file" }
  | { readonly kind: "model_is_encoded" };

const HEADER_FAULTS: ReadonlySet<BodyFault["kind"]> = new Set([
  "two_content_types",
  "other_charset",
  "no_boundary",
  "two_boundaries",
  "odd_boundary",
]);

/** What of the request a fault is about, for `error.param`. */
export function faultParam({ kind }: BodyFault): string {
  if (HEADER_FAULTS.has(kind)) return "content-type";
  return kind.startsWith("model") || kind === "no_model" ? "model" : "body";
}

/** What is wrong, and what would be right. */
export function faultText(fault: BodyFault): string {
  switch (fault.kind) {
    case "empty":
      return 'The request body is empty; send a JSON object with "model".';
    case "not_json":
      return `The request body is not JSON: at byte ${fault.offset}, expected ${fault.expected}.`;
    case "not_object":
      return 'The request body is JSON but no object; send an object with "model".';
    case "too_many_members":
      return `The request body has too many top-level members: expected ${fault.expected}.`;
    case "too_many_parts":
      return `The multipart body has too many parts: expected at most ${fault.most}.`;
    case "utf_16":
      return "The request body is in UTF-16 or UTF-32; send it in UTF-8.";
    case "byte_order_mark":
      return "The request body begins with a byte order mark; send UTF-8 without one.";
    case "two_content_types":
      return "There is more than one content type, joined by a comma; send one.";
    case "other_charset":
      return "The content type names a charset other than UTF-8; send the body in UTF-8.";
    case "no_boundary":
      return "The content type must be multipart/form-data with a boundary.";
    case "two_boundaries":
      return "The content type names more than one boundary; name one.";
    case "odd_boundary":
      return "The content type's boundary may hold letters, digits, spaces and '()+_,-./:=? only.";
    case "malformed_form":
      return `The multipart body is malformed: at byte ${fault.offset}, expected ${fault.expected}.`;
    case "no_model":
      return `"model" is missing${anotherKey(fault.instead)}; name a model, a route or a function.`;
    case "model_not_string":
      return '"model" must be a string that names a model, a route or a function.';
    case "model_empty":
      return '"model" is empty; name a model, a route or a function.';
    case "model_twice":
      return '"model" is given more than once; give it once.';
    case "model_in_other_case":
      return `"model" is given once more as ${JSON.stringify(fault.key)}, which some providers read for it; give it once, in lower case.`;
    case "model_is_file":
      return '"model" is a file: its part has a filename; send it as a plain field.';
    case "model_is_encoded":
      return '"model" has a transfer encoding or a charset of its own; send it as plain UTF-8.';
  }
}

function anotherKey(instead: string | undefined): string {
  return instead === undefined ? "" : ` (${JSON.stringify(instead)} is another key)`;
}
