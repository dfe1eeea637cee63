import { asList, type JsonObject } from "../json-value.ts";
import type { StreamEvent } from "../path-request.ts";
import type { Reply } from "../reply.ts";
import { sseText } from "../sse-text.ts";

/** The one item of a response's output, as it stands at the end. */
export type OutputItem = JsonObject & { readonly id: string };

/** A response as it begins and as it ends, and what is said between. */
export interface ResponseStory {
  readonly reply: Reply;
  readonly item: OutputItem;
  readonly begun: JsonObject;
  readonly ended: JsonObject;
}

type TypedEvent = JsonObject & { readonly type: string };

/** A response told as events, numbered from 0: https://platform.openai.com/docs/api-reference/responses-streaming */
export function responseEvents(story: ResponseStory): readonly StreamEvent[] {
  const { reply, item, begun, ended } = story;
  const events: readonly TypedEvent[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...(reply.tool === undefined ? messageEvents(reply, item) : toolEvents(reply, item)),
    { type: reply.outOfTokens ? "response.incomplete" : "response.completed", response: ended },
  ];
  return events.map((event, sequence_number) => ({
    text: sseText({ ...event, sequence_number }, event.type),
    timed: event.type.endsWith(".delta"),
  }));
}

function messageEvents(reply: Reply, item: OutputItem): readonly TypedEvent[] {
  const place = { item_id: item.id, output_index: 0, content_index: 0 };
  return [
    { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [], logprobs: [] } },
    ...reply.tokens.map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
    { type: "response.output_text.done", ...place, text: reply.text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: asList(item["content"])[0] },
    { type: "response.output_item.done", output_index: 0, item },
  ];
}

function toolEvents(reply: Reply, item: OutputItem): readonly TypedEvent[] {
  const place = { item_id: item.id, output_index: 0 };
  return [
    { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", arguments: "" } },
    ...reply.tokens.map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
    { type: "response.function_call_arguments.done", ...place, name: reply.tool, arguments: reply.text },
    { type: "response.output_item.done", output_index: 0, item },
  ];
}
