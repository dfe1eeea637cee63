import { describe, expect, test } from "vitest";
import { isTimeZone, windowAt } from "../../../../src/core/governance/calendar.ts";

const iso = ({ startMs, endMs }: { startMs: number; endMs: number }) => [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
const at = (text: string) => Date.parse(text);

describe("windowAt", () => {
  test.each([
    // B6: the clocks go back, the day has 25 hours.
    ["day", "2026-10-25T12:00:00Z", "Europe/Berlin", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    // They go forward, it has 23.
    ["day", "2026-03-29T12:00:00Z", "Europe/Berlin", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["week", "2026-11-22T23:30:00Z", "UTC", "2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"],
    ["week", "2026-11-23T00:00:00Z", "UTC", "2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    // B4: Berlin's November begins at 23:00 UTC.
    ["month", "2026-10-31T22:59:59Z", "Europe/Berlin", "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"],
    ["month", "2026-10-31T23:00:00Z", "Europe/Berlin", "2026-10-31T23:00:00.000Z", "2026-11-30T23:00:00.000Z"],
    // B5: January has 31 days, whenever it was spent.
    ["month", "2026-01-31T12:00:00Z", "UTC", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
    ["month", "2026-12-31T23:59:59Z", "UTC", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
    // A zone whose clocks leave midnight out: the day begins at one.
    ["day", "2018-11-04T12:00:00Z", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z", "2018-11-05T02:00:00.000Z"],
    ["day", "2026-06-01T20:00:00Z", "Asia/Kathmandu", "2026-06-01T18:15:00.000Z", "2026-06-02T18:15:00.000Z"],
  ] as const)("the %s of %s in %s is from %s to %s", (period, moment, zone, ...window) => {
    expect(iso(windowAt(period, at(moment), zone))).toEqual(window);
  });

  test("windows follow one another without a gap, a year long, in zones of both halves of the earth", () => {
    for (const zone of ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "UTC"]) {
      for (const period of ["day", "week", "month"] as const) {
        let window = windowAt(period, at("2026-01-01T12:00:00Z"), zone);
        while (window.endMs < at("2027-01-15T00:00:00Z")) {
          expect(windowAt(period, window.endMs - 1, zone)).toEqual(window);
          const next = windowAt(period, window.endMs, zone);
          expect(next.startMs).toBe(window.endMs);
          window = next;
        }
      }
    }
  });
});

test("isTimeZone knows the names of the time zone database and no others", () => {
  expect(["UTC", "Europe/Berlin", "Asia/Tokyo"].map(isTimeZone)).toEqual([true, true, true]);
  expect(["Berlin", "", "Mars/Olympus"].map(isTimeZone)).toEqual([false, false, false]);
});
