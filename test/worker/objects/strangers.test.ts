import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Env } from "../../../src/platform/env.ts";
import { call, newIsolate, readFrom, toml } from "./calls.ts";
import { publishedSchema } from "../../../src/web/api/contract.ts";
import { edited } from "./routes.ts";

const GATEWAY_KEY = "to11_key-of-the-default-project-000000000000001";
const TEAM_KEY = "to11_key-of-the-team-project-000000000000000002";
const NOBODYS_KEY = "to11_key-that-no-secret-of-the-worker-has-00003";

/** What KV was asked for: `list`, or `get` and a key. */
let asked: string[];
let isolate: Env;

beforeEach(async () => {
  asked = [];
  const counting = new Proxy(env.CONFIG, {
    get(namespace, name) {
      const value: unknown = Reflect.get(namespace, name);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]): unknown => {
        asked.push([name, ...(name === "get" ? parameters.slice(0, 1) : [])].join(" "));
        return Reflect.apply(value, namespace, parameters);
      };
    },
  });
  isolate = { ...newIsolate({ TO11_API_KEY: GATEWAY_KEY, TEAM_KEY }), CONFIG: counting };
  const team = edited("1", { project: "team" }).replace("TO11_API_KEY", "TEAM_KEY");
  await readFrom(isolate, publishedSchema, "/api/config?project=team", toml(team, "none"));
  isolate = { ...isolate };
  asked = [];
});
afterEach(reset);

async function told(headers: Readonly<Record<string, string>>, method = "GET"): Promise<readonly [number, string]> {
  const response = await call(isolate, "/v1/models", { key: null, method, headers });
  return [response.status, await response.text()];
}

const of = (project: string): { readonly "x-to11-project-id": string } => ({ "x-to11-project-id": project });
const key = (value: string): { readonly authorization: string } => ({ authorization: `Bearer ${value}` });
const PAGE = { origin: "https://page.example.com" };

test("nobody without a key makes KV be asked for what they name, nor learns which projects there are", async () => {
  expect((await told(key(GATEWAY_KEY)))[0]).toBe(200);
  asked = [];
  const keyless: (readonly [number, string])[] = [];
  for (const project of ["team", "made-up", "default", ...Array.from({ length: 50 }, (_, at) => `made-up-${at}`)]) {
    keyless.push(await told(of(project)));
    expect((await told({ ...of(project), ...key(NOBODYS_KEY) }))[0]).toBe(401);
    expect((await told({ ...of(project), ...PAGE }))[0]).toBe(401);
    expect((await told({ ...of(project), ...PAGE, "access-control-request-method": "POST" }, "OPTIONS"))[0]).toBe(204);
  }
  expect(asked).toEqual(["list"]);
  expect(new Set(keyless.map((each) => JSON.stringify(each)))).toEqual(new Set([JSON.stringify(keyless[0])]));
  expect(keyless[0]?.[0]).toBe(401);
});

test("a key opens the projects that name it; that there is no such project hears who has a key of the default one", async () => {
  expect((await told({ ...of("team"), ...key(TEAM_KEY) }))[0]).toBe(200);
  expect((await told({ ...of("team"), ...key(GATEWAY_KEY) }))[0]).toBe(401);
  expect((await told({ ...of("made-up"), ...key(TEAM_KEY) }))[0]).toBe(401);
  expect(await told({ ...of("made-up"), ...key(GATEWAY_KEY) })).toEqual([404, expect.stringContaining("unknown_project")]);
});

test("a project that is published open lets anyone in, also in an isolate that never heard of it", async () => {
  const open = edited("2", { project: "anyone" }).replace('api_keys = ["env::TO11_API_KEY"]', "open = true");
  await readFrom(isolate, publishedSchema, "/api/config?project=anyone", toml(open, "none"));
  isolate = { ...isolate };
  asked = [];
  expect((await told(of("anyone")))[0]).toBe(200);
  expect((await told({ ...of("anyone"), ...key(NOBODYS_KEY) }))[0]).toBe(200);
  expect(asked).toEqual(["list", "get pointer:anyone", expect.stringMatching(/^get config:anyone:/)]);
});
