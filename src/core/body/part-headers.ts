import { fail, ok, type Result } from "../result.ts";
import { namesOtherCharset } from "./content-type.ts";
import { readParameters } from "./header-parameters.ts";

/** What the headers of a form's part say of it. */
export interface PartHeaders {
  /** The field's name. */
  readonly key: string;
  readonly isFile: boolean;
  /** Whether the content is encoded once more, or text in another charset: its bytes are not what a reader of the form makes of them. */
  readonly isEncoded: boolean;
}

const CRLF = "\r\n";

/** A header's name and its colon. RFC 9110, section 5.1. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/;

/** Encodings that leave the bytes as they are. RFC 2045, section 6.1. */
const IDENTITY = /^\s*(?:7bit|8bit|binary)\s*$/i;

/** Reads the lines of a part's headers; of those that readers take in different ways none passes: the failure is what was expected instead. */
export function readPartHeaders(text: string): Result<PartHeaders, string> {
  const lines = text.split(CRLF).filter((line) => line !== "");
  if (!lines.every((line) => HEADER.test(line) && !/[\0\r\n]/.test(line)))
    return fail("each header of a part on one line of its own, a name and a colon first");
  const valuesOf = (name: string): readonly string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));
  const dispositions = valuesOf("content-disposition");
  if (dispositions.length > 1) return fail("one content-disposition in each part");
  const name = readName(dispositions[0] ?? "");
  if (!name.ok) return name;
  const isEncoded =
    valuesOf("content-transfer-encoding").some((value) => !IDENTITY.test(value)) || valuesOf("content-type").some(namesOtherCharset);
  return ok({ ...name.value, isEncoded });
}

function readName(disposition: string): Result<Pick<PartHeaders, "key" | "isFile">, string> {
  const read = readParameters(disposition);
  const names = read?.parameters.map(([name]) => name) ?? [];
  if (new Set(names).size < names.length) return fail("each parameter of a content-disposition once");
  // RFC 5987 and 2231: some readers put its pieces together to a name, others do not know it.
  if (names.some((name) => name.startsWith("name*"))) return fail("a part's name in name, not in name*");
  const key = read?.parameters.find(([name]) => name === "name")?.[1];
  if (read?.value.toLowerCase() !== "form-data" || key === undefined) return fail("a content-disposition of form-data with a name");
  if (key.includes("\\")) return fail("a part's name without backslashes");
  return ok({ key, isFile: names.some((name) => name === "filename" || name.startsWith("filename*")) });
}
