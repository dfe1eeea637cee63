import { describe, expect, it } from "vitest";
import { moment } from "../../../../src/cli/control/moment.ts";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");

describe("a point in time", () => {
  it.each([
    ["30s", "2026-11-20T11:59:30.000Z"],
    ["15m", "2026-11-20T11:45:00.000Z"],
    ["1h", "2026-11-20T11:00:00.000Z"],
    ["7d", "2026-11-13T12:00:00.000Z"],
    ["0s", "2026-11-20T12:00:00.000Z"],
    ["2026-11-01", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01T10:30:00Z", "2026-11-01T10:30:00.000Z"],
    ["2026-11-01T10:30:00.5+02:00", "2026-11-01T08:30:00.500Z"],
  ])("%s is %s", (text, time) => {
    expect(moment("--since", text, NOW)).toBe(time);
  });

  it.each(["yesterday", "1w", "h", "-1h", "1.5h", "", "2026-13-01", "11/20/2026", "99999999999999999d"])(
    "%j is none, and wrong usage",
    (text) => {
      expect(() => moment("--since", text, NOW)).toThrow(
        expect.objectContaining({ exitCode: 2, message: expect.stringContaining("--since") }),
      );
    },
  );
});
