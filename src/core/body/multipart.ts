import { memberOf } from "../json/json-members.ts";
import { fail, ok, type Result } from "../result.ts";
import type { BodyFault } from "./body-fault.ts";
import { boundaryOf, namesOtherCharset } from "./content-type.ts";
import { findModel } from "./key-case.ts";
import type { FormBody, ReadBody } from "./model-splice.ts";
import { type PartHeaders, readPartHeaders } from "./part-headers.ts";

/** Headers of one part may be this long, in bytes: far more than a name, a file name and a type need. */
const PART_HEADER_BYTES = 16 * 1024;

/** Parts of a form that are told apart, as members of a JSON body are. */
const MAX_PARTS = 1000;

const CRLF = "\r\n";
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const DASH = 0x2d;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** The field by which a form may name its charset. RFC 7578, section 4.6. */
const CHARSET_FIELD = "_charset_";

/** One part: what its headers say, and its content as a byte range. */
interface Part extends PartHeaders {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `multipart/form-data` body (RFC 7578, RFC 2046) without looking at file content byte by byte: exactly one part named `model`, before or after
 * any file, is what the gateway needs. Text fields are given as members whose value is a JSON string. What readers of forms are known to take in
 * different ways is refused: what is routed by must be what the upstream will find.
 */
export function readMultipartBody(bytes: Uint8Array, contentType: string): Result<ReadBody<FormBody>, BodyFault> {
  const named = boundaryOf(contentType);
  if (!named.ok) return named;
  if (bytes.length === 0) return fail({ kind: "empty" });
  const boundary = named.value;
  const read = readParts(bytes, boundary);
  if (!read.ok) return read;
  const { parts, insertAt } = read.value;
  const found = findModel(parts);
  if (!found.ok) return found;
  const part = found.value;
  if (part.isFile) return fail({ kind: "model_is_file" });
  if (part.isEncoded) return fail({ kind: "model_is_encoded" });
  const model = contentOf(bytes, part);
  if (model === "") return fail({ kind: "model_empty" });
  const keys = parts.map(({ key }) => key);
  const body: FormBody = { format: "form", bytes, model, modelStart: part.start, modelEnd: part.end, insertAt, keys, boundary };
  const members = parts.filter(({ isFile }) => !isFile).map((field) => memberOf(field.key, JSON.stringify(contentOf(bytes, field))));
  return ok({ model, members, body });
}

function contentOf(bytes: Uint8Array, part: Part): string {
  return decoder.decode(bytes.subarray(part.start, part.end));
}

interface Parts {
  readonly parts: readonly Part[];
  readonly insertAt: number;
}

function readParts(bytes: Uint8Array, boundary: string): Result<Parts, BodyFault> {
  const lines = new BoundarySearch(bytes, boundary);
  const parts: Part[] = [];
  const first = lines.first();
  if (first?.kind !== "delimiter" && first?.kind !== "close")
    return malformed(first?.start ?? 0, "the boundary that the content type names, behind -- as the first line");
  let line: BoundaryLine = first;
  while (line.kind !== "close") {
    if (parts.length === MAX_PARTS) return fail({ kind: "too_many_parts", most: MAX_PARTS });
    const start = contentStart(bytes, line.end);
    if (start === undefined) return malformed(line.end, "a part's headers and an empty line");
    const next = lines.next(line.end - 1);
    if (next === undefined) return malformed(bytes.length, "the boundary's last line, which ends in --");
    // One that stands in the headers, or shares its line break with their end, is a boundary's line to some readers only.
    if (next.kind === "odd" || next.start < start + CRLF.length)
      return malformed(next.start, "CR LF of its own on either side of a boundary's line, and nothing else in it");
    const headers = readPartHeaders(decoder.decode(bytes.subarray(line.end, start)));
    if (!headers.ok) return malformed(line.end, headers.error);
    const part = { ...headers.value, start, end: next.start - CRLF.length };
    if (part.key === CHARSET_FIELD && namesOtherCharset(`charset=${contentOf(bytes, part)}`)) return fail({ kind: "other_charset" });
    parts.push(part);
    line = next;
  }
  const behind = bytes.subarray(line.end).findIndex((byte) => byte !== CR && byte !== LF && byte !== SPACE && byte !== TAB);
  return behind === -1 ? ok({ parts, insertAt: first.start }) : malformed(line.end + behind, "nothing behind the boundary's last line");
}

function malformed(offset: number, expected: string): Result<never, BodyFault> {
  return fail({ kind: "malformed_form", offset, expected });
}

/** Where a part's content begins: behind the empty line that ends its headers. `at` is behind the delimiter's own line. */
function contentStart(bytes: Uint8Array, at: number): number | undefined {
  const limit = Math.min(bytes.length, at + PART_HEADER_BYTES);
  for (let lf = bytes.indexOf(LF, at); lf >= 0 && lf < limit; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf - 1] === CR && bytes[lf - 2] === LF) return lf + 1;
  }
  return undefined;
}

/**
 * A line of `--boundary`: where its dashes stand, and what follows. `odd`: readers differ on whether it is one, by their rules for line breaks and for blanks
 * behind the boundary.
 */
interface BoundaryLine {
  readonly kind: "delimiter" | "close" | "odd";
  readonly start: number;
  readonly end: number;
}

/**
 * Looks for boundary lines by Horspool's skips. What is compared begins with a line feed, which a boundary cannot hold: no two beginnings of a match
 * overlap, so even a file made to look like its boundary is passed in linear time.
 */
class BoundarySearch {
  readonly #bytes: Uint8Array;
  readonly #needle: Uint8Array;
  /** How far to go on, by the byte that stands where the needle would end. */
  readonly #skips: Int32Array;

  constructor(bytes: Uint8Array, boundary: string) {
    this.#bytes = bytes;
    this.#needle = encoder.encode(`\n--${boundary}`);
    const last = this.#needle.length - 1;
    this.#skips = new Int32Array(256).fill(this.#needle.length);
    for (let at = 0; at < last; at++) this.#skips[this.#needle[at] ?? 0] = last - at;
  }

  /** The line that the body begins with, behind one line break or none. */
  first(): BoundaryLine | undefined {
    const start = this.#bytes[0] === CR && this.#bytes[1] === LF ? CRLF.length : 0;
    const dashes = this.#needle.subarray(1);
    return dashes.every((byte, at) => this.#bytes[start + at] === byte) ? this.#lineAt(start) : undefined;
  }

  /** The next one whose line feed before it stands at `from` or behind. */
  next(from: number): BoundaryLine | undefined {
    const bytes = this.#bytes;
    const needle = this.#needle;
    const skips = this.#skips;
    const last = needle.length - 1;
    for (let at = from; at + last < bytes.length; at += skips[bytes[at + last] ?? 0] ?? 1) {
      let matched = 0;
      while (matched <= last && bytes[at + matched] === needle[matched]) matched++;
      const line = matched > last ? this.#lineAt(at + 1) : undefined;
      if (line !== undefined) return bytes[at - 1] === CR ? line : { ...line, kind: "odd" };
    }
    return undefined;
  }

  /** The line whose dashes stand at `start`, unless it goes on as no boundary's does. */
  #lineAt(start: number): BoundaryLine | undefined {
    const bytes = this.#bytes;
    const end = start + this.#needle.length - 1;
    if (bytes[end] === DASH && bytes[end + 1] === DASH) return { kind: "close", start, end: end + 2 };
    if (bytes[end] === CR && bytes[end + 1] === LF) return { kind: "delimiter", start, end: end + 2 };
    let at = end;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    return bytes[at] === CR || bytes[at] === LF ? { kind: "odd", start, end } : undefined;
  }
}
