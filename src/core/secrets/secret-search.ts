import { concatBytes } from "../bytes.ts";
import { gatewayKeysIn, SHORTEST_GATEWAY_KEY, type Span } from "./gateway-key.ts";
import { binaryText, formsOf, SHORTEST_SECRET } from "./secret-forms.ts";

/** What stands in the place of a secret. */
const REDACTED = "[redacted]";
const REDACTED_BYTES = new TextEncoder().encode(REDACTED);

/** Units of a form that are looked up at once; no form is shorter. */
const WINDOW = SHORTEST_SECRET;

/** Base of the rolling hash (FNV's prime, RFC 9923), and what a unit counts for when it leaves the window. Rabin and Karp 1987. */
const BASE = 0x01000193;
const LEAVING = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** Slots of the table that rules out most places of a text; a power of two. A Worker has at most 128 secrets, of some six forms each. */
const SLOTS = 16_384;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const SLASH = 0x2f;
const UNDERSCORE = 0x5f;

/** One more than the largest UTF-16 unit: a unit and the position behind it go into one number. */
const UNITS = 0x10000;

/** Where a secret stands. `isWhole`: false where the text ends in its middle. */
interface Match extends Span {
  readonly isWhole: boolean;
}

const NOWHERE: readonly Match[] = [];

/** Looks for secrets in every writing of `formsOf`; a text that ends in the middle of one holds a part of it. In one pass, whatever their number. */
export class SecretSearch {
  /** Forms as `unitAt` reads them, by the hash of their beginnings, the longest first. */
  readonly #forms = new Map<number, string[]>();
  readonly #slots = new Uint8Array(SLOTS);
  /** Units of the shortest form. */
  readonly #shortest: number;
  /** The units in the window, and where they stand: a search is over before the next one begins. */
  readonly #units = new Uint16Array(WINDOW);
  readonly #starts = new Uint32Array(WINDOW);

  /** Those shorter than `SHORTEST_SECRET` are not looked for. */
  constructor(secrets: readonly string[]) {
    const forms = [...new Set(secrets.flatMap(formsOf).map(read))].filter((form) => form.length >= WINDOW);
    for (const form of forms.toSorted((left, right) => right.length - left.length)) {
      const hash = hashOf(form);
      const alike = this.#forms.get(hash);
      if (alike === undefined) this.#forms.set(hash, [form]);
      else alike.push(form);
      this.#slots[slotOf(hash)] = 1;
    }
    this.#shortest = Math.min(...forms.map((form) => form.length));
  }

  /** Whether a secret stands anywhere in a text, whole. */
  isIn(text: string): boolean {
    return this.#find(text).some(({ isWhole }) => isWhole);
  }

  /** The text without secrets, parts of them at its end, and whatever looks like a gateway key. The same text where there are none. */
  redact(text: string): string {
    const spans = this.#spans(text);
    if (spans.length === 0) return text;
    let clean = "";
    let from = 0;
    for (const { start, end } of spans) {
      clean += text.slice(from, start) + REDACTED;
      from = end;
    }
    return clean + text.slice(from);
  }

  /** The same of bytes, in whatever encoding that extends ASCII: all others stay as they are. */
  redactBytes(bytes: Uint8Array): Uint8Array {
    const spans = this.#spans(binaryText(bytes));
    if (spans.length === 0) return bytes;
    let from = 0;
    const pieces = spans.flatMap(({ start, end }) => {
      const before = bytes.subarray(from, start);
      from = end;
      return [before, REDACTED_BYTES];
    });
    return concatBytes([...pieces, bytes.subarray(from)]);
  }

  /** What is taken out, in order, nothing twice. */
  #spans(text: string): readonly Span[] {
    const found = this.#find(text);
    const keys = text.length < SHORTEST_GATEWAY_KEY ? NOWHERE : gatewayKeysIn(text);
    if (found.length + keys.length === 0) return NOWHERE;
    const spans: { readonly start: number; end: number }[] = [];
    for (const { start, end } of [...found, ...keys].toSorted((left, right) => left.start - right.start)) {
      const last = spans.at(-1);
      if (last === undefined || start >= last.end) spans.push({ start, end });
      else last.end = Math.max(last.end, end);
    }
    return spans;
  }

  /** In the order of their starts; they may overlap. */
  #find(text: string): readonly Match[] {
    if (text.length < this.#shortest) return NOWHERE;
    const slots = this.#slots;
    const units = this.#units.fill(0);
    const starts = this.#starts;
    let found: Match[] | undefined;
    let hash = 0;
    let read = 0;
    for (let at = 0; at < text.length; read += 1) {
      const slot = read & (WINDOW - 1);
      starts[slot] = at;
      let unit = text.charCodeAt(at);
      at += 1;
      if (unit === BACKSLASH || unit === PERCENT) {
        const next = unitAt(text, at - 1);
        unit = next % UNITS;
        at = Math.floor(next / UNITS);
      } else {
        unit = alike(unit);
      }
      hash = (Math.imul(hash, BASE) + unit - Math.imul(units[slot] ?? 0, LEAVING)) | 0;
      units[slot] = unit;
      if (read < WINDOW - 1 || slots[slotOf(hash)] === 0) continue;
      const match = this.#matchAt(text, starts[(read + 1) & (WINDOW - 1)] ?? 0, hash);
      if (match === undefined) continue;
      found ??= [];
      found.push(match);
    }
    return found ?? NOWHERE;
  }

  #matchAt(text: string, start: number, hash: number): Match | undefined {
    for (const form of this.#forms.get(hash) ?? []) {
      const match = matchOf(form, text, start);
      if (match !== undefined) return match;
    }
    return undefined;
  }
}

function matchOf(form: string, text: string, start: number): Match | undefined {
  let at = start;
  for (let index = 0; index < form.length; index += 1) {
    if (at >= text.length) return { start, end: at, isWhole: false };
    const next = unitAt(text, at);
    if (next % UNITS !== form.charCodeAt(index)) return undefined;
    at = Math.floor(next / UNITS);
  }
  return { start, end: at, isWhole: true };
}

/**
 * The unit that a text reads as at a position, plus `UNITS` times the position behind it. Escapes of JSON (in JSON in JSON, too) and of URLs read as what they
 * stand for, but for `\n` and its like, which read as their letter; the two alphabets of base64 (RFC 4648) read as one.
 */
function unitAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit === BACKSLASH) return escapedUnit(text, at);
  if (unit === PERCENT) return encodedUnit(text, at);
  return (at + 1) * UNITS + alike(unit);
}

function alike(unit: number): number {
  if (unit === HYPHEN) return PLUS;
  return unit === UNDERSCORE ? SLASH : unit;
}

function escapedUnit(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === BACKSLASH) end += 1;
  if (end === text.length) return end * UNITS + BACKSLASH;
  const code = text[end] === "u" ? hexAt(text, end + 1, 4) : undefined;
  return code === undefined ? (end + 1) * UNITS + alike(text.charCodeAt(end)) : (end + 5) * UNITS + alike(code);
}

function encodedUnit(text: string, at: number): number {
  let end = at + 1;
  let code = hexAt(text, end, 2);
  if (code === undefined) return end * UNITS + PERCENT;
  // What was encoded twice has %25 for its percent sign.
  for (let inner = hexAt(text, end + 2, 2); code === PERCENT && inner !== undefined; inner = hexAt(text, end + 2, 2)) {
    code = inner;
    end += 2;
  }
  return (end + 2) * UNITS + alike(code);
}

/** The number that so many hex digits write; `undefined`: not all are. */
function hexAt(text: string, at: number, digits: number): number | undefined {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = Number.parseInt(text[index] ?? "", 16);
    if (Number.isNaN(digit)) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** A form as a text reads that holds it. */
function read(form: string): string {
  if (!/[\\%]/.test(form)) return form.replaceAll("-", "+").replaceAll("_", "/");
  let text = "";
  for (let at = 0; at < form.length;) {
    const next = unitAt(form, at);
    text += String.fromCharCode(next % UNITS);
    at = Math.floor(next / UNITS);
  }
  return text;
}

function hashOf(form: string): number {
  let hash = 0;
  for (let index = 0; index < WINDOW; index += 1) hash = (Math.imul(hash, BASE) + form.charCodeAt(index)) | 0;
  return hash;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}
