import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonMembers } from "../../src/core/json/json-members.ts";
import { SseSplitter } from "../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../src/dialects/answer-event.ts";
import type { Ask } from "../../src/dialects/conversation.ts";
import type { AnswerGiven } from "../../src/core/translation.ts";
import type { Dialect, DialectId, UpstreamDialect, WrittenAsk } from "../../src/dialects/dialect.ts";
import { wrapFreeform } from "../../src/dialects/freeform.ts";
import { DIALECTS, UPSTREAM_DIALECTS } from "../../src/dialects/index.ts";
import { Order, wholeAnswer } from "../../src/dialects/order.ts";
import type { WholeAnswer, WholePart } from "../../src/dialects/ordered-event.ts";
import { answerEvents, NOTHING_ASKED, plainAsk } from "../support/conversations.ts";
import { geminiAsks } from "../support/gemini-asks.ts";
import { GRAMMARS } from "../support/grammars.ts";

// Reading back what a writer wrote gives what the reader gave, less what the loss table says: the law that every dialect is held to.

const GIVEN: AnswerGiven = { id: "default_01", model: "asked-model", createdAt: 1_700_000_000, usage: "shown" };
const TARGET = { model: "a-model", maxOutputTokens: undefined, streamUsage: true };
const FIXTURES = join(import.meta.dirname, "../fixtures");

/** Recorded streams by the dialect they are in. */
const RECORDED: Readonly<Record<DialectId, RegExp>> = {
  chat: /chat.*\.sse$/,
  messages: /messages.*\.sse$/,
  responses: /responses.*\.sse$/,
  gemini: /gemini.*\.sse$/,
};

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What a dialect's reader makes of a stream that comes in these pieces. */
function readStream(dialect: UpstreamDialect, chunks: readonly Uint8Array[]): readonly AnswerEvent[] {
  const splitter = new SseSplitter();
  const reader = dialect.reader();
  return chunks.flatMap((chunk) => splitter.push(chunk)).flatMap((event) => reader.readEvent(event));
}

function writeStream(dialect: Dialect, events: readonly AnswerEvent[]): string {
  const order = new Order();
  const writer = dialect.writer(GIVEN);
  return [...events.flatMap((event) => order.take(event)), ...order.end()].map((event) => writer.write(event)).join("");
}

/** How the tests alone read requests of the dialects that no caller speaks. */
const ASK_READERS: Readonly<Partial<Record<DialectId, Pick<Dialect, "readAsk">>>> = { gemini: geminiAsks };

/** A dialect that callers speak. */
function spoken(id: DialectId): Dialect {
  const dialect = DIALECTS.get(id);
  if (dialect === undefined) throw new Error(`no caller speaks ${id}`);
  return dialect;
}

/** A written request, its tools called by the caller's names again. */
function readWritten(dialect: UpstreamDialect, { body, changed }: WrittenAsk): Ask {
  const ask = readAsk(dialect, body);
  const named = <Named extends { readonly name: string }>(each: Named): Named => ({
    ...each,
    name: changed?.toolNames.get(each.name) ?? each.name,
  });
  const { toolChoice } = ask;
  return {
    ...ask,
    turns: ask.turns.map(({ role, parts }) => ({ role, parts: parts.map((part) => (part.kind === "call" ? named(part) : part)) })),
    tools: ask.tools.map(named),
    toolChoice: typeof toolChoice === "object" ? { tool: named({ name: toolChoice.tool }).name } : toolChoice,
  };
}

function readAsk({ id }: UpstreamDialect, body: object): Ask {
  const members = jsonMembers(bytesOf(JSON.stringify(body)));
  if (!members.ok) throw new Error("a written request is JSON");
  const read = (ASK_READERS[id] ?? spoken(id)).readAsk(members.value);
  if (!read.ok) throw new Error(`${read.error.param}: ${read.error.message}`);
  return read.value;
}

/** What of a request every dialect carries. The names of its features are for the loss table. */
function meant({ asked: _asked, ...ask }: Ask): object {
  return ask;
}

/** An answer without what has no place in some dialects: its own id and model, proofs of thoughts, thoughts without words. */
function told(answer: WholeAnswer): object {
  const parts = answer.parts
    .filter((part) => part.kind === "call" || part.text !== "")
    .map((part) => (part.kind === "call" ? { ...part, seal: undefined, ordinal: 0 } : { ...part, seal: undefined }));
  const { reason, usage } = answer.end;
  const { input_tokens: input, cached_input_tokens: cached, output_tokens: output } = usage;
  return { parts, reason, usage: { input: input ?? 0, cached: cached ?? 0, output: output ?? 0 } };
}

/** An answer as callers of a dialect can have it: Anthropic's tools take objects only. */
function asToldTo(id: DialectId, answer: WholeAnswer): WholeAnswer {
  if (id !== "messages") return answer;
  const parts = answer.parts.map((part): WholePart => {
    if (part.kind !== "call" || part.takes === undefined) return part;
    const { takes: _freeform, ...call } = part;
    return { ...call, text: JSON.stringify(wrapFreeform(part.text)) };
  });
  return { ...answer, parts };
}

const dialects = [...UPSTREAM_DIALECTS.values()].map((dialect) => [dialect.id, dialect] as const);

describe.each(dialects)("%s", (id, dialect) => {
  test("a request is read as it was written", () => {
    fc.assert(
      fc.property(plainAsk, (ask) => {
        const written = dialect.writeAsk(ask, TARGET);
        if (!written.ok) throw new Error(written.error.message);
        const whole = { ...written.value, body: { model: "a-model", stream: ask.stream, ...written.value.body } };
        expect(meant(readWritten(dialect, whole))).toEqual(meant(ask));
      }),
    );
  });

  test("a request that asks for nothing special has no features", () => {
    const ask: Ask = { ...NOTHING_ASKED, turns: [{ role: "user", parts: [{ kind: "text", text: "Hello." }] }], maxOutputTokens: 2_000 };
    const written = dialect.writeAsk(ask, TARGET);
    expect(written.ok && readAsk(dialect, { model: "a-model", ...written.value.body }).asked.map(({ feature }) => feature)).toEqual([
      "max_output_tokens",
    ]);
  });

  const grammar = id === "gemini" ? undefined : GRAMMARS[id];
  describe.skipIf(grammar === undefined)("as its callers get it", () => {
    test("a written stream follows the dialect's grammar, and is read as what was said", () => {
      fc.assert(
        fc.property(answerEvents, (events) => {
          const text = writeStream(spoken(id), events);
          expect(grammar?.(text)).toEqual([]);
          expect(told(wholeAnswer(readStream(dialect, [bytesOf(text)])))).toEqual(told(wholeAnswer(events)));
        }),
      );
    });

    test("a written answer is read as what was said", () => {
      fc.assert(
        fc.property(answerEvents, (events) => {
          const answer = wholeAnswer(events);
          const written = JSON.parse(JSON.stringify(spoken(id).writeWhole(answer, GIVEN))) as Record<string, unknown>;
          expect(told(wholeAnswer(dialect.reader().readWhole(written)))).toEqual(told(answer));
        }),
      );
    });

    test("a stream that breaks closes what is open, and never ends as a whole one does", () => {
      fc.assert(
        fc.property(answerEvents, fc.nat(), (events, cut) => {
          const order = new Order();
          const writer = spoken(id).writer(GIVEN);
          const begun = events.slice(0, cut % (events.length + 1)).flatMap((event) => order.take(event));
          const text = begun.map((event) => writer.write(event)).join("") + writer.fail({ code: "stream_truncated", message: "It broke." });
          expect(text).toContain("It broke.");
          expect(grammar?.(text)).not.toEqual([]);
          expect(text.endsWith("\n\n")).toBe(true);
        }),
      );
    });
  });

  const recorded = readdirSync(FIXTURES).filter((file) => RECORDED[id].test(file) && !file.startsWith("error-"));
  describe.each(recorded)("recorded %s", (file) => {
    const bytes = new Uint8Array(readFileSync(join(FIXTURES, file)));
    const said = readStream(dialect, [bytes]);

    test("is read alike in whatever pieces it comes", () => {
      for (let cut = 1; cut < bytes.length; cut += 1)
        expect(readStream(dialect, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(said);
      expect(
        readStream(
          dialect,
          [...bytes].map((byte) => Uint8Array.of(byte)),
        ),
      ).toEqual(said);
    });

    for (const caller of DIALECTS.values()) {
      if (caller.id === "gemini" || said.some(({ kind }) => kind === "fail")) continue;
      test(`reaches a caller of ${caller.id} whole`, () => {
        const text = writeStream(caller, said);
        expect(GRAMMARS[caller.id as keyof typeof GRAMMARS](text)).toEqual([]);
        expect(told(wholeAnswer(readStream(caller, [bytesOf(text)])))).toEqual(told(asToldTo(caller.id, wholeAnswer(said))));
      });
    }
  });
});

test("no two dialects have one path", () => {
  const paths = [...DIALECTS.values()].map(({ path }) => path);
  expect(new Set(paths).size).toBe(DIALECTS.size);
});
