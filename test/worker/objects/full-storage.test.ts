import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pointerKey, readPointer } from "../../../src/platform/config/config-keys.ts";
import type { ConfigRegistry } from "../../../src/platform/config/config-registry.ts";
import type { PublishResult } from "../../../src/web/api/services.ts";
import { version as bundledVersion } from "./bundled-config.ts";
import { newIsolate, refusedBy, toml } from "./calls.ts";
import { edited } from "./routes.ts";

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

function registry(): DurableObjectStub<ConfigRegistry> {
  return env.CONFIG_REGISTRY.getByName("default");
}

async function publish(text: string): Promise<PublishResult> {
  return registry().publish({ project: "default", toml: text, ifMatch: "*", author: "ada" });
}

async function published(text: string): Promise<string> {
  const result = await publish(text);
  if (result.kind !== "published") throw new Error(JSON.stringify(result));
  return result.version;
}

async function servedByKv(): Promise<string | undefined> {
  const pointer = await env.CONFIG.get(pointerKey("default"));
  return pointer === null ? undefined : readPointer(pointer)?.version;
}

/** Runs SQL in the registry's own storage. */
function sql(statement: string): Promise<void> {
  return runInDurableObject(registry(), (_instance: ConfigRegistry, state) => void state.storage.sql.exec(statement));
}

const FULL = "CREATE TRIGGER full BEFORE INSERT ON publication BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";

describe("a storage that is full", () => {
  test("publishes nothing and says so; what served before serves on, and once there is room it goes on", async () => {
    const version = await published(edited("1"));
    await sql(FULL);
    const result = await publish(edited("2"));
    expect(result).toEqual({ kind: "not_stored", reason: expect.stringContaining("database or disk is full") as string });
    expect(await registry().rollback({ project: "default", version: bundledVersion, ifMatch: "*", author: null })).toMatchObject({ kind: "not_stored" }); // prettier-ignore
    expect(await registry().current("default")).toMatchObject({ version, toml: edited("1") });
    expect(await servedByKv()).toBe(version);
    expect(await registry().versions(10)).toHaveLength(1);
    // Not half of it either.
    await runInDurableObject(registry(), (_instance: ConfigRegistry, state) => {
      expect(state.storage.sql.exec("SELECT count(*) AS documents FROM document").one()).toEqual({ documents: 1 });
    });
    await sql("DROP TRIGGER full");
    expect(await servedByKv()).toBe(version);
    expect((await registry().current("default"))?.version).toBe(version);
    const next = await published(edited("2"));
    expect(await servedByKv()).toBe(next);
  });

  test("at the very first publication, too", async () => {
    await sql("CREATE TABLE document (in_the_way)");
    expect(await publish(edited("1"))).toMatchObject({ kind: "not_stored" });
    expect(await registry().current("default")).toMatchObject({ source: "bundled", version: bundledVersion });
    await sql("DROP TABLE document");
    const version = await published(edited("1"));
    expect((await registry().current("default"))?.version).toBe(version);
  });

  test("is told by the control API, with a code of its own", async () => {
    await published(edited("1"));
    await sql(FULL);
    expect(await refusedBy(newIsolate(), "/api/config", toml(edited("2"), "*"))).toMatchObject({
      status: 503,
      code: "storage_failed",
      message: expect.stringMatching(
        /^Not published: it could not be stored \(database or disk is full.*\)\. What served before serves on\.$/,
      ) as string,
    });
  });

  test("a registry that fails in the middle leaves it open, and the control API says where to look", async () => {
    await published(edited("1"));
    const isolate = newIsolate();
    const publish = (): Promise<never> => Promise.reject(new Error("internal error; reference = 1"));
    vi.spyOn(isolate.CONFIG_REGISTRY, "getByName").mockReturnValue(Object.create(null, { publish: { value: publish } }));
    expect(await refusedBy(isolate, "/api/config", toml(edited("2"), "*"))).toMatchObject({
      status: 503,
      code: "storage_failed",
      message:
        "The project's registry failed before it had answered: internal error; reference = 1. Whether anything was published, GET /api/config tells.",
    });
  });
});
