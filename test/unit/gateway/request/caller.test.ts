import { expect, test, vi } from "vitest";
import { Caller } from "../../../../src/gateway/request/caller.ts";

test("everybody who waits for the caller's leaving hears of it, once", () => {
  const caller = new Caller();
  const [first, second] = [vi.fn(), vi.fn()];
  caller.whenGone(first);
  caller.whenGone(second);
  expect(caller.gone).toBe(false);
  caller.leave();
  caller.leave();
  expect(caller.gone).toBe(true);
  expect([first, second].map((callback) => callback.mock.calls.length)).toEqual([1, 1]);
});

test("who took it back does not, not even during the leaving", () => {
  const caller = new Caller();
  const [early, late] = [vi.fn(), vi.fn()];
  caller.whenGone(early)();
  caller.whenGone(() => forgetLate());
  const forgetLate = caller.whenGone(late);
  caller.leave();
  expect(early).not.toHaveBeenCalled();
  expect(late).not.toHaveBeenCalled();
});
