import { parse } from "smol-toml";

/** A place in the file, both from 1; columns count UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

// All are matched where the reader stands.
const BLANKS = /\s+/y;
const COMMENT = /#[^\n]*/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
/** A number, a truth value or a moment, which may have a blank in its middle. */
const PLAIN_VALUE = /[^\s,\]}#=][^,\]}#\n]*/y;

/** TOML, read piece by piece from its beginning; blanks, ends of lines and comments before a piece are passed over. */
export class TomlText {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart: number;
  #lineEnd: number;

  constructor(text: string) {
    this.#text = text;
    // A byte order mark takes no column.
    this.#lineStart = text.startsWith("\uFEFF") ? 1 : 0;
    this.#lineEnd = this.#endOfLine();
  }

  get isAtEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  /** Where the next piece begins. Each end of line is passed once, however often this is asked. */
  get place(): Place {
    this.#skip();
    while (this.#lineEnd < this.#at) {
      this.#line += 1;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#endOfLine();
    }
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  /** Passes a mark, if it comes next. */
  takes(mark: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** Passes one part of a dotted key: the name it stands for, or undefined where none comes next. */
  name(): string | undefined {
    this.#skip();
    return this.#match(BARE_KEY) ?? unquoted(this.#quoted());
  }

  /** Passes a value that is no array and no table, if one comes next. */
  takesValue(): boolean {
    this.#skip();
    return (this.#quoted() ?? this.#match(PLAIN_VALUE)) !== undefined;
  }

  /** A string as it is written, in any of the four ways. */
  #quoted(): string | undefined {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") return undefined;
    const mark = this.#text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
    let end = start + mark.length;
    while (end < this.#text.length && !this.#text.startsWith(mark, end)) end += quote === '"' && this.#text[end] === "\\" ? 2 : 1;
    end += mark.length;
    // Up to two quotes may stand before the three that end it.
    while (mark.length === 3 && this.#text[end] === quote) end += 1;
    this.#at = end;
    return this.#text.slice(start, end);
  }

  #endOfLine(): number {
    const end = this.#text.indexOf("\n", this.#lineStart);
    return end === -1 ? Number.POSITIVE_INFINITY : end;
  }

  #skip(): void {
    while (this.#match(BLANKS) !== undefined || this.#match(COMMENT) !== undefined);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

function unquoted(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes("\\")) return text?.slice(1, -1);
  try {
    return Object.keys(parse(`${text} = 0`))[0];
  } catch {
    return undefined; // No key of TOML: whoever reads this stops here.
  }
}
