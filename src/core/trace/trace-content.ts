import type { JsonMember } from "../json/json-members.ts";
import type { TraceRecord } from "./trace-record.ts";

/** What a request said and what it was answered, kept beside its trace where `[traces].capture_content` asks for it. */
export interface TraceContent {
  /** JSON of the members of the body that hold words; `null`: the body could not be read. Not whole JSON where it was cut. */
  readonly request: string | null;
  /** Text of the answer's first choice; `null`: it has none, or is none. */
  readonly answer: string | null;
  /** One of them was longer than what is kept. */
  readonly truncated: boolean;
}

/** A trace with its content; `null`: none was kept. */
export interface WholeTrace extends TraceRecord {
  readonly content: TraceContent | null;
}

/** Content as it was gathered, secrets and all. */
export interface GatheredContent {
  /** `null`: the body could not be read. */
  readonly request: Words | null;
  readonly answer: string | null;
}

/** What a request says. */
export interface Words {
  /** JSON, as long as it is whole. */
  readonly json: string;
  readonly isWhole: boolean;
}

/** Longest request and answer that are kept, bytes of UTF-8. Spec section 10. */
const MAX_BYTES = 64 * 1024;

/** A Worker's secret has at most 5 KB: one that begins within what is kept ends within what is gathered. */
export const LONGEST_SECRET_BYTES = 5 * 1024;

/** Bytes of a request's member, or characters of an answer, after which no more are gathered. */
export const GATHERED_LENGTH = MAX_BYTES + LONGEST_SECRET_BYTES;

/** Members of a body, and fields of a form, that hold words. */
const WORDED: ReadonlySet<string> = new Set(["messages", "system", "instructions", "input", "prompt"]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a request says, as far as it may be kept. */
export function wordsOf(members: readonly JsonMember[]): Words {
  const texts: string[] = [];
  for (const { key, bytes, valueStart, valueEnd } of members) {
    if (!WORDED.has(key)) continue;
    const end = Math.min(valueEnd, valueStart + GATHERED_LENGTH);
    texts.push(`"${key}":${unescaped(decoder.decode(bytes.subarray(valueStart, end)))}`);
    if (end < valueEnd) return { json: `{${texts.join(",")}`, isWhole: false };
  }
  return { json: `{${texts.join(",")}}`, isWhole: true };
}

/** JSON with the escapes that nothing needs undone: an escaped slash or letter must not hide a secret. */
function unescaped(json: string): string {
  return json.replaceAll(/\\(?:u00([2-7][0-9a-f])|.)/gis, (escape, code: string | undefined) => {
    const plain = code === undefined ? escape.slice(1) : String.fromCharCode(Number.parseInt(code, 16));
    const isNeeded = plain === '"' || plain === "\\" || (code === undefined && plain !== "/");
    return isNeeded ? escape : plain;
  });
}

/** Content as it is kept: without secrets, no longer than allowed. */
export function keptContent({ request, answer }: GatheredContent, redact: (text: string) => string): TraceContent {
  const asked = request === null ? null : kept(request.json, request.isWhole, redact);
  const said = answer === null ? null : kept(answer, answer.length < GATHERED_LENGTH, redact);
  return { request: asked?.text ?? null, answer: said?.text ?? null, truncated: [asked, said].some((each) => each?.truncated === true) };
}

/** The end of a text that is not whole may be the beginning of a secret, so it is left out, too. */
function kept(
  gathered: string,
  isWhole: boolean,
  redact: (text: string) => string,
): { readonly text: string; readonly truncated: boolean } {
  const clean = redact(gathered);
  const text = cut(isWhole ? clean : clean.slice(0, -LONGEST_SECRET_BYTES));
  return { text, truncated: text.length < clean.length };
}

/** As much of a text as is kept, in whole characters. */
function cut(text: string): string {
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(MAX_BYTES)).read);
}
