import type { JsonMember } from "../json/json-members.ts";
import type { BodyFault, FormBody, ReadBody } from "./model-splice.ts";
import { fail, ok, type Result } from "../result.ts";

/** Headers of one part may be this long, in bytes: far more than a name, a file name and a type need. */
const PART_HEADER_BYTES = 16 * 1024;

const CRLF = "\r\n";
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** One part: what its headers name it, and its content as a byte range. */
interface Part {
  readonly name: string;
  readonly isFile: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `multipart/form-data` body (RFC 7578, RFC 2046) without looking at file content byte by byte: exactly one part named `model`, before or after
 * any file, is what the gateway needs. Text fields are given as members whose value is a JSON string.
 */
export function readMultipartBody(bytes: Uint8Array, contentType: string | null | undefined): Result<ReadBody<FormBody>, BodyFault> {
  const boundary = boundaryOf(contentType ?? "");
  if (boundary === undefined) return fail({ kind: "no_boundary" });
  if (bytes.length === 0) return fail({ kind: "empty" });
  const read = readParts(bytes, boundary);
  if (!read.ok) return read;
  const { parts, insertAt } = read.value;
  const [part, second] = parts.filter(({ name }) => name === "model");
  if (part === undefined) return fail({ kind: "no_model" });
  if (second !== undefined) return fail({ kind: "model_twice" });
  const model = contentOf(bytes, part);
  if (model === "") return fail({ kind: "model_empty" });
  const keys = new Set(parts.map(({ name }) => name));
  const body: FormBody = { format: "form", bytes, model, modelStart: part.start, modelEnd: part.end, insertAt, keys, boundary };
  const members = parts.filter(({ isFile }) => !isFile).map((field) => memberOf(field.name, contentOf(bytes, field)));
  return ok({ model, members, body });
}

function memberOf(key: string, text: string): JsonMember {
  const bytes = encoder.encode(JSON.stringify(text));
  return { key, bytes, valueStart: 0, valueEnd: bytes.length };
}

function contentOf(bytes: Uint8Array, part: Part): string {
  return decoder.decode(bytes.subarray(part.start, part.end));
}

function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\/form-data\s*;/i.test(contentType)) return undefined;
  return parametersOf(contentType).get("boundary") || undefined;
}

/** The parameters of a header's value, names in lower case, the first of a name: `form-data; name="model"` has `name`. */
function parametersOf(header: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, bare = ""] of header.matchAll(/;\s*([^=;\s"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g)) {
    const value = quoted ?? bare.trim();
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

interface Parts {
  readonly parts: readonly Part[];
  readonly insertAt: number;
}

function readParts(bytes: Uint8Array, boundary: string): Result<Parts, BodyFault> {
  const delimiters = new DelimiterSearch(bytes, boundary);
  const parts: Part[] = [];
  let delimiter = delimiters.first();
  if (delimiter === undefined)
    return fail({ kind: "malformed_form", offset: 0, expected: "a line of -- and the boundary that the content type names" });
  const insertAt = delimiter.start;
  while (!delimiter.isLast) {
    const start = contentStart(bytes, delimiter.end);
    if (start === undefined) return fail({ kind: "malformed_form", offset: delimiter.end, expected: "a part's headers and an empty line" });
    const next = delimiters.next(start - CRLF.length);
    if (next === undefined)
      return fail({ kind: "malformed_form", offset: bytes.length, expected: "the boundary's last line, which ends in --" });
    const named = readPartHeaders(decoder.decode(bytes.subarray(delimiter.end, start)));
    if (named === undefined) {
      return fail({ kind: "malformed_form", offset: delimiter.end, expected: "a content-disposition of form-data with a name" });
    }
    parts.push({ ...named, start, end: Math.max(start, next.start - CRLF.length) });
    delimiter = next;
  }
  return ok({ parts, insertAt });
}

/** Where a part's content begins: behind the empty line that ends its headers. `at` is behind the delimiter's own line. */
function contentStart(bytes: Uint8Array, at: number): number | undefined {
  const limit = Math.min(bytes.length, at + PART_HEADER_BYTES);
  for (let lf = bytes.indexOf(LF, at); lf >= 0 && lf < limit; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf - 1] === CR && bytes[lf - 2] === LF) return lf + 1;
  }
  return undefined;
}

function readPartHeaders(text: string): { readonly name: string; readonly isFile: boolean } | undefined {
  const disposition = text.split(CRLF).find((line) => /^content-disposition\s*:\s*form-data\s*;/i.test(line));
  const parameters = parametersOf(disposition ?? "");
  const name = parameters.get("name");
  return name === undefined ? undefined : { name, isFile: parameters.has("filename") || parameters.has("filename*") };
}

/** A line of `--boundary`: where its dashes stand, what follows its line end, and whether it is the closing one. */
interface Delimiter {
  readonly start: number;
  readonly end: number;
  readonly isLast: boolean;
}

/**
 * Looks for delimiter lines by Horspool's skips. What is compared begins with a carriage return, which a boundary cannot hold: no two beginnings
 * of a match overlap, so even a file made to look like its boundary is passed in linear time.
 */
class DelimiterSearch {
  readonly #bytes: Uint8Array;
  readonly #needle: Uint8Array;
  /** How far to go on, by the byte that stands where the needle would end. */
  readonly #skips: Int32Array;

  constructor(bytes: Uint8Array, boundary: string) {
    this.#bytes = bytes;
    this.#needle = encoder.encode(`${CRLF}--${boundary}`);
    const last = this.#needle.length - 1;
    this.#skips = new Int32Array(256).fill(this.#needle.length);
    for (let at = 0; at < last; at++) this.#skips[this.#needle[at] ?? 0] = last - at;
  }

  /** The first delimiter, which may stand at the very start. */
  first(): Delimiter | undefined {
    const dashes = this.#needle.subarray(CRLF.length);
    const atStart = dashes.every((byte, at) => this.#bytes[at] === byte) ? this.#lineAt(0) : undefined;
    return atStart ?? this.next(0);
  }

  /** The next delimiter whose line break stands at `from` or behind. */
  next(from: number): Delimiter | undefined {
    const bytes = this.#bytes;
    const needle = this.#needle;
    const skips = this.#skips;
    const last = needle.length - 1;
    for (let at = from; at + last < bytes.length; at += skips[bytes[at + last] ?? 0] ?? 1) {
      let matched = 0;
      while (matched <= last && bytes[at + matched] === needle[matched]) matched++;
      const line = matched > last ? this.#lineAt(at + CRLF.length) : undefined;
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** The delimiter line whose dashes stand at `start`, unless it goes on as no delimiter does. */
  #lineAt(start: number): Delimiter | undefined {
    let at = start + this.#needle.length - CRLF.length;
    if (this.#bytes[at] === DASH && this.#bytes[at + 1] === DASH) return { start, end: at + 2, isLast: true };
    while (this.#bytes[at] === 0x20 || this.#bytes[at] === 0x09) at++;
    return this.#bytes[at] === CR && this.#bytes[at + 1] === LF ? { start, end: at + 2, isLast: false } : undefined;
  }
}
