import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { documentOf, plant } from "../support/kv-config.ts";
import { chat } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";

let upstream: Simulator;
/** An address that the deployed file does not name. */
let elsewhere: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  [upstream, elsewhere] = await Promise.all([startSimulator({ tokenDelayMs: 0 }), startSimulator({ tokenDelayMs: 0 })]);
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ["gpt-4o"]
[providers.own]
base_url = "${upstream.baseUrl("own")}"
models = ["own-model"]
credential = "env::OWN_KEY"
query = { sig = "env::QUERY_SECRET" }
[targets.by-target]
model = "own-model"
credential = "env::TARGET_KEY"
`,
    bindings: {
      // Lets http addresses of this machine be published; the gateway is closed all the same, for its key is set.
      TO11_DEV: "127.0.0.1",
      OPENAI_API_KEY: "stored-openai",
      OWN_KEY: "stored-own",
      TARGET_KEY: "stored-target",
      QUERY_SECRET: "stored-query",
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([upstream.close(), elsewhere.close()]);
});
beforeEach(() => {
  upstream.reset();
  elsewhere.reset();
});

describe("secrets go only where the deploy said", () => {
  const thief = (provider: string, target = ""): string => `
[project]
id = "thief"
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.new]
base_url = "${elsewhere.baseUrl("new")}"
models = ["any"]
${provider}
[targets.only]
model = "any"
${target}
`;
  const THEFTS: readonly (readonly [string, string, string, string])[] = [
    ["a provider's credential", 'credential = "env::OPENAI_API_KEY"', "", "OPENAI_API_KEY"],
    ["a target's credential", "", 'credential = "env::TARGET_KEY"', "TARGET_KEY"],
    ["a header", 'auth_type = "none"\nheaders = { x = "env::OWN_KEY" }', "", "OWN_KEY"],
    ["a query parameter", 'auth_type = "none"\nquery = { x = "env::QUERY_SECRET" }', "", "QUERY_SECRET"],
  ];

  /** A file that sends secrets where they belong, but not as they do. */
  const misplaced = (provider: string, target = ""): string => thief(provider, target).replace(elsewhere.url, upstream.url);
  const MISPLACED = [
    {
      what: "a provider's credential in another header",
      toml: () => misplaced('auth_header_name = "x-log"\ncredential = "env::OPENAI_API_KEY"'),
      told: ["OPENAI_API_KEY", "the header x-log"],
    },
    {
      what: "a provider's credential in the query",
      toml: () => misplaced('auth_type = "query_param"\ncredential = "env::OWN_KEY"'),
      told: ["OWN_KEY", "the query parameter key"],
    },
    {
      what: "a target's credential in another header",
      toml: () => misplaced('auth_header_name = "x-log"', 'credential = "env::TARGET_KEY"'),
      told: ["TARGET_KEY", "the header x-log"],
    },
    {
      what: "a credential as a further header",
      toml: () => misplaced('auth_type = "none"\nheaders = { x-log = "env::OPENAI_API_KEY" }'),
      told: ["OPENAI_API_KEY", "the header x-log"],
    },
    {
      what: "a credential in the query",
      toml: () => misplaced('auth_type = "none"\nquery = { q = "env::OPENAI_API_KEY" }'),
      told: ["OPENAI_API_KEY", "the query parameter q"],
    },
    {
      what: "a query parameter in a header",
      toml: () => misplaced('auth_type = "none"\nheaders = { sig = "env::QUERY_SECRET" }'),
      told: ["QUERY_SECRET", "the header sig"],
    },
  ];

  it.each(MISPLACED)("$what cannot be published, and the reason is told", async ({ toml, told: [secret, place] }) => {
    const headers = { "content-type": "application/toml", "if-match": "none" };
    const response = await gateway.api("/api/config?project=thief", { method: "PUT", headers, body: toml() });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { problems: { message: string }[] } };
    expect(error.problems.map(({ message }) => message).join("\n")).toContain(
      `would send env::${secret} to ${new URL(upstream.url).origin} in ${place}; the deployed routes.toml sends it in`,
    );
  });

  it.each(MISPLACED)("$what is not sent even where KV was written by hand", async ({ what, toml, told: [secret, place] }) => {
    const project = what.replaceAll(/[^a-z]+/g, "-");
    await plant(gateway, project, documentOf(toml().replace('"thief"', `"${project}"`)));
    const response = await gateway.post(CHAT, chat("route::only"), { "x-to11-project-id": project });
    expect(response.status).toBe(500);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toContain(`the secret ${secret} may not be sent to ${new URL(upstream.url).origin} in ${place}`);
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each(THEFTS)("%s for a new address cannot be published, and the reason is told", async (_name, provider, target, secret) => {
    const headers = { "content-type": "application/toml", "if-match": "none" };
    const response = await gateway.api("/api/config?project=thief", { method: "PUT", headers, body: thief(provider, target) });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; problems: { message: string }[] } };
    expect(error.code).toBe("invalid_config");
    const origin = new URL(elsewhere.url).origin;
    expect(error.problems.map(({ message }) => message).join("\n")).toContain(`would send env::${secret} to ${origin}`);
  });

  it.each(THEFTS)("%s for a new address is not sent even where KV was written by hand", async (_name, provider, target, secret) => {
    // Each its own project: an isolate looks at a new one at once.
    const project = `thief-${secret.toLowerCase().replaceAll("_", "-")}`;
    await plant(gateway, project, documentOf(thief(provider, target).replace('"thief"', `"${project}"`)));
    const response = await gateway.post(CHAT, chat("route::only"), { "x-to11-project-id": project });
    expect(response.status).toBe(500);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("config_error");
    expect(error.message).toContain(`the secret ${secret} may not be sent to ${new URL(elsewhere.url).origin}`);
    expect(elsewhere.calls()).toHaveLength(0);
  });

  it("a deployed pair may be used by a published file", async () => {
    const toml = `[project]\nid = "honest"\n[auth]\napi_keys = ["env::TO11_API_KEY"]\n[providers.renamed]\nbase_url = "${upstream.baseUrl("renamed")}"\nmodels = ["any"]\ncredential = "env::OPENAI_API_KEY"\n[targets.only]\nmodel = "any"\n`;
    const headers = { "content-type": "application/toml", "if-match": "none" };
    expect((await gateway.api("/api/config?project=honest", { method: "PUT", headers, body: toml })).status).toBe(200);
    expect((await gateway.post(CHAT, chat("route::only"), { "x-to11-project-id": "honest" })).status).toBe(200);
    expect(upstream.calls()[0]?.headers["authorization"]).toBe("Bearer stored-openai");
  });

  it.each(["TO11_API_KEY", "TO11_ADMIN_KEY"])("the gateway's own %s is sent to nobody, whatever stands in KV", async (secret) => {
    const project = `own-${secret.toLowerCase().replaceAll("_", "-")}`;
    const honest = thief('credential = "env::OPENAI_API_KEY"').replace('"thief"', `"${project}"`);
    await plant(gateway, project, documentOf(honest.replace(elsewhere.url, upstream.url)).replaceAll('"OPENAI_API_KEY"', `"${secret}"`));
    const response = await gateway.post(CHAT, chat("route::only"), { "x-to11-project-id": project });
    expect(response.status).toBe(500);
    expect([...upstream.calls(), ...elsewhere.calls()]).toHaveLength(0);
  });
});
