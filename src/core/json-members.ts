import { fail, ok, type Result } from "./result.ts";

/** One top-level member of a JSON object, as byte ranges `[start, end)` into the text it was read from. */
export interface JsonMember {
  /** The decoded key. */
  readonly key: string;
  /** The whole text that the offsets point into. */
  readonly bytes: Uint8Array;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Why a text is no JSON object: what was expected where, as a byte offset. */
export interface JsonFault {
  readonly offset: number;
  readonly expected: string;
}

/**
 * The top-level members of a JSON object in their order, found in one pass without building the value. The whole text is checked for JSON's
 * structure (strings, numbers, literals, commas, colons, brackets); duplicates are kept.
 */
export function jsonMembers(bytes: Uint8Array): Result<readonly JsonMember[], JsonFault> {
  void bytes;
  void ok;
  return fail({ offset: 0, expected: "not written yet" });
}

/** The parsed value of a member. */
export function memberValue(member: JsonMember): unknown {
  return JSON.parse(new TextDecoder().decode(member.bytes.subarray(member.valueStart, member.valueEnd)));
}
