import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readVariables } from "../../../src/cli/variables.ts";

describe("variables", () => {
  it("come from the env file, the shell's environment over them", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "to11-")), ".dev.vars");
    await writeFile(path, 'A="from file"\nB=from file # remark\n');
    expect(await readVariables({ path, required: true }, { B: "from shell" })).toEqual({
      ok: true,
      value: { A: "from file", B: "from shell" },
    });
  });

  it("are the shell's alone where the usual file is not there, but a file that was named must be", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "to11-")), ".dev.vars");
    expect(await readVariables({ path, required: false }, { A: "1" })).toEqual({ ok: true, value: { A: "1" } });
    expect(await readVariables({ path, required: true }, {})).toEqual({ ok: false, error: `${path}: there is no such file` });
  });
});
