import { describe, expect, it } from "vitest";
import { faultOf } from "../../../../src/cli/control/simulate.ts";

describe("a fault", () => {
  it.each([
    { options: { status: 503 }, fault: { status: 503 } },
    { options: { latencyMs: 2000 }, fault: { latency_ms: 2000 } },
    { options: { cutAfter: 0 }, fault: { cut_after: 0 } },
    { options: { clear: true }, fault: null },
  ])("of $options is sent as $fault", ({ options, fault }) => {
    expect(faultOf(options)).toEqual(fault);
  });

  it.each([{}, { status: 503, latencyMs: 1 }, { status: 503, clear: true }])("is one thing: %o is wrong usage", (options) => {
    expect(() => faultOf(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
