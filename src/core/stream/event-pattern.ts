const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LF = 0x0a;
/** The first byte of a byte order mark, which only counts in a stream's first event. */
const BOM_START = 0xef;
/** What may follow a backslash besides `u`: https://www.rfc-editor.org/rfc/rfc8259#section-7. */
const SHORT_ESCAPES: ReadonlySet<number | undefined> = new Set(new TextEncoder().encode('"\\/bfnrt'));

/**
 * The bytes of one event with gaps where certain members have their strings. What fills the gaps with other strings, not empty, and is the same in all
 * else, is an event of the same shape: it need not be decoded and parsed to know that.
 */
export class EventPattern {
  /** What stands before, between and behind the gaps; each gap's quotes stand here. */
  readonly #pieces: readonly Uint8Array[];

  /** Bytes of such an event that stand outside the gaps. */
  readonly fixedBytes: number;

  private constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.fixedBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /**
   * The pattern of a whole event. `members`: the JSON bytes of the members' keys, quotes and colon included: `"content":`. `undefined` where none of them has
   * a string that is not empty, or where the event may go on with the next byte. Keeps a copy: whoever has the event may do with its bytes what he likes.
   */
  static of(raw: Uint8Array, members: readonly Uint8Array[]): EventPattern | undefined {
    if (raw[0] === BOM_START || raw.at(-1) !== LF) return undefined;
    const event = raw.slice();
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (let at = event.indexOf(QUOTE); at >= 0; at = event.indexOf(QUOTE, at + 1)) {
      const member = members.find((each) => standsAt(each, event, at));
      if (member === undefined) continue;
      const value = at + member.length;
      const start = (event[value] === SPACE ? value + 1 : value) + 1;
      const end = event[start - 1] === QUOTE ? stringEnd(event, start) : start;
      if (end === start) continue;
      pieces.push(event.subarray(from, start));
      from = end;
      at = end;
    }
    if (pieces.length === 0) return undefined;
    pieces.push(event.subarray(from));
    return new EventPattern(pieces);
  }

  /** Where an event of this shape that begins at `start` ends; `start` itself where none begins or where it is not whole. */
  endIn(bytes: Uint8Array, start: number): number {
    let at = start;
    let gap = false;
    for (const piece of this.#pieces) {
      if (gap) {
        const end = stringEnd(bytes, at);
        if (end === at) return start;
        at = end;
      }
      if (!standsAt(piece, bytes, at)) return start;
      at += piece.length;
      gap = true;
    }
    return at;
  }
}

function standsAt(piece: Uint8Array, bytes: Uint8Array, at: number): boolean {
  if (at + piece.length > bytes.length) return false;
  for (let index = 0; index < piece.length; index += 1) if (bytes[at + index] !== piece[index]) return false;
  return true;
}

/** Where the closing quote stands of a JSON string whose content begins at `start`; `start` itself where it is empty, not whole, or has a `\u`. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < SPACE) return start;
    if (byte === BACKSLASH && !SHORT_ESCAPES.has(bytes[at + 1])) return start;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return start;
}
