import { describe, expect, test } from "vitest";
import type { CallPart, ImagePart, Part, ResultPart, Source, Turn } from "../../../../src/dialects/conversation.ts";
import { HELLO, refusedForGemini, writtenForGemini } from "../../../support/gemini-asks.ts";

const text = (words: string): Part => ({ kind: "text", text: words });
const user = (...parts: readonly Part[]): Turn => ({ role: "user", parts });
const model = (...parts: readonly Part[]): Turn => ({ role: "assistant", parts });
const call = (id: string, args = "{}", name = "f"): CallPart => ({ kind: "call", id, name, args, seal: undefined });
const gave = (callId: string, parts: ResultPart["parts"], failed = false): ResultPart => ({ kind: "result", callId, parts, failed });
const image = (source: Source): ImagePart => ({ kind: "image", source });
const PNG = image({ at: "here", mediaType: "image/png", base64: "iVBORw0=" });
const INLINE_PNG = { inlineData: { mimeType: "image/png", data: "iVBORw0=" } };

/** What of a conversation is sent; models of the second generation sign no calls. */
function contents(turns: readonly Turn[], name = "gemini-2.5-flash"): unknown {
  return writtenForGemini({ turns }, name).body["contents"];
}

describe("what is said", () => {
  test("is said by who said it, what the assistant began as well", () => {
    expect(contents([user(text("a")), model(text("b"), { kind: "refusal", text: "No." }), user(text("c")), model(text("d "))])).toEqual([
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ text: "b" }, { text: "No." }] },
      { role: "user", parts: [{ text: "c" }] },
      { role: "model", parts: [{ text: "d " }] },
    ]);
  });

  test("case 17: turns of which nothing is left are gone, and those about them one", () => {
    const foreign: Part = { kind: "thought", text: "hm", seal: { dialect: "messages", kind: "proof", value: "x" } };
    expect(contents([user(text("a")), model(foreign), user(text("b"))])).toEqual([{ role: "user", parts: [{ text: "a" }, { text: "b" }] }]);
  });

  test("is refused where nobody said anything but instructions", () => {
    expect(refusedForGemini({ system: [{ text: "Be brief.", afterTurns: 0 }] })).toBe(
      "messages: Gemini answers a message of the user's, and there is none besides instructions; add one",
    );
  });

  test("may be as much as anybody says", () => {
    const parts = Array.from({ length: 200_000 }, () => text("a"));
    const turns: readonly Turn[] = [
      { role: "user", parts },
      model({ kind: "thought", text: "", seal: undefined }),
      { role: "user", parts },
    ];
    expect(Object(contents(turns))[0].parts).toHaveLength(400_000);
  });
});

describe("calls and their results", () => {
  test("case 28: calls that were made at once stay at once, their results in one turn and in the calls' order", () => {
    const turns = [
      HELLO,
      model(text("Both."), call("c1", '{"a":1}'), call("c2", '{"a":2}', "g")),
      user(gave("c1", [{ kind: "text", text: "one" }]), gave("c2", [])),
    ];
    expect(contents(turns)).toEqual([
      { role: "user", parts: [{ text: "Hello." }] },
      {
        role: "model",
        parts: [
          { text: "Both." },
          { functionCall: { id: "c1", name: "f", args: { a: 1 } } },
          { functionCall: { id: "c2", name: "g", args: { a: 2 } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "c1", name: "f", response: { output: "one" } } },
          { functionResponse: { id: "c2", name: "g", response: { output: "" } } },
        ],
      },
    ]);
  });

  test("case 37: results stand before the words of their turn", () => {
    const turns = [HELLO, model(call("c1")), user(text("And?"), gave("c1", []))];
    expect(contents(turns)).toContainEqual({
      role: "user",
      parts: [{ functionResponse: { id: "c1", name: "f", response: { output: "" } } }, { text: "And?" }],
    });
  });

  test("a result says that it is one of a failure", () => {
    const failed = gave("c1", [{ kind: "text", text: "No such file." }], true);
    expect(JSON.stringify(contents([HELLO, model(call("c1")), user(failed)]))).toContain('"response":{"error":"No such file."}');
  });

  test.each([
    ["", {}],
    [" ", {}],
    ['{"a":[1]}', { a: [1] }],
    ['{"city":"Par', { _invalid: '{"city":"Par' }],
    ["[1]", { _invalid: "[1]" }],
    ["null", { _invalid: "null" }],
  ])("case 18: arguments %j are an object", (args, object) => {
    expect(contents([HELLO, model(call("c1", args)), user(gave("c1", []))])).toContainEqual({
      role: "model",
      parts: [{ functionCall: { id: "c1", name: "f", args: object } }],
    });
  });
});

describe("case 36: an image in a result", () => {
  const turns = [
    HELLO,
    model(call("c1"), call("c2")),
    user(gave("c1", [{ kind: "text", text: "Seen." }, PNG]), gave("c2", []), text("And?")),
  ];

  test("lies in it from the third generation on", () => {
    expect(contents(turns, "gemini-3-flash")).toContainEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "f", response: { output: "Seen." }, parts: [INLINE_PNG] } },
        { functionResponse: { id: "c2", name: "f", response: { output: "" } } },
        { text: "And?" },
      ],
    });
  });

  test("stands behind all results before that, and they say so", () => {
    expect(contents(turns)).toContainEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "f", response: { output: "Seen.\n(what it gave besides follows the results)" } } },
        { functionResponse: { id: "c2", name: "f", response: { output: "" } } },
        INLINE_PNG,
        { text: "And?" },
      ],
    });
  });

  test("stands behind them where it is at an address, too", () => {
    const address = image({ at: "address", url: "https://example.com/a.png" });
    const written = JSON.stringify(contents([HELLO, model(call("c1")), user(gave("c1", [address]))], "gemini-3-flash"));
    expect(written).toContain('{"fileData":{"mimeType":"image/png","fileUri":"https://example.com/a.png"}}');
    expect(written).toContain("(what it gave besides follows the results)");
  });
});

// https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats and /file-input-methods
describe("what is no text", () => {
  test.each<[string, Part, object]>([
    ["an image", PNG, INLINE_PNG],
    [
      "one of a misspelt type",
      image({ at: "here", mediaType: "image/jpg", base64: "AA==" }),
      { inlineData: { mimeType: "image/jpeg", data: "AA==" } },
    ],
    [
      "a PDF",
      { kind: "document", source: { at: "here", mediaType: "application/pdf", base64: "AA==" } },
      { inlineData: { mimeType: "application/pdf", data: "AA==" } },
    ],
    [
      "a text",
      { kind: "document", source: { at: "here", mediaType: "text/plain; charset=utf-8", base64: "AA==" } },
      { inlineData: { mimeType: "text/plain", data: "AA==" } },
    ],
    ["a sound", { kind: "audio", format: "mp3", base64: "AA==" }, { inlineData: { mimeType: "audio/mp3", data: "AA==" } }],
    [
      "an image by its address",
      image({ at: "address", url: "https://example.com/a/B.JPG?w=1#x" }),
      { fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a/B.JPG?w=1#x" } },
    ],
    [
      "one whose type is said",
      image({ at: "address", url: "https://example.com/a", mediaType: "image/webp" }),
      { fileData: { mimeType: "image/webp", fileUri: "https://example.com/a" } },
    ],
    [
      "a document by its address",
      { kind: "document", source: { at: "address", url: "https://example.com/a.pdf" } },
      { fileData: { mimeType: "application/pdf", fileUri: "https://example.com/a.pdf" } },
    ],
  ])("%s", (_name, part, sent) => {
    expect(contents([user(part)])).toEqual([{ role: "user", parts: [sent] }]);
  });

  test.each<[string, Part, string]>([
    [
      "a kind of image that it does not take",
      image({ at: "here", mediaType: "image/gif", base64: "AA==" }),
      "image: Gemini does not take image/gif; send one of image/png",
    ],
    [
      "a kind of document",
      { kind: "document", source: { at: "here", mediaType: "application/zip", base64: "AA==" } },
      "document: Gemini does not take application/zip; send a PDF",
    ],
    [
      "an address without encryption",
      image({ at: "address", url: "http://example.com/a.png" }),
      "image_address: Gemini fetches from https addresses only",
    ],
    [
      "an address that says nothing of the type",
      image({ at: "address", url: "https://example.com/a" }),
      "image_address: Gemini must be told what is at an address, which the end of its path says: found no ending",
    ],
    ["an address of no image", image({ at: "address", url: "https://example.com/a.pdf" }), "found application/pdf, takes .png"],
    [
      "a file of a provider",
      image({ at: "provider", fileId: "file-1" }),
      "provider_file: a file that lies with a provider means nothing to Gemini",
    ],
  ])("%s is refused, with the cure", (_name, part, words) => {
    expect(refusedForGemini({ turns: [user(part)] })).toContain(words);
  });

  test("is refused by its own place", () => {
    const gif = image({ at: "here", mediaType: "image/gif", base64: "AA==" });
    const asked = [
      { feature: "image", param: "messages.0.content.0" },
      { feature: "image", param: "messages.0.content.1" },
    ] as const;
    expect(refusedForGemini({ turns: [user(PNG, gif)], asked })).toMatch(/^messages\.0\.content\.1: /);
  });

  test("case 62: megabytes of it are moved as they are, never decoded", () => {
    const base64 = "QUJD".repeat(262_144);
    const parts = Array.from({ length: 20 }, () => image({ at: "here", mediaType: "image/png", base64 }));
    const before = performance.now();
    const written = contents([user(...parts)]);
    expect(performance.now() - before).toBeLessThan(20);
    expect(Object(written)[0].parts[19].inlineData.data).toBe(base64);
  });
});
