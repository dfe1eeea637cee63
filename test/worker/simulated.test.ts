import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, refusing } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";

let upstream: Simulator;
let simulator: Simulator;
let gateway: Gateway;

/** Two providers at the scripted upstream: `real` has its key, `missing` has none and is simulated. */
function routesToml(): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.real]
base_url = "${upstream.baseUrl("real")}"
models = ["real-model", "real-passed"]
[providers.missing]
base_url = "${upstream.baseUrl("missing")}"
models = ["missing-model", "missing-passed"]
headers = { x-signed = "env::NOT_SET" }
[routes.both]
strategy = "fallback"
targets = ["first", "second"]
[targets.first]
model = "real-model"
[targets.second]
model = "missing-model"
[functions.simulated]
models = ["missing-model"]
[functions.called]
models = ["real-model"]
`;
}

beforeAll(async () => {
  [upstream, simulator] = await Promise.all([startSimulator({ tokenDelayMs: 0 }), startSimulator({ tokenDelayMs: 0 })]);
  gateway = await startGateway({
    toml: routesToml(),
    bindings: { REAL_API_KEY: "key-of-real", TO11_DEV: "127.0.0.1", TO11_SIMULATOR: simulator.url, TO11_SIMULATE: "missing" },
  });
});
afterAll(() => Promise.all([gateway.close(), upstream.close(), simulator.close()]));
beforeEach(() => {
  upstream.reset();
  simulator.reset();
});

/** Calls, and says whether the answer is said to be simulated. */
async function ask(
  model: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; simulated: string | null; text: string }> {
  const response = await gateway.post(CHAT, chat(model), headers);
  return { status: response.status, simulated: response.headers.get("x-to11-simulated"), text: await response.text() };
}

const callsOf = (at: Simulator): string[] => at.calls().map(({ path }) => path);

describe("beside a real provider, a simulated one", () => {
  it("is answered for by the simulator, the real one by itself", async () => {
    expect(await ask("function::called")).toMatchObject({ status: 200, simulated: null });
    expect([callsOf(upstream), callsOf(simulator)]).toEqual([["/v1/chat/completions"], []]);
    expect(upstream.calls()[0]?.headers["authorization"]).toBe("Bearer key-of-real");
    expect(await ask("function::simulated")).toMatchObject({ status: 200, simulated: "true" });
    expect([upstream.calls().length, callsOf(simulator)]).toEqual([1, ["/v1/chat/completions"]]);
  });

  it("takes over in a fallback, and the answer says so", async () => {
    upstream.always("real", refusing(503, "down"));
    expect(await ask("route::both")).toMatchObject({
      status: 200,
      simulated: "true",
      text: expect.stringContaining("missing-model of missing"),
    });
  });

  it.each(["missing::missing-passed", "missing-passed", "missing::unlisted"])(
    "never gets a caller's key, passed through as %s, and neither does the simulator",
    async (model) => {
      expect(await ask(model, { authorization: "Bearer sk-of-the-caller" })).toMatchObject({ status: 200, simulated: "true" });
      expect(upstream.calls()).toEqual([]);
      expect(JSON.stringify(simulator.calls().map(({ headers }) => headers))).not.toContain("sk-of-the-caller");
    },
  );

  it("is passed through without any key, where the real one asks for the caller's", async () => {
    expect(await ask("missing::missing-passed")).toMatchObject({ status: 200, simulated: "true" });
    expect(await ask("real-passed")).toMatchObject({ status: 401, simulated: null, text: expect.stringContaining("missing_provider_key") });
    expect(await ask("real-passed", { authorization: "Bearer sk-of-the-caller" })).toMatchObject({ status: 200, simulated: null });
    expect(upstream.calls("real")[0]?.headers["authorization"]).toBe("Bearer sk-of-the-caller");
  });

  it("is named to operators: health, providers, credentials, explain", async () => {
    const read = async (path: string, init?: RequestInit): Promise<unknown> => (await gateway.api(path, init)).json();
    expect(await read("/health")).toMatchObject({ status: "ok", problems: [], demo: false, simulated: ["missing"] });
    expect(await read("/api/providers")).toMatchObject({
      simulator: simulator.url,
      providers: [
        { id: "real", simulated: false },
        { id: "missing", simulated: true },
      ],
    });
    const { credentials } = (await read("/api/credentials")) as { credentials: { name: string; set: boolean; simulated: boolean }[] };
    expect(credentials.map(({ name, set, simulated }) => [name, set, simulated])).toEqual([
      ["TO11_API_KEY", true, false],
      ["REAL_API_KEY", true, false],
      ["MISSING_API_KEY", false, true],
      ["NOT_SET", false, true],
    ]);
    const body = JSON.stringify({ model: "route::both", path: CHAT });
    const explained = await read("/api/explain", { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(explained).toMatchObject({ candidates: [{ skipped: null }, { skipped: null }] });
  });
});
