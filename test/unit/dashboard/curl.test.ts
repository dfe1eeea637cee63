import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { curl, type ShellCall } from "../../../src/dashboard/curl.ts";
import { curlOf } from "../../../src/dashboard/pages/playground/request.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "to11-curl-"));
  // Tells its arguments, each ended by what no argument can hold.
  writeFileSync(join(directory, "curl"), '#!/bin/sh\nfor each in "$@"; do printf \'%s\\0\' "$each"; done\n');
  chmodSync(join(directory, "curl"), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What curl is called with where this is pasted into a shell. */
function pasted(command: string): readonly string[] {
  const env = { PATH: [directory, process.env["PATH"]].join(delimiter), TO11_API_KEY: "the-key" };
  return execFileSync("/bin/sh", ["-c", command], { env, encoding: "utf8", cwd: directory }).split("\0").slice(0, -1);
}

const CALL: ShellCall = { url: "http://localhost:4000/v1/chat/completions", headers: [], body: { model: "m" }, streams: false };
const TYPE = ["-H", "Content-Type: application/json"];

/** What means something to a shell, to curl, or ends a text in one of their ways. */
const HOSTILE = ["it's", "'", "''", "'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "$HOME", "\\", "\\'", '"', "-n", "--help", "@/etc/passwd", "!!", "#", "~", "*", "{a,b}", "a b", "a;b", "a|b", "a&b", ">x", "é 日本 🙂", "%0a"]; // prettier-ignore

describe("a call that is copied as curl is the call that was made:", () => {
  test("a plain one is plain to read", () => {
    expect(curl({ ...CALL, keyVariable: "TO11_API_KEY", streams: true })).toBe(
      [
        "curl -N http://localhost:4000/v1/chat/completions",
        "-H 'Content-Type: application/json'",
        '-H "x-to11-authorization: Bearer $TO11_API_KEY"',
        `-d '{"model":"m"}'`,
      ].join(" \\\n  "),
    );
  });

  test.each(HOSTILE)("%j in its address, headers and body", (text) => {
    const body = { model: text, [text]: [text] };
    const call = { ...CALL, url: `http://localhost:4000/${text}`, headers: [["x-to11-user-id", text]] as const, body };
    expect(pasted(curl(call))).toEqual([call.url, ...TYPE, "-H", `x-to11-user-id: ${text}`, "-d", JSON.stringify(body)]);
  });

  test("the key is the variable's value, and a name that is no variable's is not evaluated", () => {
    expect(pasted(curl({ ...CALL, keyVariable: "TO11_API_KEY" }))).toContain("x-to11-authorization: Bearer the-key");
    expect(pasted(curl({ ...CALL, keyVariable: "X$(touch pwned)" }))).toContain("x-to11-authorization: Bearer KEY");
  });

  test("a header that no header can be is left out", () => {
    const headers = ["a\r\nx-evil: 1", "a\nb", "\u001b[201~", "\u009b201~", "a\u202eb"].map((value) => ["x-to11-user-id", value] as const);
    expect(pasted(curl({ ...CALL, headers }))).toEqual([CALL.url, ...TYPE, "-d", '{"model":"m"}']);
  });

  test("whatever is asked, the body is that JSON, and no character of the command is unseen", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (user, project) => {
        const body = { model: user, messages: [{ role: "user" as const, content: user }] };
        const command = curlOf(body, { origin: "http://localhost:4000", project });
        expect(command).not.toMatch(/[\p{Cs}\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u);
        expect(JSON.parse(pasted(command).at(-1) ?? "")).toEqual(body);
      }),
      { numRuns: 25 },
    );
  });
});
