/**
 * Who waits for an answer, as long as they do. What an AbortSignal would do, without leaving JavaScript for each attempt and stream that wants to hear of it.
 */
export class Caller {
  #gone = false;
  readonly #callbacks = new Set<() => void>();

  get gone(): boolean {
    return this.#gone;
  }

  /** Calls back once when the caller leaves, not where it has left already. The result takes that back. */
  whenGone(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  /** The caller has left. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const callback of this.#callbacks) callback();
  }
}
