import { describe, expect, test } from "vitest";
import { compile } from "../../src/config/compile.ts";
import { load } from "../../src/config/load.ts";
import { UPSTREAM_ENDPOINTS } from "../../src/endpoints/index.ts";
import { PROVIDER_TYPES } from "../../src/providers/index.ts";

test("ids are ids of routes.toml, each once, and none is a prefix of the gateway's own names", () => {
  for (const [id, type] of PROVIDER_TYPES) {
    expect(type.id).toBe(id);
    expect(id).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
    expect(["route", "function"]).not.toContain(id);
  }
});

describe.each([...PROVIDER_TYPES.values()])("the provider type $id", (type) => {
  test("has an https address without slash, query or fragment at its end, or an example of one", () => {
    const address = type.baseUrl ?? type.baseUrlExample ?? "";
    const url = new URL(address);
    expect(address.endsWith("/")).toBe(false);
    expect([url.search, url.hash, url.username]).toEqual(["", "", ""]);
    if (type.baseUrl !== undefined) expect(url.protocol).toBe("https:");
  });

  test("speaks at least one path, only paths that the gateway knows, none twice", () => {
    expect(type.speaks.length).toBeGreaterThan(0);
    expect([...UPSTREAM_ENDPOINTS.keys()]).toEqual(expect.arrayContaining([...type.speaks]));
    expect(new Set(type.speaks).size).toBe(type.speaks.length);
  });

  test("names its key's place and its headers in a form that `Headers` takes, in lower case", () => {
    for (const path of type.speaks) {
      const auth = type.auth(path);
      const headers = new Headers(type.headers(path));
      if (auth.place === "header") headers.set(auth.name, `${auth.prefix}key`);
      expect(Object.keys(type.headers(path))).toEqual(Object.keys(type.headers(path)).map((name) => name.toLowerCase()));
      if (auth.place === "header") expect(auth.name).toBe(auth.name.toLowerCase());
    }
  });

  test("is accepted by routes.toml, and every path it speaks becomes a call under its address", () => {
    const address = type.baseUrl === undefined ? `base_url = "https://upstream.example/v1"\n` : "";
    const result = compile(`[providers.p]\ntype = "${type.id}"\n${address}models = ["m"]\n`, { localDevelopment: false });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const provider = load(result.value.compiled, "v").providers.get("p");
    const native = [...(provider?.calls ?? [])].filter(([, { translation }]) => translation === undefined);
    expect(native.map(([path]) => path)).toEqual(type.speaks);
    for (const [path, call] of native) {
      expect(call.url).toBe(`${type.baseUrl ?? "https://upstream.example/v1"}${path.replace("/v1", "")}`);
      expect(call.auth).toEqual(type.auth(path));
    }
  });
});
