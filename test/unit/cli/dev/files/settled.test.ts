import { describe, expect, it } from "vitest";
import { SETTLE_MS, SETTLE_POLL_MS, settled } from "../../../../../src/cli/dev/files/settled.ts";

const OLD = "one two three";
const NEW = "one two three four";

/** Reads a file that changes as `at` says, by the time since the edit, ms; what has fewer than three words is not whole. Answers with what was taken, and when. */
async function taken(at: Readonly<Record<number, string>>): Promise<{ readonly content: string; readonly afterMs: number }> {
  let nowMs = 0;
  const content = await settled({
    read: () => {
      const times = Object.keys(at).map(Number);
      return Promise.resolve(at[Math.max(...times.filter((ms) => ms <= nowMs))] ?? "");
    },
    isWhole: (text) => text.split(" ").length >= OLD.split(" ").length,
    wait: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  });
  return { content, afterMs: nowMs };
}

describe("an edited file", () => {
  it("that is whole is taken at the second look", async () => {
    expect(await taken({ 0: NEW })).toEqual({ content: NEW, afterMs: SETTLE_POLL_MS });
  });

  it.each([
    { what: "empty", half: "" },
    { what: "half written", half: "one two" },
  ])("that is $what for a while is not taken until it is whole", async ({ half }) => {
    for (let untilMs = SETTLE_POLL_MS; untilMs < SETTLE_MS; untilMs += SETTLE_POLL_MS) {
      expect(await taken({ 0: half, [untilMs]: NEW })).toEqual({ content: NEW, afterMs: untilMs + SETTLE_POLL_MS });
    }
  });

  it("that goes from empty to half to whole is taken whole", async () => {
    expect((await taken({ 0: "", 700: "one", 1_400: "one two", 2_000: NEW })).content).toBe(NEW);
  });

  it("that is written to all the time, whole each time, is taken at the first pause", async () => {
    expect(await taken({ 0: OLD, 50: `${OLD} a`, 100: `${OLD} b`, 150: `${OLD} c` })).toEqual({ content: `${OLD} c`, afterMs: 200 });
  });

  it("that lost something for good is taken after a second", async () => {
    expect(await taken({ 0: "one" })).toEqual({ content: "one", afterMs: SETTLE_MS });
  });
});
