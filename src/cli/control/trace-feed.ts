import * as z from "zod/mini";

/** One message of the live view; lenient, as a newer gateway may say more. */
const messageSchema = z.looseObject({ trace: z.optional(z.looseObject({ id: z.string() })), dropped: z.optional(z.number()) });

/** The gateway sends 500 messages to a reader that says nothing; it is told after so many that more may come. */
const MESSAGES_PER_WORD = 100;

/** What is done with what a gateway tells. */
export interface FeedReader {
  trace(trace: { readonly id: string }): void;
  /** So many traces came too fast and are left out. */
  dropped(count: number): void;
}

/** Hands on each trace that a gateway tells as it is stored, until the connection ends. */
export function readFeed(socket: WebSocket, reader: FeedReader): Promise<void> {
  let messages = 0;
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const { trace, dropped } = messageSchema.parse(JSON.parse(String(data)));
      if (trace !== undefined) reader.trace(trace);
      if (dropped !== undefined) reader.dropped(dropped);
      messages += 1;
      if (messages % MESSAGES_PER_WORD === 0) socket.send("more");
    });
    socket.addEventListener("close", () => resolve());
  });
}
