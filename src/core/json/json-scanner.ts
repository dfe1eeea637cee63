import type { JsonFault, JsonMember } from "./json-members.ts";
import { fail, ok, type Result } from "../result.ts";

/** Brackets that may stand in each other: far above what anyone sends, and a bound for the memory that 32 MiB of `[` could ask for. */
const MAX_DEPTH = 10_000;

/** Texts up to this are put together byte by byte. */
const SHORT_TEXT_BYTES = 24;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LITERALS = new Map([0x74, 0x66, 0x6e].map((first, at) => [first, ["true", "false", "null"][at] ?? ""]));

/** 1 for each byte that makes an escape of two. */
const SIMPLE_ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => ('"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0));

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

const NO_FAULT: JsonFault = { kind: "not_json", offset: 0, expected: "an object" };
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

/** What may stand next. */
type Expected = "value" | "value_or_end" | "key" | "key_or_end" | "comma_or_end";

const EXPECTED_TEXT: Readonly<Record<Expected, string>> = {
  value: "a value",
  value_or_end: "a value or ]",
  key: "a key in double quotes",
  key_or_end: "a key in double quotes or }",
  comma_or_end: "a comma or the closing bracket",
};

/**
 * Walks a text once. Every method that reads returns the offset behind what it read, or −1 with the fault set. There is one for all texts: of a class
 * without a living instance V8 throws the compiled code away with each collection of old garbage, and reads the next long prompt in its interpreter.
 */
class Scanner {
  #members: JsonMember[] = [];
  #fault: JsonFault = NO_FAULT;

  #bytes: Uint8Array = NO_BYTES;
  /** The whole words of the memory that the text lies in, up to its end, and where in it the text begins. */
  #words: Int32Array = NO_WORDS;
  #offset = 0;
  /** The closing bracket of each open one. */
  readonly #closers: number[] = [];
  #key = "";
  #valueStart = 0;
  /** Top-level members at most. */
  #most = Infinity;

  scan(bytes: Uint8Array, most: number): Result<readonly JsonMember[], JsonFault> {
    const { buffer, byteOffset, length } = bytes;
    this.#most = most;
    this.#members = [];
    this.#bytes = bytes;
    this.#words = new Int32Array(buffer, 0, Math.min(buffer.byteLength, byteOffset + length + 3) >> 2);
    this.#offset = byteOffset;
    this.#closers.length = 0;
    const result = this.#document() < 0 ? fail(this.#fault) : ok(this.#members);
    // What was read is not held until the next text comes.
    this.#members = [];
    this.#bytes = NO_BYTES;
    this.#words = NO_WORDS;
    return result;
  }

  #document(): number {
    const start = this.#space(0);
    const end = this.#value(start);
    if (end < 0) return -1;
    if (this.#space(end) < this.#bytes.length) return this.#fail(this.#space(end), "the end of the text");
    if (this.#bytes[start] === OPEN_BRACE) return end;
    this.#fault = { kind: "not_object", offset: start, expected: "an object" };
    return -1;
  }

  /** A value with all that stands in it, without recursion. */
  #value(start: number): number {
    let at = start;
    let expected: Expected = "value";
    do {
      at = this.#space(at);
      const byte = this.#bytes[at] ?? -1;
      const depth = this.#closers.length;
      if (expected === "comma_or_end" && byte === COMMA) {
        expected = this.#closers[depth - 1] === CLOSE_BRACE ? "key" : "value";
        at++;
      } else if (expected !== "value" && expected !== "key" && byte === this.#closers[depth - 1]) {
        this.#closers.pop();
        at = this.#ended(at + 1);
        expected = "comma_or_end";
      } else if ((expected === "key" || expected === "key_or_end") && byte === QUOTE) {
        at = this.#keyAndColon(at);
        expected = "value";
      } else if (expected === "value" || expected === "value_or_end") {
        if (depth === 1) this.#valueStart = at;
        if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          if (depth === MAX_DEPTH) return this.#fail(at, `at most ${MAX_DEPTH} brackets in each other`);
          this.#closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
          expected = byte === OPEN_BRACE ? "key_or_end" : "value_or_end";
          at++;
        } else {
          at = this.#scalar(at, EXPECTED_TEXT[expected]);
          if (at > 0) at = this.#ended(at);
          expected = "comma_or_end";
        }
      } else {
        return this.#fail(at, EXPECTED_TEXT[expected]);
      }
    } while (at >= 0 && this.#closers.length > 0);
    return at;
  }

  /** Keeps the member whose value ended here, if it is a top-level one. */
  #ended(at: number): number {
    if (this.#closers.length === 1 && this.#closers[0] === CLOSE_BRACE) {
      this.#members.push({ key: this.#key, bytes: this.#bytes, valueStart: this.#valueStart, valueEnd: at });
    }
    return at;
  }

  #keyAndColon(start: number): number {
    if (this.#closers.length === 1 && this.#members.length >= this.#most) {
      this.#fault = { kind: "too_many_members", offset: start, expected: `at most ${this.#most} members` };
      return -1;
    }
    const end = this.#string(start);
    if (end < 0) return -1;
    if (this.#closers.length === 1) {
      this.#key = stringIn(textOf(this.#bytes, start, end));
    }
    const colon = this.#space(end);
    return this.#bytes[colon] === COLON ? colon + 1 : this.#fail(colon, "a colon");
  }

  #scalar(at: number, expected: string): number {
    const byte = this.#bytes[at] ?? -1;
    if (byte === QUOTE) return this.#string(at);
    if (byte === 0x2d || isDigit(byte)) return this.#number(at);
    const literal = LITERALS.get(byte);
    if (literal === undefined) return this.#fail(at, expected);
    for (let i = 1; i < literal.length; i++) {
      if (this.#bytes[at + i] !== literal.charCodeAt(i)) return this.#fail(at, literal);
    }
    return at + literal.length;
  }

  #number(start: number): number {
    let at = this.#bytes[start] === 0x2d ? start + 1 : start;
    at = this.#bytes[at] === 0x30 ? at + 1 : this.#digits(at);
    if (at > 0 && this.#bytes[at] === 0x2e) at = this.#digits(at + 1);
    const exponent = at > 0 ? (this.#bytes[at] ?? -1) | 0x20 : -1;
    if (exponent !== 0x65) return at;
    const sign = this.#bytes[at + 1];
    return this.#digits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }

  #digits(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at] ?? -1)) at++;
    return at > start ? at : this.#fail(at, "a digit");
  }

  #string(start: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    for (;;) {
      at = this.#plainEnd(at);
      const byte = bytes[at] ?? -1;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) {
        const escaped = bytes[at + 1] ?? 0;
        if (SIMPLE_ESCAPES[escaped] === 1) at += 2;
        else if (escaped === 0x75 && this.#areHexDigits(at + 2, at + 6)) at += 6;
        else return this.#fail(at, "an escape that JSON knows");
      } else if (byte < 0x20) {
        return this.#fail(Math.min(at, bytes.length), byte < 0 ? "a closing quote" : "an escape instead of a control character");
      } else {
        at += 1;
      }
    }
  }

  #areHexDigits(start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (!isHexDigit(this.#bytes[at] ?? -1)) return false;
    }
    return true;
  }

  /** Where plain text in a string may end: nothing before it is a quote, a backslash or a control character, nor the end of all. Looks at four bytes at a time. */
  #plainEnd(start: number): number {
    const words = this.#words;
    const { length } = words;
    const offset = this.#offset;
    let word = (offset + start) >> 2;
    let stops = word < length ? stopsIn(words[word] ?? 0) & (-1 << (((offset + start) & 3) << 3)) : 0;
    while (stops === 0 && ++word < length) stops = stopsIn(words[word] ?? 0);
    if (stops !== 0) return (word << 2) - offset + ((31 - Math.clz32(stops & -stops)) >> 3);
    // The memory ends with a part of a word.
    return Math.max(start, (length << 2) - offset);
  }

  #space(start: number): number {
    let at = start;
    for (;;) {
      const byte = this.#bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at++;
    }
  }

  #fail(offset: number, expected: string): -1 {
    this.#fault = { kind: "not_json", offset, expected };
    return -1;
  }
}

/** The one there is: nothing of a text is held between two. */
export const scanner = new Scanner();

/**
 * Of four bytes in a word, little end first, those that plain text in a JSON string cannot be have their highest bit set in the result. Those above the
 * lowest may have it without being one, by its borrow.
 */
function stopsIn(word: number): number {
  // Below 0x21 once bit 1 is turned: control characters and the quote. Below 1 once a backslash's bits are: the backslash.
  return (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & ~word & 0x80808080;
}

/** The string that a JSON string's text means. */
export function stringIn(text: string): string {
  return text.includes("\\") ? String(JSON.parse(text)) : text.slice(1, -1);
}

/** UTF-8 as text. Keys and names are short and ASCII: put together here they cost less than the decoder's call. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = end - start > SHORT_TEXT_BYTES ? end : start;
  while (at < end && (bytes[at] ?? 0) < 0x80) {
    text += String.fromCharCode(bytes[at] ?? 0);
    at += 1;
  }
  return text.length === end - start ? text : decoder.decode(bytes.subarray(start, end));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
