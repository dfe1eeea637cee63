import { describe, expect, it } from "vitest";
import { readTraceparent, writeTraceparent } from "../../../../src/core/trace/traceparent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("traceparent", () => {
  it("reads and writes the W3C form", () => {
    const context = readTraceparent(`00-${TRACE}-${SPAN}-01`);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, flags: "01" });
    expect(context && writeTraceparent(context)).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it("reads a later version with more fields", () => {
    expect(readTraceparent(`01-${TRACE}-${SPAN}-00-more`)?.traceId).toBe(TRACE);
  });

  it.each([
    undefined,
    "",
    "garbage",
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])("ignores %s", (header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });
});
