import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { requireRoutesFile } from "../../../../src/cli/routes-file.ts";
import { openToAll } from "../../../../src/cli/wrangler/open-to-all.ts";
import { formatProblem } from "../../../../src/config/file/problem.ts";
import { TWO_PROVIDERS } from "../compiled-file.ts";

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "to11-"));
});

/** What is told of a routes.toml beside a wrangler.toml; `undefined`: there is none. */
async function told(routes: string, wrangler: string | undefined): Promise<readonly string[]> {
  const [file, wranglerFile] = [join(directory, "routes.toml"), join(directory, wrangler === undefined ? "none.toml" : "wrangler.toml")];
  await writeFile(file, routes);
  if (wrangler !== undefined) await writeFile(wranglerFile, wrangler);
  const problems = await openToAll(await requireRoutesFile(file, { localDevelopment: false }), wranglerFile);
  return problems.map((problem) => formatProblem(problem, "routes.toml"));
}

const OPEN = TWO_PROVIDERS.replace('api_keys = ["env::TO11_API_KEY"]', "open = true");
const WARNING =
  'routes.toml:3:1 warning auth.open: with workers_dev = true in wrangler.toml, anyone on the internet who finds the Worker\'s workers.dev address may call this gateway and spend what is behind OPENAI_API_KEY, ANTHROPIC_API_KEY, OPENAI_SECOND_KEY; name a key, api_keys = ["env::TO11_API_KEY"], or set workers_dev = false and protect the address that is left';

test.each<[string, string, string | undefined, readonly string[]]>([
  ["open, on workers.dev", OPEN, "workers_dev = true\n", [WARNING]],
  ["open, on workers.dev beside a domain", OPEN, 'workers_dev = true\nroutes = ["gw.example.com/*"]\n', [WARNING]],
  ["open, on workers.dev by default", OPEN, 'name = "to11"\n', [WARNING]],
  ["open, behind a domain", OPEN, 'routes = ["gw.example.com/*"]\n', []],
  ["open, not on workers.dev", OPEN, "workers_dev = false\n", []],
  ["open, with a wrangler.toml that is none", OPEN, "workers_dev = \n", []],
  ["open, without a wrangler.toml", OPEN, undefined, []],
  ["with keys, on workers.dev", TWO_PROVIDERS, "workers_dev = true\n", []],
])("a gateway that is %s", async (_what, routes, wrangler, expected) => {
  expect(await told(routes, wrangler)).toEqual(expected);
});

test("that has no key of its own to spend says so by leaving it out", async () => {
  const routes = `[auth]\nopen = true\n[providers.openai]\nmodels = ["*"]\n`;
  expect((await told(routes, "workers_dev = true\n"))[0]).toContain("workers.dev address may call this gateway; name a key");
});
