import { dirname } from "node:path";
import { expect, it } from "vitest";
import { childEnvironment } from "../../../../../src/cli/dev/process/child-environment.ts";
import { compiled, TWO_PROVIDERS } from "../../compiled-file.ts";

const settings = {
  compiled: compiled(TWO_PROVIDERS),
  variables: { OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "", TO11_API_KEY: "k", TO11_ADMIN_KEY: "admin", UNRELATED_TOKEN: "x" },
  plan: { simulated: new Set(["openai", "anthropic"]), rule: "demo", open: false },
  simulatorUrl: "http://127.0.0.1:5000",
  routesPath: "/here/routes.toml",
  bundleDirectory: "/state/bundle",
  bundledAtMs: 1_000,
  proof: "the-proof",
} as const;

it("gives the gateway the secrets that the file names and nothing else of the shell", () => {
  const environment = childEnvironment(settings, { HOME: "/home/me", PATH: "/bin", UNRELATED_TOKEN: "x", CLOUDFLARE_API_TOKEN: "t" });
  expect(environment).toMatchObject({
    OPENAI_API_KEY: "a",
    TO11_API_KEY: "k",
    TO11_ADMIN_KEY: "admin",
    HOME: "/home/me",
    PATH: `${dirname(process.execPath)}:/bin`,
    TO11_DEV: "127.0.0.1",
    TO11_DEV_PROOF: "the-proof",
    TO11_LOCAL: "1",
    TO11_ROUTES: "/here/routes.toml",
    TO11_DIST: "/state/bundle",
    TO11_BUNDLED: "1000",
    TO11_SIMULATOR: "http://127.0.0.1:5000",
    TO11_SIMULATE: "openai,anthropic",
  });
  for (const absent of ["UNRELATED_TOKEN", "CLOUDFLARE_API_TOKEN", "ANTHROPIC_API_KEY"]) expect(environment).not.toHaveProperty(absent);
});

it("says nothing of a simulator where none runs", () => {
  const environment = childEnvironment({ ...settings, simulatorUrl: null }, {});
  expect(Object.keys(environment).filter((name) => name.startsWith("TO11_SIM"))).toEqual([]);
});
