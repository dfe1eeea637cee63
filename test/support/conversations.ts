import fc from "fast-check";
import type { AnswerEvent } from "../../src/dialects/answer-event.ts";
import type { Ask, Part, ResultPart, Turn } from "../../src/dialects/conversation.ts";
import type { Usage } from "../../src/core/usage/usage.ts";

// Random requests and answers, in no dialect's words: what every dialect can carry, and what only some can.

/** Texts with all that JSON has to escape, and characters of many bytes. Never only white space, which some dialects refuse. */
export const words: fc.Arbitrary<string> = fc
  .string({
    unit: fc.constantFrom("a", "b", " ", '"', "\\", "\n", "\u2028", "é", "日", "😀", "</s>", "data: "),
    minLength: 1,
    maxLength: 12,
  })
  .map((text) => `${text}.`);

const name = fc.string({ unit: fc.constantFrom("a", "b", "c", "_", "7"), minLength: 1, maxLength: 8 });
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const json = fc.dictionary(name, fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 });

const text = words.map((each): Part => ({ kind: "text", text: each }));
const image = fc
  .record({ mediaType: fc.constantFrom("image/png", "image/jpeg"), data: base64 })
  .map(({ mediaType, data }): Part => ({ kind: "image", source: { at: "here", mediaType, base64: data } }));

/** What the assistant says in one turn: words, then calls whose results follow. `n` tells its calls from those of other turns. */
const exchange = (n: number): fc.Arbitrary<readonly Turn[]> =>
  fc
    .record({
      asked: fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
      said: fc.option(text, { nil: undefined }),
      calls: fc.array(fc.record({ name, args: json, result: fc.option(words, { nil: undefined }) }), { maxLength: 3 }),
    })
    .map(({ asked, said, calls }) => {
      const parts: Part[] = said === undefined && calls.length === 0 ? [{ kind: "text", text: "yes." }] : said === undefined ? [] : [said];
      const made = calls.map((call, index): Part => ({
        kind: "call",
        id: `call_${n}_${index}`,
        name: call.name,
        args: JSON.stringify(call.args),
        seal: undefined,
      }));
      const results = calls.map((call, index): ResultPart => ({
        kind: "result",
        callId: `call_${n}_${index}`,
        parts: call.result === undefined ? [] : [{ kind: "text", text: call.result }],
        failed: false,
      }));
      const turns: Turn[] = [
        { role: "user", parts: joined(asked) },
        { role: "assistant", parts: [...parts, ...made] },
      ];
      return results.length === 0 ? turns : [...turns, { role: "user", parts: results }];
    });

/** Words beside words are one text in some dialects. */
function joined(parts: readonly Part[]): readonly Part[] {
  return parts.filter((part, index) => part.kind !== "text" || parts[index - 1]?.kind !== "text");
}

/** Results and the words that follow them are one turn. */
function merged(turns: readonly Turn[]): readonly Turn[] {
  const out: Turn[] = [];
  for (const turn of turns) {
    const last = out.at(-1);
    if (last?.role === turn.role) out.splice(-1, 1, { role: turn.role, parts: [...last.parts, ...turn.parts] });
    else out.push(turn);
  }
  return out;
}

const conversation = fc
  .integer({ min: 0, max: 2 })
  .chain((count) =>
    fc.tuple(
      fc.tuple(...Array.from({ length: count }, (_, n) => exchange(n))),
      fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 2 }),
    ),
  )
  .map(([exchanges, last]): readonly Turn[] => merged([...exchanges.flat(), { role: "user", parts: joined(last) }]));

const tool = fc.record({
  name,
  description: fc.option(words, { nil: undefined }),
  schema: fc.constant({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
});

/** A request that every dialect can carry whole. */
export const plainAsk: fc.Arbitrary<Ask> = fc
  .record({
    stream: fc.boolean(),
    system: fc.option(words, { nil: undefined }),
    turns: conversation,
    tools: fc.uniqueArray(tool, { selector: (each) => each.name, maxLength: 3 }),
    choice: fc.constantFrom("auto" as const, "none" as const, "required" as const, "one" as const, undefined),
    maxOutputTokens: fc.integer({ min: 2_000, max: 4_000 }),
    temperature: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
  })
  .map(({ stream, system, turns, tools: declared, choice, maxOutputTokens, temperature }) => {
    // A conversation that calls tools declares some: Anthropic's and Bedrock's APIs refuse others.
    const calls = turns.some(({ parts }) => parts.some(({ kind }) => kind === "call"));
    const tools =
      calls && declared.length === 0 ? [{ name: "a", description: undefined, schema: { type: "object", properties: {} } }] : declared;
    const [first] = tools;
    return {
      ...NOTHING_ASKED,
      stream,
      system: system === undefined ? [] : [{ text: system, afterTurns: 0 }],
      turns,
      tools: tools.map((each) => ({ ...each, strict: undefined, takes: "json" as const })),
      toolChoice: first === undefined || choice === undefined ? undefined : choice === "one" ? { tool: first.name } : choice,
      maxOutputTokens,
      temperature,
    };
  });

/** A request that asks for nothing. */
export const NOTHING_ASKED: Ask = {
  stream: false,
  system: [],
  turns: [],
  tools: [],
  toolChoice: undefined,
  allowedTools: undefined,
  parallelCalls: undefined,
  maxOutputTokens: undefined,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  stop: undefined,
  seed: undefined,
  presencePenalty: undefined,
  frequencyPenalty: undefined,
  format: undefined,
  thinking: undefined,
  verbosity: undefined,
  serviceTier: undefined,
  endUser: undefined,
  metadata: undefined,
  promptCacheKey: undefined,
  asked: [],
};

const USAGE: Usage = {
  input_tokens: 20,
  cached_input_tokens: 4,
  cache_write_tokens: null,
  cache_write_1h_tokens: null,
  output_tokens: 10,
  reasoning_tokens: null,
};

const piecesOf = (part: string): fc.Arbitrary<readonly string[]> =>
  fc.array(words, { minLength: 1, maxLength: 4 }).map((each) => (part === "" ? [] : each));

/** The events of a random answer: thoughts, words and calls, whole. */
export const answerEvents: fc.Arbitrary<readonly AnswerEvent[]> = fc
  .record({
    thought: fc.option(piecesOf("thought"), { nil: undefined }),
    said: fc.option(piecesOf("text"), { nil: undefined }),
    calls: fc.array(fc.record({ name, args: json, cuts: fc.integer({ min: 0, max: 6 }) }), { maxLength: 3 }),
    reason: fc.constantFrom("stop" as const, "length" as const, "filtered" as const),
    told: fc.boolean(),
  })
  .map(({ thought, said, calls, reason, told }) => {
    const speaks = said ?? (calls.length === 0 ? ["Hello."] : []);
    const events: AnswerEvent[] = [{ kind: "begin", id: "answer_1", model: "served-model" }];
    for (const piece of thought ?? []) events.push({ kind: "thought", part: "thought", text: piece });
    if (thought !== undefined) events.push({ kind: "close", part: "thought" });
    for (const piece of speaks) events.push({ kind: "text", part: "text", text: piece });
    if (speaks.length > 0) events.push({ kind: "close", part: "text" });
    for (const [index, call] of calls.entries()) {
      const args = JSON.stringify(call.args);
      const part = `call:${index}`;
      events.push({ kind: "call", part, id: `call_${index}`, name: call.name, seal: undefined });
      for (const piece of [args.slice(0, call.cuts), args.slice(call.cuts)]) events.push({ kind: "arguments", part, text: piece });
      events.push({ kind: "close", part });
    }
    const isCalling = calls.length > 0 && reason === "stop";
    events.push({ kind: "finish", reason: isCalling ? "calls" : reason, word: reason });
    if (told) events.push({ kind: "usage", usage: { counters: { told: 1 }, reader: { pick: () => ({}), usageOf: () => USAGE } } });
    return events;
  });
