import { utf8Length } from "../bytes.ts";

/** Whom a request comes from, as its caller says it. */
export interface Labels {
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly conversationId: string | null;
  readonly environment: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of UTF-8 that all labels of a trace have together at most. Spec, "Labels". */
const LABEL_BYTES = 2048;

/** A UTF-16 unit is at most so many bytes of UTF-8. */
const BYTES_PER_UNIT = 3;

const NO_METADATA: Labels["metadata"] = {};

const encoder = new TextEncoder();

/**
 * Labels as a trace keeps them, each of them a `word`. Where they are too long together, the first ones stay: user, session, conversation, environment, then
 * metadata as it was sent. The one that does not fit is cut; metadata whose name does not fit is left out, with all that follows.
 */
export function keptLabels(labels: Labels, word: (text: string) => string): Labels {
  const budget = new Budget(labels, word);
  const userId = budget.label(labels.userId);
  const sessionId = budget.label(labels.sessionId);
  const conversationId = budget.label(labels.conversationId);
  const environment = budget.label(labels.environment);
  return { userId, sessionId, conversationId, environment, metadata: budget.metadata(labels.metadata) };
}

/** What labels may still take. */
class Budget {
  readonly #word: (text: string) => string;
  /** Bytes; `Infinity`: they are so short that nobody need count. */
  #left: number;

  constructor({ userId, sessionId, conversationId, environment, metadata }: Labels, word: (text: string) => string) {
    this.#word = word;
    let units = lengthOf(userId) + lengthOf(sessionId) + lengthOf(conversationId) + lengthOf(environment);
    for (const name in metadata) units += name.length + lengthOf(metadata[name]);
    this.#left = units * BYTES_PER_UNIT <= LABEL_BYTES ? Infinity : LABEL_BYTES;
  }

  label(text: string | null): string | null {
    return text === null ? null : this.#kept(text) || null;
  }

  metadata(given: Labels["metadata"]): Labels["metadata"] {
    const metadata: [string, string][] = [];
    for (const [name, value] of Object.entries(given)) {
      const kept = this.#kept(name);
      if (kept !== this.#word(name)) break;
      metadata.push([kept, this.#kept(value)]);
    }
    return metadata.length === 0 ? NO_METADATA : Object.fromEntries(metadata);
  }

  #kept(text: string): string {
    const whole = this.#word(text);
    if (this.#left === Infinity) return whole;
    const fitting = whole.length * BYTES_PER_UNIT <= this.#left ? whole : beginning(whole, this.#left);
    this.#left -= utf8Length(fitting);
    return fitting;
  }
}

function lengthOf(text: string | null | undefined): number {
  return text?.length ?? 0;
}

/** As much of a text as so many bytes hold, in whole characters. */
function beginning(text: string, bytes: number): string {
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read);
}
