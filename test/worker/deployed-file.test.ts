import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { documentVersion } from "../../src/config/document.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { documentOf } from "../support/kv-config.ts";

let persistTo: string;
let gateway: Gateway | undefined;

beforeEach(async () => {
  persistTo = await mkdtemp(join(tmpdir(), "to11-"));
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await rm(persistTo, { recursive: true, force: true });
});

const file = (edition: string): string =>
  `# ${edition}\n[auth]\napi_keys = ["env::TO11_API_KEY"]\n[providers.openai]\nmodels = ["gpt-4o"]\n[functions.ask]\nmodels = ["gpt-4o"]\n`;

const versionOf = (edition: string): Promise<string> => documentVersion(documentOf(file(edition)));

/** The Worker as `wrangler deploy` leaves it: the same KV and objects, another file. */
async function deploy(edition: string, builtAtMs: number): Promise<Gateway> {
  await gateway?.close();
  gateway = await startGateway({ toml: file(edition), bindings: { OPENAI_API_KEY: "key" }, builtAtMs, persistTo });
  return gateway;
}

async function publish(to: Gateway, edition: string): Promise<void> {
  const headers = { "content-type": "application/toml", "if-match": "*", "x-to11-author": "ada" };
  const response = await to.api("/api/config", { method: "PUT", headers, body: file(edition) });
  expect(response.status, await response.text()).toBe(200);
}

interface Serving {
  readonly version: string;
  readonly source: string;
  readonly published_at: string | null;
  readonly deployed_version: string | null;
}

/** What an isolate that has just begun serves. */
async function serving(at: Gateway): Promise<Serving> {
  const { config, problems } = (await (await at.api("/health")).json()) as { config: Serving; problems: string[] };
  expect(problems).toEqual([]);
  return config;
}

async function authors(at: Gateway): Promise<(string | null)[]> {
  const { versions } = (await (await at.api("/api/config/versions")).json()) as { versions: { author: string | null }[] };
  return versions.map(({ author }) => author);
}

describe("wrangler deploy alone", () => {
  it("serves the file that was deployed last: over an earlier publication, under a later one, and after a rollback not again", async () => {
    const first = await deploy("first", Date.now() - 10_000);
    expect(await serving(first)).toMatchObject({ version: await versionOf("first"), source: "bundled", published_at: null });
    await publish(first, "published");
    const published = await versionOf("published");

    // The same file again, built before the publication: an isolate that starts late.
    expect(await serving(await deploy("first", Date.now() - 10_000))).toMatchObject({ version: published, source: "published" });

    const builtAtMs = Date.now();
    const second = await deploy("second", builtAtMs);
    expect(await serving(second)).toMatchObject({ version: await versionOf("second"), source: "published" });
    expect(await authors(second)).toEqual(["deploy", "ada"]);

    const back = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ version: published }) };
    expect((await second.api("/api/config/rollback", back)).status).toBe(200);
    // Another isolate of the same deploy, and one of the deploy before.
    expect(await serving(await deploy("second", builtAtMs))).toMatchObject({ version: published });
    expect(await serving(await deploy("first", builtAtMs - 10_000))).toMatchObject({ version: published });
    const third = await deploy("third", Date.now());
    expect(await serving(third)).toMatchObject({ version: await versionOf("third") });
    expect(await authors(third)).toEqual(["deploy", null, "deploy", "ada"]);
  });

  it("does not go over what was published under it, where the clock that built it was ahead", async () => {
    const builtAtMs = Date.now() + 3_600_000;
    const ahead = await deploy("ahead", builtAtMs);
    await publish(ahead, "published");
    expect(await serving(ahead)).toMatchObject({ version: await versionOf("published") });
    expect(await serving(await deploy("ahead", builtAtMs))).toMatchObject({ version: await versionOf("published") });
  });

  it("says which version serves and since when, and that it is not the one deployed", async () => {
    const at = await deploy("first", Date.now() - 10_000);
    await publish(at, "published");
    const [published, deployed] = [await versionOf("published"), await versionOf("first")];
    const { published_at } = await serving(at);
    expect(Date.now() - Date.parse(published_at ?? "")).toBeLessThan(10_000);
    expect(await serving(at)).toEqual({
      project: "default",
      version: published,
      source: "published",
      published_at,
      deployed_version: deployed,
    });
    expect(await (await at.api("/api/config")).json()).toMatchObject({ version: published, published_at, deployed_version: deployed });
    expect(await (await at.api("/api/projects")).json()).toEqual({
      projects: [{ id: "default", version: published, source: "published", published_at }],
    });
  });
});
