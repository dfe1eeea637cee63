import { expect, test } from "vitest";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { type Live, withArrivals } from "../../../src/dashboard/pages/traces/live.ts";

const NOTHING: Live = { state: "open", traces: [], arrived: 0, left: 0, perSecond: 0 };

/** Traces with these numbers as ids, in the order they came. */
const traces = (from: number, count: number): TraceRecord[] =>
  Array.from({ length: count }, (_, index) => ({ id: String(from + index) }) as TraceRecord);

test("shows all that came where they are few, newest first", () => {
  const live = withArrivals(withArrivals(NOTHING, { traces: traces(1, 2), dropped: 0 }), { traces: traces(3, 1), dropped: 0 });
  expect(live.traces.map(({ id }) => id)).toEqual(["3", "2", "1"]);
  expect(live).toMatchObject({ arrived: 3, left: 0, perSecond: 2 });
});

test("shows the newest few of 200 a second, and counts the rest", () => {
  const live = withArrivals(NOTHING, { traces: traces(1, 100), dropped: 0 });
  expect(live.traces.map(({ id }) => id)).toEqual(["100", "99", "98", "97", "96"]);
  expect(live).toMatchObject({ arrived: 100, left: 95, perSecond: 200 });
});

test("counts what the gateway left out as well", () => {
  expect(withArrivals(NOTHING, { traces: traces(1, 1), dropped: 40 })).toMatchObject({ arrived: 41, left: 40, perSecond: 82 });
});

test("keeps 200 rows, however long it is watched", () => {
  let live = NOTHING;
  for (let at = 0; at < 100; at += 1) live = withArrivals(live, { traces: traces(at * 5, 5), dropped: 0 });
  expect(live.traces).toHaveLength(200);
  expect(live.traces[0]?.id).toBe("499");
});

test("does not redraw while nothing comes", () => {
  const idle = withArrivals(NOTHING, { traces: [], dropped: 0 });
  expect(idle).toBe(NOTHING);
});
