import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const SUBJECTS = Array.from({ length: 12 }, (_, index) => `subject-${index}`);

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const experiment = (name: string, settings: string): string => `
[routes.${name}]
strategy = "experiment"
${settings}
[routes.${name}.variants.plain]
model = "small"
weight = 50
[routes.${name}.variants.hot]
target = "large-hot"
weight = 50
temperature = 1.5
`;
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["small", "large"]
[targets.large-hot]
model = "large"
${experiment("drawn", "")}
${experiment("by-user", 'sticky_by = "user"')}
${experiment("by-session", 'sticky_by = "session"')}
${experiment("by-conversation", 'sticky_by = "conversation"')}
`,
    bindings: { A_API_KEY: "key-of-a" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

async function variantOf(asked: Promise<Response>): Promise<string | null> {
  const response = await asked;
  expect(response.status, await response.text()).toBe(200);
  return response.headers.get("x-gateway-variant");
}

describe("an experiment", () => {
  it("says which variant served, in the answer and in the trace, and sends its parameters", async () => {
    const response = await gateway.post(CHAT, chat("route::by-user"), { "x-to11-user-id": "subject-0" });
    const variant = response.headers.get("x-gateway-variant");
    const { model, temperature } = JSON.parse(upstream.calls()[0]?.body.toString() ?? "") as { model: string; temperature?: number };
    expect({ variant, model, temperature }).toEqual(
      variant === "hot"
        ? { variant: "hot", model: "large", temperature: 1.5 }
        : { variant: "plain", model: "small", temperature: undefined },
    );
    await response.text();
    expect(await gateway.traceOf(response)).toMatchObject({
      strategy: "experiment",
      variant,
      variant_weight: 50,
      target: variant === "hot" ? "large-hot" : "small",
      upstream_model: model,
      user_id: "subject-0",
    });
  });

  it("says which variant failed, so that its error rate counts", async () => {
    upstream.always("a", { headers: { "content-type": "text/html" }, body: "<html>" });
    const response = await gateway.post(CHAT, chat("route::by-user"), { "x-to11-user-id": "subject-0" });
    expect(response.status).toBe(502);
    const variant = response.headers.get("x-gateway-variant");
    expect(["plain", "hot"]).toContain(variant);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "failed", variant, variant_weight: 50, target: null });
  });

  it.each<[string, (subject: string) => Promise<Response>]>([
    ["user by its header", (subject) => gateway.post(CHAT, chat("route::by-user"), { "x-to11-user-id": subject })],
    ["user by the body", (subject) => gateway.post(CHAT, chat("route::by-user", { user: subject }))],
    ["session", (subject) => gateway.post(CHAT, chat("route::by-session"), { "x-to11-session-id": subject })],
    [
      "session by Claude Code's header",
      (subject) => gateway.post(CHAT, chat("route::by-session"), { "x-claude-code-session-id": subject }),
    ],
    ["session by the body", (subject) => gateway.post(CHAT, chat("route::by-session", { prompt_cache_key: subject }))],
    ["conversation", (subject) => gateway.post(CHAT, chat("route::by-conversation"), { "x-to11-conversation-id": subject })],
  ])("sticky by %s: the same subject gets the same variant, and both variants get subjects", async (_name, ask) => {
    const first = await Promise.all(SUBJECTS.map((subject) => variantOf(ask(subject))));
    const again = await Promise.all(SUBJECTS.toReversed().map((subject) => variantOf(ask(subject))));
    expect(again.toReversed()).toEqual(first);
    expect(new Set(first)).toEqual(new Set(["plain", "hot"]));
  });

  it("a user is the same one, whether header or body names it", async () => {
    const byHeader = SUBJECTS.map((subject) => variantOf(gateway.post(CHAT, chat("route::by-user"), { "x-to11-user-id": subject })));
    const byBody = SUBJECTS.map((subject) => variantOf(gateway.post(CHAT, chat("route::by-user", { user: subject }))));
    expect(await Promise.all(byHeader)).toEqual(await Promise.all(byBody));
  });

  it("two experiments split the same subjects differently", async () => {
    const headers = (subject: string): Record<string, string> => ({ "x-to11-user-id": subject, "x-to11-session-id": subject });
    const users = SUBJECTS.map((subject) => variantOf(gateway.post(CHAT, chat("route::by-user"), headers(subject))));
    const sessions = SUBJECTS.map((subject) => variantOf(gateway.post(CHAT, chat("route::by-session"), headers(subject))));
    expect(await Promise.all(users)).not.toEqual(await Promise.all(sessions));
  });

  it.each(["route::drawn", "route::by-user"])("%s without a subject draws each time", async (model) => {
    // All 40 the same: once in 2³⁹ runs.
    const drawn = await Promise.all(Array.from({ length: 40 }, () => variantOf(gateway.post(CHAT, chat(model)))));
    expect(new Set(drawn)).toEqual(new Set(["plain", "hot"]));
  });

  it("other routes name no variant", async () => {
    const response = await gateway.post(CHAT, chat("a::small"), { authorization: "Bearer sk-caller" });
    expect(response.headers.get("x-gateway-variant")).toBeNull();
  });
});
