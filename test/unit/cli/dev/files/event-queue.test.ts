import { expect, it } from "vitest";
import { EventQueue } from "../../../../../src/cli/dev/files/event-queue.ts";

it("events come in order, each once while it waits, and wake who waits", async () => {
  const queue = new EventQueue<"a" | "b">();
  const first = queue.next();
  queue.push("b");
  expect(await first).toBe("b");
  queue.push("a");
  queue.push("b");
  queue.push("a");
  expect([await queue.next(), await queue.next()]).toEqual(["a", "b"]);
  const later = queue.next();
  queue.push("a");
  expect(await later).toBe("a");
});
