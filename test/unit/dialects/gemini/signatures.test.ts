import { describe, expect, test } from "vitest";
import type { CallPart, Part, ThoughtPart } from "../../../../src/dialects/conversation.ts";
import type { Seal } from "../../../../src/dialects/seal.ts";
import { readSeal, writeSeal } from "../../../../src/dialects/seal.ts";
import { HELLO, writtenForGemini } from "../../../support/gemini-asks.ts";

// https://ai.google.dev/gemini-api/docs/thought-signatures: the first call of a turn bears one, and words may; each has to come back where it stood.

const own = (value: string): Seal => ({ dialect: "gemini", kind: "proof", value });
const text = (words: string): Part => ({ kind: "text", text: words });
const call = (id: string, seal?: Seal): CallPart => ({ kind: "call", id, name: "f", args: "{}", seal });
const thought = (words: string, seal?: Seal): ThoughtPart => ({ kind: "thought", text: words, seal });
const called = (id: string, thoughtSignature?: string) => ({
  functionCall: { id, name: "f", args: {} },
  ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
});
const STAND_IN = "skip_thought_signature_validator";

/** What of the assistant's turn comes back to the model. */
function sent(parts: readonly Part[], model = "gemini-3-pro"): readonly unknown[] {
  const { body } = writtenForGemini({ turns: [HELLO, { role: "assistant", parts }, HELLO] }, model);
  return Object(body["contents"])[1]?.parts;
}

describe("case 5: signatures come back where they stood", () => {
  test.each<[string, readonly Part[], readonly unknown[]]>([
    ["on its call", [call("c1", own("S1"))], [called("c1", "S1")]],
    ["on its call, which an empty thought bore before it", [thought("", own("S1")), call("c1")], [called("c1", "S1")]],
    [
      "on its call, beside the thought that was told",
      [thought("hm", own("S1")), call("c1")],
      [{ text: "hm", thought: true }, called("c1", "S1")],
    ],
    ["on the words that follow", [thought("", own("S1")), text("Four.")], [{ text: "Four.", thoughtSignature: "S1" }]],
    ["on the words before, where nothing follows", [text("Four."), thought("", own("S1"))], [{ text: "Four.", thoughtSignature: "S1" }]],
    ["alone, where nothing is there to bear it", [thought("", own("S1"))], [{ text: "", thoughtSignature: "S1" }]],
    [
      "each on its own",
      [text("a"), thought("", own("S1")), thought("", own("S2")), call("c1")],
      [{ text: "a", thoughtSignature: "S1" }, called("c1", "S2")],
    ],
    ["on each of several calls", [call("c1", own("S1")), call("c2", own("S2"))], [called("c1", "S1"), called("c2", "S2")]],
  ])("%s", (_name, parts, expected) => {
    expect(sent(parts)).toEqual(expected);
  });

  test("a first call without one has the stand-in that Google names, later calls of the turn none", () => {
    expect(sent([call("c1"), call("c2")])).toEqual([called("c1", STAND_IN), called("c2")]);
    expect(sent([call("c1", own("S1")), call("c2")])).toEqual([called("c1", "S1"), called("c2")]);
    expect(sent([text("a"), call("c1")])).toEqual([{ text: "a" }, called("c1", STAND_IN)]);
  });

  test("each turn has a first call", () => {
    const turn = { role: "assistant", parts: [call("c1")] } as const;
    const { body } = writtenForGemini({ turns: [HELLO, turn, HELLO, turn, HELLO] });
    expect(JSON.stringify(body).split(STAND_IN)).toHaveLength(3);
  });

  test("models that sign no calls get no stand-in, and their own signatures all the same", () => {
    expect(sent([call("c1")], "gemini-2.5-pro")).toEqual([called("c1")]);
    expect(sent([call("c1", own("S1"))], "gemini-2.5-pro")).toEqual([called("c1", "S1")]);
  });

  test("one that travelled in another dialect's field is the same", () => {
    const seal = readSeal(writeSeal(own("A/b+c=")), { dialect: "messages", kind: "proof" });
    expect(sent([thought("", seal), call("c1")])).toEqual([called("c1", "A/b+c=")]);
  });
});

describe("case 6: what others signed or thought never goes to Google", () => {
  const foreign: readonly Seal[] = [
    { dialect: "messages", kind: "proof", value: "SECRET" },
    { dialect: "messages", kind: "cipher", value: "SECRET" },
    { dialect: "responses", kind: "cipher", value: "SECRET" },
    { dialect: "chat", kind: "proof", value: "SECRET" },
    { dialect: "gemini", kind: "proof", value: "" },
  ];
  test.each(foreign)("%j", (seal) => {
    expect(sent([thought("hm", seal), text("a"), call("c1", seal)])).toEqual([{ text: "a" }, called("c1", STAND_IN)]);
  });

  test("a thought that nobody signed", () => {
    expect(sent([thought("hm"), text("a")])).toEqual([{ text: "a" }]);
  });
});
