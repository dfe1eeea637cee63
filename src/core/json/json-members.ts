import { scanner, stringIn, textOf } from "./json-scanner.ts";
import type { Result } from "../result.ts";

const QUOTE = 0x22;

/** One top-level member of a JSON object, as byte ranges `[start, end)` into the text it was read from. */
export interface JsonMember {
  /** The decoded key. */
  readonly key: string;
  /** The whole text that the offsets point into. */
  readonly bytes: Uint8Array;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * Why a text is not read as a JSON object. `not_json`: what was expected where, as a byte offset; `not_object`: JSON, but an array or a bare value;
 * `too_many_members`: more of them than were asked for.
 */
export interface JsonFault {
  readonly kind: "not_json" | "not_object" | "too_many_members";
  readonly offset: number;
  readonly expected: string;
}

/**
 * The top-level members of a JSON object in their order, found in one pass without building the value. The whole text is checked against JSON's
 * grammar, nesting limited to 10,000; duplicates are kept. Bytes that are no UTF-8 are let pass inside strings: they are the upstream's to judge.
 * `most`: with more members than that it is refused; left out: there may be any number.
 */
export function jsonMembers(bytes: Uint8Array, most = Infinity): Result<readonly JsonMember[], JsonFault> {
  return scanner.scan(bytes, most);
}

/** A member by itself, its value given as JSON. */
export function memberOf(key: string, json: string): JsonMember {
  const bytes = new TextEncoder().encode(json);
  return { key, bytes, valueStart: 0, valueEnd: bytes.length };
}

/** The text of a member's value, as it stood. */
export function memberText(member: JsonMember): string {
  return textOf(member.bytes, member.valueStart, member.valueEnd);
}

/** The parsed value of a member. */
export function memberValue(member: JsonMember): unknown {
  const text = memberText(member);
  return text.startsWith('"') ? stringIn(text) : JSON.parse(text);
}

/** The member of that key; of several the last, as JSON parsers take it. */
export function findMember(members: readonly JsonMember[], key: string): JsonMember | undefined {
  return members.findLast((member) => member.key === key);
}

/** The value of the member of that key; `undefined` where there is none. */
export function valueOf(members: readonly JsonMember[], key: string): unknown {
  const member = findMember(members, key);
  return member === undefined ? undefined : memberValue(member);
}

/** The value of the member of that key where it is a string. */
export function stringOf(members: readonly JsonMember[], key: string): string | undefined {
  const member = findMember(members, key);
  if (member === undefined || member.bytes[member.valueStart] !== QUOTE) return undefined;
  const value = memberValue(member);
  return typeof value === "string" ? value : undefined;
}

/** Whether the member of that key is the literal `true`. */
export function isTrue(members: readonly JsonMember[], key: string): boolean {
  const member = findMember(members, key);
  return member !== undefined && member.valueEnd - member.valueStart === 4 && memberText(member) === "true";
}
