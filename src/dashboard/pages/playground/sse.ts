/**
 * The contents of a chat stream, in order. @throws Error with the stream's own words where it ends with an error event.
 */
export async function* contentsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const data of dataOf(body)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data) as StreamEvent;
    if (event.error !== undefined) throw new Error(event.error.message ?? "The stream broke off.");
    const content = event.choices?.[0]?.delta?.content;
    if (typeof content === "string" && content !== "") yield content;
  }
}

interface StreamEvent {
  readonly error?: { readonly message?: string };
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
}

/** The data of each event of a stream. */
async function* dataOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    held = (held + (value ?? "")).replaceAll("\r\n", "\n");
    const events = (done ? `${held}\n\n` : held).split("\n\n");
    held = events.pop() ?? "";
    for (const event of events) {
      const lines = event.split("\n").filter((line) => line.startsWith("data:"));
      if (lines.length > 0) yield lines.map((line) => line.slice("data:".length).replace(/^ /, "")).join("\n");
    }
    if (done) return;
  }
}
