/** One event of an event stream, as it stood in the bytes. */
export interface SseEvent {
  /** The last `event:` field, or `""`. */
  readonly name: string;
  /** The `data:` lines joined with `\n`, or `undefined` where there was none (a comment, a bare `event:`). */
  readonly data: string | undefined;
  /** The event's bytes as they came, its blank line included. */
  readonly raw: Uint8Array;
}
