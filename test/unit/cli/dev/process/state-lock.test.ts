import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockState } from "../../../../../src/cli/dev/process/state-lock.ts";

it("a state folder is one process's until it is given back", async () => {
  const directory = join(await mkdtemp(join(tmpdir(), "to11-")), "state");
  const unlock = lockState(directory);
  expect(() => lockState(directory)).toThrow(`Another "to11 dev" (process ${process.pid}) keeps its state in ${directory}`);
  unlock();
  expect(() => lockState(directory)()).not.toThrow();
});

it("what a process left behind that runs no more does not count", async () => {
  const directory = await mkdtemp(join(tmpdir(), "to11-"));
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  await writeFile(join(directory, "to11.pid"), String(child.pid));
  expect(() => lockState(directory)()).not.toThrow();
});
