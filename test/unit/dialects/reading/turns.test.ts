import { expect, test } from "vitest";
import { Asked } from "../../../../src/dialects/reading/asked.ts";
import { Turns } from "../../../../src/dialects/reading/turns.ts";
import type { CallPart, ResultPart, TextPart } from "../../../../src/dialects/conversation.ts";

const text = (said: string): TextPart => ({ kind: "text", text: said });
const call = (id: string): CallPart => ({ kind: "call", id, name: "f", args: "{}", seal: undefined });
const result = (callId: string, said = "ok"): ResultPart => ({ kind: "result", callId, parts: [text(said)], failed: false });

/** What the turns are of what is said in each message, and what is wrong or asked for. */
function read(...messages: readonly ((turns: Turns, param: string) => void)[]): ReturnType<Turns["finish"]> & { readonly asked: Asked } {
  const asked = new Asked();
  const turns = new Turns(asked);
  for (const [index, say] of messages.entries()) {
    turns.enter(`m.${index}`);
    say(turns, `m.${index}`);
  }
  return { ...turns.finish("m"), asked };
}

const user = (said: string) => (turns: Turns) => turns.say("user", text(said));
const calls = (id: string) => (turns: Turns, param: string) => turns.call(call(id), param);
const gives = (id: string, said?: string) => (turns: Turns, param: string) => turns.result(result(id, said), param);
const system = (said: string) => (turns: Turns) => turns.system(said);

test("a result that comes late stands in the turn behind its call", () => {
  const { turns, asked } = read(user("a"), calls("1"), user("b"), calls("2"), gives("2"), gives("1"));
  expect(asked.fault).toBeUndefined();
  expect(turns.map(({ parts }) => parts)).toEqual([[text("a")], [call("1")], [result("1"), text("b")], [call("2")], [result("2")]]);
});

test("an id that is given anew is that of the last call which has it", () => {
  const { turns, asked } = read(user("a"), calls("1"), gives("1", "x"), calls("1"), gives("1", "y"));
  expect(asked.fault).toBeUndefined();
  expect(turns.map(({ parts }) => parts)).toEqual([[text("a")], [call("1")], [result("1", "x")], [call("1")], [result("1", "y")]]);
});

test("two calls of one turn with one id are a fault", () => {
  expect(read(user("a"), calls("1"), calls("1"), gives("1")).asked.fault).toEqual({
    param: "m.2",
    message: "m.2 is another call with the id 1; each has its own",
  });
});

test("what the system says in the middle of a turn stands before it, and behind results; each of its messages is told once", () => {
  const twice = (turns: Turns): void => {
    turns.system("s");
    turns.system("t");
  };
  const { system: said, asked } = read(user("a"), calls("1"), twice, gives("1"), system("u"), user("b"));
  expect(said).toEqual(["s", "t", "u"].map((word) => ({ text: word, afterTurns: 3 })));
  expect(asked.features.map(({ param }) => param)).toEqual(["m.2", "m.4"]);
});
