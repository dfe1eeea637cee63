import { describe, expect, it } from "vitest";
import { faultOf, faultWords } from "../../../../src/cli/control/simulate.ts";

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

describe("what a fault means", () => {
  it.each([
    { fault: { status: 503 }, says: "From now on every call to openai is answered with status 503." },
    { fault: { latency_ms: 2000 }, says: "From now on every answer of openai begins 2000 ms later." },
    {
      fault: { cut_after: 10 },
      says: "From now on every answer of openai breaks off after 10 events of a stream, or bytes of anything else.",
    },
  ])("is said in a sentence, with how it ends: $fault", ({ fault, says }) => {
    expect(faultWords("openai", fault)).toEqual([says, expect.stringMatching(/It ends with: npx to11 simulate openai --clear$/)]);
  });

  it("and so is its end", () => {
    expect(faultWords("openai", null)).toEqual(["openai answers as usual again."]);
  });
});
