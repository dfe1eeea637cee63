import { describe, expect, test } from "vitest";
import { readErrorBody } from "../../../../src/core/attempt/upstream-error.ts";
import { usageOf } from "../../../../src/core/usage/usage.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { called, chunk, encode, readBytes, STOP, streamOf } from "../../../support/gemini-answers.ts";

describe("case 9: an answer that calls ends with calls, in whatever chunk they stood", () => {
  test.each<[string, readonly unknown[], string]>([
    ["in the last", [chunk([called("f")], STOP)], "calls"],
    ["in one before", [chunk([called("f")]), chunk([{ text: "" }], STOP)], "calls"],
    ["in none", [chunk([{ text: "a" }], STOP)], "stop"],
    ["cut short", [chunk([called("f")]), chunk([], { finishReason: "MAX_TOKENS" })], "length"],
    ["where every chunk says that it stops", [chunk([{ text: "a" }], STOP), chunk([called("f")], STOP)], "calls"],
  ])("%s", (_name, chunks, reason) => {
    expect(wholeAnswer(readBytes(streamOf(...chunks))).end.reason).toBe(reason);
  });
});

// https://ai.google.dev/api/generate-content#FinishReason
test.each([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SOMETHING_NEW", "stop"],
  ...["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"].map((word) => [word, "filtered"]),
])("%s means %s", (finishReason, reason) => {
  expect(readBytes(streamOf(chunk([], { finishReason }))).at(-1)).toEqual({ kind: "finish", reason, word: finishReason });
});

test.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "OTHER"])(
  "%s means that nothing can be used",
  (finishReason) => {
    const message = `the model's answer could not be used (${finishReason})`;
    const failed = { kind: "fail", error: { status: 500, code: finishReason, message } };
    expect(readBytes(streamOf(chunk([{ text: "a" }]), chunk([], { finishReason }))).at(-1)).toEqual(failed);
    expect(
      gemini
        .reader()
        .readWhole(JSON.parse(JSON.stringify(chunk([], { finishReason }))))
        .at(-1),
    ).toEqual(failed);
  },
);

describe("errors", () => {
  const error = { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" };
  const failed = { kind: "fail", error: { status: 503, code: "UNAVAILABLE", message: "The model is overloaded." } };

  test.each<[string, Uint8Array]>([
    ["in an object", streamOf({ error })],
    ["in a list", streamOf([{ error }])],
    ["in an event of that name", encode(`event: error\ndata: ${JSON.stringify({ error })}\n\n`)],
    ["behind words", streamOf(chunk([{ text: "a" }]), { error })],
  ])("%s", (_name, bytes) => {
    expect(readBytes(bytes).at(-1)).toEqual(failed);
  });

  test("case 30: the body of a refused stream is read, in an object or in a list", () => {
    for (const body of [{ error }, [{ error }]]) expect(readErrorBody(encode(JSON.stringify(body)), 503)).toEqual(failed.error);
  });
});

describe("usage", () => {
  const told = (...usages: readonly unknown[]) => {
    const chunks = usages.map((usageMetadata, index) => ({
      ...chunk([{ text: "a" }], index === usages.length - 1 ? STOP : {}),
      usageMetadata,
    }));
    const [event] = readBytes(streamOf(...chunks)).filter(({ kind }) => kind === "usage");
    return event?.kind === "usage" ? usageOf(event.usage) : undefined;
  };
  const nothing = { cache_write_tokens: null, cache_write_1h_tokens: null };

  test("thoughts are output, what tools put in is input, and the cached part is one of the prompt", () => {
    expect(
      told({
        promptTokenCount: 10,
        toolUsePromptTokenCount: 5,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 2,
      }),
    ).toEqual({
      ...nothing,
      input_tokens: 15,
      cached_input_tokens: 4,
      output_tokens: 5,
      reasoning_tokens: 2,
    });
  });

  test("is told again in each chunk: the last word of each counter holds", () => {
    expect(
      told(
        { promptTokenCount: 10, cachedContentTokenCount: 4 },
        { promptTokenCount: 11, thoughtsTokenCount: 7 },
        { candidatesTokenCount: 3 },
      ),
    ).toEqual({
      ...nothing,
      input_tokens: 11,
      cached_input_tokens: 4,
      output_tokens: 10,
      reasoning_tokens: 7,
    });
  });

  test("is not told where it was not", () => {
    expect(told(undefined)).toBeUndefined();
    expect(told({ promptTokenCount: "10" })).toBeUndefined();
  });
});
