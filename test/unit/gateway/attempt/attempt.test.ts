import { describe, expect, test } from "vitest";
import { chatCompletions } from "../../../../src/endpoints/chat-completions.ts";
import { attempt } from "../../../../src/gateway/attempt/attempt.ts";
import { Caller } from "../../../../src/gateway/request/caller.ts";
import type { Ports } from "../../../../src/gateway/ports.ts";
import { chunk, completion, STREAM_HEADERS } from "../../../support/upstream.ts";

const NEVER = new Uint8Array(0);

/** Ports of which an attempt's limit strikes when the returned function is called. */
function portsAnswering(response: Response): { readonly ports: Ports; readonly strike: () => void } {
  let limit: () => void = () => undefined;
  const ports: Ports = {
    fetch: () => Promise.resolve(response),
    pipe: () => new TransformStream(),
    socketPair: () => ({ callers: new WebSocket("ws://127.0.0.1:1"), own: new WebSocket("ws://127.0.0.1:1") }),
    now: () => 0,
    draw: () => 0,
    randomBytes: () => NEVER,
    after(_ms, callback) {
      limit = callback;
      return () => (limit = () => undefined);
    },
    secret: () => ({ fault: "missing" }),
    redact: (text) => text,
    redactBytes: (bytes) => bytes,
    holdsSecret: () => false,
    simulator: undefined,
    record: () => undefined,
  };
  return { ports, strike: () => limit() };
}

/** A body whose first bytes come in the same moment as the limit. */
function bodyAt(moment: () => void, text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      moment();
      controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

function order(caller: Caller): Parameters<typeof attempt>[0] {
  return {
    address: { url: "http://127.0.0.1:1", headers: {}, simulated: false },
    body: NEVER,
    endpoint: chatCompletions,
    wanted: "stream",
    watching: { usageEvents: "shown", choices: 1, framing: "as_it_came" },
    firstContentMs: 400,
    timeLeftMs: Infinity,
    caller,
  };
}

describe("a limit that strikes in the moment of the first content", () => {
  test.each<[string, ResponseInit]>([
    ["a stream", { headers: STREAM_HEADERS }],
    ["bytes in an unknown encoding", { headers: { "content-encoding": "zstd" } }],
  ])("commits nobody to a dead connection: %s", async (_name, init) => {
    let strike: () => void = () => undefined;
    const response = new Response(
      bodyAt(() => strike(), chunk({ content: "late" })),
      init,
    );
    const given = portsAnswering(response);
    strike = given.strike;
    expect(await attempt(order(new Caller()), given.ports)).toEqual({
      kind: "timed_out",
      limit: "first_content",
      limitMs: 400,
      status: 200,
    });
  });

  test("takes nothing from an answer that is whole by then", async () => {
    const given = portsAnswering(new Response(completion("in time"), { headers: { "content-type": "application/json" } }));
    const outcome = await attempt({ ...order(new Caller()), wanted: "whole" }, given.ports);
    given.strike();
    expect(outcome).toMatchObject({ kind: "answered", body: { kind: "whole" } });
  });
});

test("a caller who leaves in the moment of the first content is answered by nobody", async () => {
  const caller = new Caller();
  const response = new Response(
    bodyAt(() => caller.leave(), chunk({ content: "late" })),
    { headers: STREAM_HEADERS },
  );
  expect(await attempt(order(caller), portsAnswering(response).ports)).toEqual({ kind: "cancelled" });
});
