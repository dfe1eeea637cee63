import { fail, ok, type Result } from "../result.ts";
import type { BodyFault } from "./body-fault.ts";
import { readParameters } from "./header-parameters.ts";

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** The parameter in all its spellings: `charset*` names a charset of its own (RFC 5987), which nobody needs here. */
const CHARSET = /charset(\*[\d*]*)?\s*=\s*["']?([^\s"';,]*)/gi;

/** ASCII is UTF-8 as it stands. */
const UTF_8: ReadonlySet<string> = new Set(["", "utf-8", "utf8", "us-ascii", "ascii"]);

/** Whatever some reader may take for a parameter `boundary`, inside another one's quotes too. */
const BOUNDARY = /(?:^|[;,\s"])boundary[*\d]*\s*=/gi;

/** RFC 2046, section 5.1.1, without its limit to 70 characters, which nobody keeps. */
const BOUNDARY_VALUE = /^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/;

const JSON_TYPE = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** What of a content type would make an upstream read the body in another way than the gateway does. */
export function contentTypeFault(contentType: string): BodyFault | undefined {
  // Of two headers the runtime makes one, joined by a comma.
  if (contentType.replaceAll(QUOTED, "").includes(",")) return { kind: "two_content_types" };
  return namesOtherCharset(contentType) ? { kind: "other_charset" } : undefined;
}

/** Whether some `charset` in a header is another than UTF-8. */
export function namesOtherCharset(header: string): boolean {
  return [...header.matchAll(CHARSET)].some(([, star, charset = ""]) => star !== undefined || !UTF_8.has(charset.toLowerCase()));
}

/** Whether a content type says that the body is JSON. */
export function saysJson(contentType: string): boolean {
  return JSON_TYPE.test(contentType);
}

/** The one boundary of a form. */
export function boundaryOf(contentType: string): Result<string, BodyFault> {
  if ((contentType.match(BOUNDARY)?.length ?? 0) > 1) return fail({ kind: "two_boundaries" });
  const read = readParameters(contentType);
  if (read?.value.toLowerCase() !== "multipart/form-data") return fail({ kind: "no_boundary" });
  const boundary = read.parameters.find(([name]) => name === "boundary")?.[1];
  if (boundary === undefined || boundary === "") return fail({ kind: "no_boundary" });
  return BOUNDARY_VALUE.test(boundary) ? ok(boundary) : fail({ kind: "odd_boundary" });
}
