import { expect, test } from "vitest";
import { SseSplitter } from "../../../../src/core/stream/sse.ts";
import { messages } from "../../../../src/dialects/messages/index.ts";
import { translationOf } from "../../../../src/dialects/translation.ts";
import { endpointOf } from "../../../support/endpoint-readings.ts";
import { GRAMMARS } from "../../../support/grammars.ts";

const GIVEN = { id: "r", model: "m", createdAt: 0, usage: "shown" } as const;

const event = (value: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const start = (id: string): string => event({ type: "message_start", message: { id, model: "m", content: [] } });
const open = event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const words = (text: string): string => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
const end = event({ type: "message_delta", delta: { stop_reason: "end_turn" } }) + event({ type: "message_stop" });

/** What a caller gets of a stream that seems to end whole. */
function translated(...pieces: readonly Uint8Array[]): string {
  const splitter = new SseSplitter();
  const stream = translationOf(messages, messages, endpointOf("/v1/messages")).stream(GIVEN);
  return (
    pieces
      .flatMap((piece) => splitter.push(piece))
      .map((each) => stream.take(each))
      .join("") + stream.end()
  );
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("an answer with another one inside of it does not end as a whole one", () => {
  const text = translated(bytes(start("a") + open + words("Hel") + start("b") + open + words("Bye") + end));
  expect(text).toContain("Hel");
  expect(text).not.toContain("Bye");
  expect(text).not.toContain("message_stop");
  expect(text).toMatch(/event: content_block_stop\n.*\n\nevent: error\ndata: .*Another message began inside of this one\..*\n\n$/);
});

test("case 50: characters that are cut between two pieces go on whole", () => {
  const whole = bytes(start("a") + open + words("日😀é") + end);
  for (let cut = 1; cut < whole.length; cut += 1) {
    const text = translated(whole.subarray(0, cut), whole.subarray(cut));
    expect(GRAMMARS.messages(text)).toEqual([]);
    expect(text).toContain('"text":"日😀é"');
  }
});

test("case 51: words go on as they come", () => {
  const splitter = new SseSplitter();
  const stream = translationOf(messages, messages, endpointOf("/v1/messages")).stream(GIVEN);
  const out = [start("a") + open, words("Hel"), words("lo")].map((piece) =>
    splitter
      .push(bytes(piece))
      .map((each) => stream.take(each))
      .join(""),
  );
  expect(out[1]).toContain('"text":"Hel"');
  expect(out[2]).toContain('"text":"lo"');
});
