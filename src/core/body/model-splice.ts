import { concatBytes } from "../bytes.ts";
import type { Insertion } from "../endpoint.ts";
import { findMember, isTrue, type JsonMember, jsonMembers, memberText, memberValue } from "../json/json-members.ts";
import { fail, ok, type Result } from "../result.ts";
import type { BodyFault } from "./body-fault.ts";
import { findModel, isInOtherCase, withoutSent } from "./key-case.ts";

/** A request body as the caller sent it, and where that stands which may be changed. */
export type RequestBody = JsonBody | FormBody;

interface BodyPlaces {
  /** As the caller sent it. */
  readonly bytes: Uint8Array;
  /** The model asked for, decoded. */
  readonly model: string;
  /** The model's value as a byte range: with its quotes in JSON, the content alone in a form. */
  readonly modelStart: number;
  readonly modelEnd: number;
  /** Where parameters are inserted: behind the `{`, or before the first part. */
  readonly insertAt: number;
  /** Top-level keys, or names of parts. */
  readonly keys: readonly string[];
}

/** A JSON object. */
export interface JsonBody extends BodyPlaces {
  readonly format: "json";
  readonly streamOptions: StreamOptions;
}

/** A `multipart/form-data` body. */
export interface FormBody extends BodyPlaces {
  readonly format: "form";
  readonly boundary: string;
}

/** What the caller's `stream_options` say of usage, and the change that asks for it; `undefined`: it is asked for, or not ours to change. */
interface StreamOptions {
  /** Whether a usage event is the caller's own. */
  readonly asksForUsage: boolean;
  readonly askingSplice: Splice | undefined;
}

/** `text` in the place of the bytes `[start, end)`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What is read of a body: the model asked for, its top-level members (a form's text fields as JSON strings), and the body to write from. */
export interface ReadBody<Body extends RequestBody = RequestBody> {
  readonly model: string;
  readonly members: readonly JsonMember[];
  readonly body: Body;
}

/** What is changed of a body for one target. */
export interface BodyEdits {
  /** The upstream's name of the model. */
  readonly model: string;
  /** Added where the caller sent no such key; each value as JSON text: `["temperature", "0.2"]`. */
  readonly parameters?: readonly (readonly [string, string])[];
  /** `ask`: makes `stream_options.include_usage` true. A form has none, and stays as it is. */
  readonly usage?: "ask" | "leave";
  /** What another target has said already, where that stands in the request. A form has no place for it. */
  readonly insertion?: Insertion;
}

/** Top-level members of a request that are told apart. No API has a tenth of them; each is an object in memory, ten times what it takes in the body. */
const MAX_MEMBERS = 1000;

const INCLUDE_USAGE = '"include_usage":true';

const LEFT_ALONE: StreamOptions = { asksForUsage: true, askingSplice: undefined };

/** Reads a JSON body: exactly one top-level `model`, a string that is not empty, is what every path asks for. */
export function readJsonBody(bytes: Uint8Array): Result<ReadBody<JsonBody>, BodyFault> {
  if (bytes.length === 0) return fail({ kind: "empty" });
  const read = jsonMembers(bytes, MAX_MEMBERS);
  if (!read.ok) return fail(encodingFault(bytes) ?? read.error);
  const members = read.value;
  const found = findModel(members);
  if (!found.ok) return found;
  const member = found.value;
  const model = memberValue(member);
  if (typeof model !== "string") return fail({ kind: "model_not_string" });
  if (model === "") return fail({ kind: "model_empty" });
  const insertAt = bytes.indexOf(0x7b) + 1;
  const body: JsonBody = {
    format: "json",
    bytes,
    model,
    modelStart: member.valueStart,
    modelEnd: member.valueEnd,
    insertAt,
    keys: members.map(({ key }) => key),
    streamOptions: readStreamOptions(members, insertAt),
  };
  return ok({ model, members, body });
}

/** The encoding that a text which is no JSON may be in: a few readers take such, by its first bytes (RFC 4627, section 3). */
function encodingFault(bytes: Uint8Array): BodyFault | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { kind: "byte_order_mark" };
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || first === 0 || second === 0 ? { kind: "utf_16" } : undefined;
}

/** Whether the caller itself asked for usage in the stream. */
export function asksForUsage(body: RequestBody): boolean {
  return body.format === "json" && body.streamOptions.asksForUsage;
}

/** The body for one target: the caller's bytes but for the edits; the very same bytes where nothing changes. */
export function writeBody(body: RequestBody, edits: BodyEdits): Uint8Array {
  const splices: Splice[] = [];
  const added = withoutSent(edits.parameters ?? [], body.keys);
  for (const [key, json] of added) {
    const text = body.format === "json" ? `${JSON.stringify(key)}:${json},` : formParts(body.boundary, key, json);
    splices.push({ start: body.insertAt, end: body.insertAt, text });
  }
  if (edits.model !== body.model) {
    const text = body.format === "json" ? JSON.stringify(edits.model) : edits.model;
    splices.push({ start: body.modelStart, end: body.modelEnd, text });
  }
  if (body.format === "json" && edits.usage === "ask" && body.streamOptions.askingSplice !== undefined) {
    // A variant that adds `stream_options` itself has said what it wants.
    if (!added.some(([key]) => key === "stream_options")) splices.push(body.streamOptions.askingSplice);
  }
  const { insertion } = edits;
  if (body.format === "json" && insertion !== undefined)
    splices.push({ start: insertion.offset, end: insertion.offset, text: insertion.text });
  return splices.length === 0 ? body.bytes : splice(body.bytes, splices);
}

function readStreamOptions(members: readonly JsonMember[], insertAt: number): StreamOptions {
  // Some upstreams read it, others do not: what is asked for cannot be known, so nothing is asked for, and nothing hidden.
  if (members.some(({ key }) => isInOtherCase(key, "stream_options"))) return LEFT_ALONE;
  const member = findMember(members, "stream_options");
  if (member === undefined) return asking(insertAt, insertAt, `"stream_options":{${INCLUDE_USAGE}},`);
  if (memberText(member) === "null") return asking(member.valueStart, member.valueEnd, `{${INCLUDE_USAGE}}`);
  const read = jsonMembers(member.bytes.subarray(member.valueStart, member.valueEnd), MAX_MEMBERS);
  // No object, or none that anybody would send: the upstream's to refuse.
  if (!read.ok) return { asksForUsage: false, askingSplice: undefined };
  const inside = read.value;
  if (isTrue(inside, "include_usage") || inside.some(({ key }) => isInOtherCase(key, "include_usage"))) return LEFT_ALONE;
  const includeUsage = findMember(inside, "include_usage");
  if (includeUsage === undefined) {
    const start = member.valueStart + 1;
    return asking(start, start, inside.length === 0 ? INCLUDE_USAGE : `${INCLUDE_USAGE},`);
  }
  const said = memberText(includeUsage);
  if (said !== "false" && said !== "null") return { asksForUsage: false, askingSplice: undefined };
  return asking(member.valueStart + includeUsage.valueStart, member.valueStart + includeUsage.valueEnd, "true");
}

function asking(start: number, end: number, text: string): StreamOptions {
  return { asksForUsage: false, askingSplice: { start, end, text } };
}

/** A parameter as parts of a form: a list as one part per item, named `key[]`, as OpenAI's clients send it. */
function formParts(boundary: string, key: string, json: string): string {
  const value: unknown = JSON.parse(json);
  const fields: readonly (readonly [string, unknown])[] = Array.isArray(value) ? value.map((item) => [`${key}[]`, item]) : [[key, value]];
  return fields
    .map(([name, item]) => {
      const content = typeof item === "string" ? item : JSON.stringify(item);
      return `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${content}\r\n`;
    })
    .join("");
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function escapeName(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function splice(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, text } of splices.toSorted((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), encoder.encode(text));
    at = end;
  }
  return concatBytes([...pieces, bytes.subarray(at)]);
}
