import { describe, expect, test } from "vitest";
import { responsesErrorEvents } from "../../../../src/dialects/responses/error.ts";
import type { StreamSoFar } from "../../../../src/core/endpoint.ts";

const ERROR = { code: "stream_truncated", message: "cut" };

function eventsAfter(before: StreamSoFar): unknown[] {
  const text = responsesErrorEvents(ERROR, before);
  expect(text).toMatch(/^event: error\ndata: .+\n\nevent: response\.failed\ndata: .+\n\n$/);
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]): unknown => JSON.parse(data));
}

describe("a stream that breaks", () => {
  test("ends with an error and the failure of the response that had begun, counted on", () => {
    expect(eventsAfter({ facts: { id: "resp_1", model: "gpt" }, sequence: 7 })).toEqual([
      { type: "error", ...ERROR, param: null, error: { type: "upstream_error", ...ERROR, param: null }, sequence_number: 8 },
      {
        type: "response.failed",
        response: {
          id: "resp_1",
          object: "response",
          created_at: 0,
          status: "failed",
          error: ERROR,
          incomplete_details: null,
          model: "gpt",
          output: [],
          usage: null,
        },
        sequence_number: 9,
      },
    ]);
  });

  test("begins to count where nothing was counted", () => {
    expect(eventsAfter({ facts: {}, sequence: undefined })).toMatchObject([
      { sequence_number: 0 },
      { sequence_number: 1, response: { id: "", model: "", error: ERROR } },
    ]);
  });
});
