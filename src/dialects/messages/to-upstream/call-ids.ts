import type { Part } from "../../conversation.ts";

/**
 * Ids of calls as Anthropic takes them: of letters, figures, `_` and `-`, none twice in a conversation. Upstreams of other dialects give ids with other characters,
 * and the same again in each of their answers. What is lawful stays as it is.
 */
export class CallIds {
  readonly #taken = new Set<string>();
  /** By the caller's ids: those of the last turn that called, whose results come next. */
  readonly #last = new Map<string, string>();

  /** The assistant's next turn. */
  begin(parts: readonly Part[]): void {
    if (!parts.some(({ kind }) => kind === "call")) return;
    this.#last.clear();
    for (const part of parts) if (part.kind === "call") this.#last.set(part.id, this.#free(part.id));
  }

  of(id: string): string {
    return this.#last.get(id) ?? spelt(id);
  }

  #free(id: string): string {
    const lawful = spelt(id);
    let free = lawful;
    for (let salt = 2; this.#taken.has(free); salt += 1) free = `${lawful}_${salt}`;
    this.#taken.add(free);
    return free;
  }
}

function spelt(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, "_") || "call";
}
