import { concatBytes } from "../../core/bytes.ts";
import type { UpstreamError } from "../../core/endpoint.ts";
import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";

/** An event is held up to this size to be read; what comes behind it goes on unread. Spec, "Attempts". */
const HELD_EVENT_BYTES = 8 * 1024 * 1024;

/** What an upstream's stream that cannot be read counts as. */
const UNREADABLE_STATUS = 502;

const BLANK_LINE = new TextEncoder().encode("\n\n");

/** Whether the event that is not whole yet is too long to be held any longer. */
export function isTooLong(splitter: SseSplitter): boolean {
  return splitter.rest().length > HELD_EVENT_BYTES;
}

/** What it means that one event is too long, for a stream that has to be read. */
export const TOO_LONG: UpstreamError = {
  status: UNREADABLE_STATUS,
  code: null,
  message: `one of its events has more than ${HELD_EVENT_BYTES} bytes`,
};

/** The event whose blank line never came, as if it had; `undefined`: there is none, or it says nothing. */
export function unfinishedEvent(splitter: SseSplitter): SseEvent | undefined {
  const rest = splitter.rest();
  const [event] = rest.length === 0 ? [] : new SseSplitter().push(concatBytes([rest, BLANK_LINE]));
  return event?.data === undefined ? undefined : event;
}
