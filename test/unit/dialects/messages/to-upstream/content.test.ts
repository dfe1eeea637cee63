import { describe, expect, test } from "vitest";
import type { Part } from "../../../../../src/dialects/conversation.ts";
import { assistant, call, refusal, said, text, user } from "../../../../support/messages-asks.ts";

describe("attachments", () => {
  const here = (mediaType: string, base64 = "aGk=") => ({ at: "here", mediaType, base64 }) as const;

  test.each<[string, Part, object]>([
    [
      "an image",
      { kind: "image", source: here("image/png") },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
    ],
    [
      "image/jpg is image/jpeg",
      { kind: "image", source: here("image/jpg") },
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "aGk=" } },
    ],
    [
      "an image by its address",
      { kind: "image", source: { at: "address", url: "https://a.b/c" } },
      { type: "image", source: { type: "url", url: "https://a.b/c" } },
    ],
    [
      "a PDF",
      { kind: "document", source: here("application/pdf"), filename: "a.pdf" },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "aGk=" }, title: "a.pdf" },
    ],
    [
      "a text",
      { kind: "document", source: here("text/csv; charset=utf-8") },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "hi" } },
    ],
    [
      "a document by its address",
      { kind: "document", source: { at: "address", url: "https://a.b/c" } },
      { type: "document", source: { type: "url", url: "https://a.b/c" } },
    ],
  ])("%s", (_name, part, block) => {
    expect(said([user(part)])).toEqual([{ role: "user", content: [block] }]);
  });

  test("case 36: an image in a tool's result stays there", () => {
    const results: Part = { kind: "result", callId: "1", parts: [{ kind: "image", source: here("image/png") }], failed: false };
    expect(said([user(text("a")), assistant(call("1")), user(results)])).toMatchObject([
      {},
      {},
      { content: [{ type: "tool_result", content: [{ type: "image" }] }] },
    ]);
  });

  test.each<[Part, string]>([
    [
      { kind: "image", source: here("image/svg+xml") },
      "messages.0.content.1: an image (messages.0.content.1) of the type image/svg+xml, which Anthropic does not take; send png, jpeg, gif or webp",
    ],
    [{ kind: "document", source: here("application/zip") }, "of the type application/zip"],
    [{ kind: "document", source: here("text/plain", "!") }, "of the type text/plain"],
  ])("one that Anthropic does not take is refused", (part, words) => {
    expect(refusal({ turns: [user(part)], asked: [{ feature: "image", param: "messages.0.content.1" }] })).toContain(words);
  });

  test("case 62: a megabyte of base64 is moved, not read", () => {
    const base64 = "A".repeat(2 ** 20);
    const begun = performance.now();
    const turns = said([user({ kind: "image", source: here("image/png", base64) })]);
    expect(performance.now() - begun).toBeLessThan(50);
    expect(turns).toMatchObject([{ content: [{ source: { data: base64 } }] }]);
  });
});
