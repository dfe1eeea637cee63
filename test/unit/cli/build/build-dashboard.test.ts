import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildDashboard, type DashboardBuild } from "../../../../src/cli/build/build-dashboard.ts";

let directory: string;
let built: number;
let output: Record<string, string>;
let build: DashboardBuild;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "to11-"));
  built = 0;
  output = { "index.html": "one", "assets/one.js": "1", _headers: "/*" };
  await mkdir(join(directory, "src/pages"), { recursive: true });
  await mkdir(join(directory, "dist"));
  await writeFile(join(directory, "src/main.tsx"), "");
  await writeFile(join(directory, "src/pages/page.tsx"), "");
  await writeFile(join(directory, "dist/.assetsignore"), "kept");
  build = {
    inputs: [join(directory, "src"), join(directory, "no-such-file")],
    assets: join(directory, "dist"),
    stamp: join(directory, "stamp"),
    bundle: async (into) => {
      built += 1;
      for (const [file, text] of Object.entries(output)) {
        await mkdir(join(into, file, ".."), { recursive: true });
        await writeFile(join(into, file), text);
      }
    },
  };
});
afterEach(() => rm(directory, { recursive: true }));

const touch = (path: string): Promise<void> => utimes(join(directory, path), new Date(), new Date(Date.now() + 5_000));
const files = async (): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).filter((path) => path.startsWith("dist/")).toSorted((a, b) => a.localeCompare(b));

test("it is built once, and not again while nothing changes", async () => {
  await buildDashboard(build);
  await buildDashboard(build);
  expect(built).toBe(1);
  expect(await files()).toEqual(["dist/_headers", "dist/.assetsignore", "dist/assets", "dist/assets/one.js", "dist/index.html"]);
  expect(await readdir(directory)).toEqual(["dist", "src", "stamp"]);
});

test.each(["src/main.tsx", "src/pages/page.tsx", "src/pages"])("it is built anew once %s is newer", async (path) => {
  await buildDashboard(build);
  await touch(path);
  await buildDashboard(build);
  await buildDashboard(build);
  expect(built).toBe(2);
});

test("it is built anew where its page is gone", async () => {
  await buildDashboard(build);
  await rm(join(directory, "dist/index.html"));
  await buildDashboard(build);
  expect(built).toBe(2);
});

test("another build leaves what it has in common with the last untouched, and nothing else of it", async () => {
  await buildDashboard(build);
  const before = (await stat(join(directory, "dist/_headers"))).mtimeMs;
  output = { "index.html": "two", "assets/two.js": "2", _headers: "/*" };
  await touch("src/main.tsx");
  await buildDashboard(build);
  expect(await files()).toEqual(["dist/_headers", "dist/.assetsignore", "dist/assets", "dist/assets/two.js", "dist/index.html"]);
  expect((await stat(join(directory, "dist/_headers"))).mtimeMs).toBe(before);
});

test("a build that fails changes nothing, and is tried again", async () => {
  await buildDashboard(build);
  await touch("src/main.tsx");
  const broken = { ...build, bundle: () => Promise.reject(new Error("a syntax error")) };
  await expect(buildDashboard(broken)).rejects.toThrow("a syntax error");
  expect(await files()).toContain("dist/assets/one.js");
  await buildDashboard(build);
  expect(built).toBe(2);
});

test("it is built once by two who come at once: the second waits for the first, and finds it done", async () => {
  const started = Promise.withResolvers<undefined>();
  const go = Promise.withResolvers<undefined>();
  const slow: DashboardBuild = {
    ...build,
    bundle: async (into) => {
      started.resolve(undefined);
      await go.promise;
      await build.bundle(into);
    },
  };
  const first = buildDashboard(slow);
  await started.promise;
  // What a process leaves behind while it builds; another one sees that it runs.
  const second = buildDashboard(slow);
  go.resolve(undefined);
  await Promise.all([first, second]);
  expect(built).toBe(1);
  expect(await readdir(directory)).toEqual(["dist", "src", "stamp"]);
});

test("what a killed build left behind is in nobody's way", async () => {
  await writeFile(`${build.stamp}.pid`, "999999999");
  await buildDashboard(build);
  expect(built).toBe(1);
});
