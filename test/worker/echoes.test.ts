import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { rawCall } from "../support/raw-call.ts";
import { answering, chat, chunk, completion, event, JSON_HEADERS, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

// Upstreams, and what stands before them, that repeat in an error or a header what they were sent.

const CHAT = "/v1/chat/completions";

const STORED = 'stored/key+of="a"==';
const SIGNED = "signature-of-the-gateway";
const BASIC = `Basic ${btoa("gateway:password-of-the-gateway")}`;

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
headers = { x-signed = "env::SIGNED", x-basic = "env::BASIC" }
[targets.only]
model = "model-a"
[routes.managed]
targets = ["only"]
retry = { max_retries = 0 }
`,
    bindings: { A_API_KEY: STORED, SIGNED, BASIC },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const FORMS: readonly (readonly [string, string, string | RegExp])[] = [
  ["as it is", STORED, "[redacted]"],
  ["in JSON", JSON.stringify(STORED), '"[redacted]"'],
  ["in JSON with escaped slashes", JSON.stringify(STORED).replaceAll("/", "\\/"), '"[redacted]"'],
  ["in JSON in JSON", JSON.stringify(JSON.stringify(STORED)), '"\\"[redacted]\\""'],
  ["in a URL", encodeURIComponent(STORED), "[redacted]"],
  ["in base64", base64(STORED), /^\[redacted\]\w?=*$/],
  ["in base64url", Buffer.from(STORED).toString("base64url"), /^\[redacted\]\w?$/],
  ["as a password of Basic", `Basic ${base64(`ab:${STORED}`)}`, /^Basic YWI6\[redacted\]\w?=*$/],
  ["as another password of Basic", `Basic ${base64(`a:${STORED}`)}`, /^Basic YTp\[redacted\]\w?=*$/],
  ["as a name of Basic", `Basic ${base64(`${STORED}:`)}`, /^Basic \[redacted\]\w{0,4}=*$/],
  ["of a header", SIGNED, "[redacted]"],
  ["of Basic, whole", BASIC, "[redacted]"],
  ["of Basic, decoded", "gateway:password-of-the-gateway", "[redacted]"],
  ["of Basic, its password", "password-of-the-gateway", "[redacted]"],
  ["the gateway's", GATEWAY_KEY, "[redacted]"],
  ["the operator's", ADMIN_KEY, "[redacted]"],
];

/** `around` with an empty form is what stays. */
function expectRedacted(text: string, expected: string | RegExp, [before, after]: readonly [string, string]): void {
  expect(text.startsWith(before) && text.endsWith(after), text).toBe(true);
  const told = text.slice(before.length, text.length - after.length);
  if (typeof expected === "string") expect(told).toBe(expected);
  else expect(told).toMatch(expected);
}

describe("a secret in an upstream's error is taken out, and nothing else is", () => {
  it.each(FORMS)("%s", async (_name, form, expected) => {
    for (const status of [400, 404, 422, 429, 500, 503]) {
      upstream.always("a", { status, headers: { "content-type": "text/plain" }, body: `no: ${form}` });
      const response = await gateway.post(CHAT, chat("route::managed"));
      expect(response.status).toBe(status);
      expectRedacted(await response.text(), expected, ["no: ", ""]);
    }
  });

  it("in bytes of any encoding", async () => {
    const odd = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0xe2, 0x82]);
    const body = Buffer.concat([odd, Buffer.from(` ${SIGNED} `), odd]);
    upstream.always("a", { status: 404, headers: { "content-type": "application/octet-stream" }, body });
    const response = await gateway.post(CHAT, chat("route::managed"));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat([odd, Buffer.from(" [redacted] "), odd]));
  });

  it("at the cut of a body that is too long to keep", async () => {
    const filler = "x".repeat(1024 * 1024 - 20);
    upstream.always("a", { status: 404, headers: { "content-type": "text/plain" }, body: `${filler} ${SIGNED} and more` });
    const response = await gateway.post(CHAT, chat("route::managed"));
    expect(await response.text()).toBe(`${filler} [redacted]`);
  });

  it("in a 200 that is an error, whole, streamed, and at the cut of its message", async () => {
    const errors = [
      { headers: JSON_HEADERS, body: JSON.stringify({ error: { message: `no ${SIGNED}`, code: 503 } }) },
      { headers: STREAM_HEADERS, body: [ROLE, event({ error: { message: `no ${SIGNED}`, code: 503 } })] },
      { headers: STREAM_HEADERS, body: [event({ error: { message: `no ${"word ".repeat(397)}${SIGNED}`, code: 503 } })] },
    ];
    const told: string[] = [];
    for (const step of errors) {
      upstream.always("a", step);
      const response = await gateway.post(CHAT, chat("route::managed", { stream: true }));
      expect(response.status).toBe(503);
      told.push(((await response.json()) as { error: { message: string } }).error.message);
    }
    expect(told).toEqual(["no [redacted]", "no [redacted]", `no ${"word ".repeat(397)}`]);
  });

  it("on passthrough too: what the caller sent stays, what the gateway added does not", async () => {
    upstream.always("a", refusing(401, `wrong: sk-of-the-caller, ${SIGNED}`));
    const response = await gateway.post(CHAT, chat("a::model-a"), { authorization: "Bearer sk-of-the-caller" });
    expect(await response.json()).toMatchObject({ error: { message: "wrong: sk-of-the-caller, [redacted]" } });
  });

  it("where it ends a stream", async () => {
    const failure = event({ error: { message: `lost ${SIGNED}`, code: 500 } });
    upstream.always("a", { headers: STREAM_HEADERS, body: [ROLE, chunk({ content: "one" }), failure] });
    const text = await (await gateway.post(CHAT, chat("route::managed", { stream: true }))).text();
    expect(text).toContain("gave up in the middle of its answer: lost [redacted]");
    expect(text).not.toContain(SIGNED);
  });
});

describe("a secret in a response header is taken out", () => {
  const echoing = { "x-request-id": `req ${SIGNED}`, "x-ratelimit-key": base64(STORED), "openai-version": "2020-10-01" };

  it.each<[string, () => ReturnType<typeof answering>, number]>([
    ["of an answer", () => answering("ok", echoing), 200],
    ["of an error", () => refusing(404, "no", echoing), 404],
  ])("%s", async (_name, step, status) => {
    upstream.always("a", step());
    const response = await gateway.post(CHAT, chat("route::managed"));
    expect(response.status).toBe(status);
    expect(response.headers.get("x-request-id")).toBe("req [redacted]");
    expect(response.headers.get("x-ratelimit-key")).toMatch(/^\[redacted\]\w?=*$/);
    expect(response.headers.get("openai-version")).toBe("2020-10-01");
  });
});

it("an answer with content stays as it came, whatever it says", async () => {
  const said = `${STORED} ${SIGNED} ${GATEWAY_KEY}`;
  upstream.always("a", answering(said));
  expect(await (await gateway.post(CHAT, chat("route::managed"))).text()).toBe(completion(said));
  const events = [ROLE, chunk({ content: said }), chunk({}, "stop"), event("[DONE]")].join("");
  upstream.always("a", { headers: STREAM_HEADERS, body: events });
  expect(await (await gateway.post(CHAT, chat("route::managed", { stream: true }))).text()).toBe(events);
});

describe("a secret that a caller pasted", () => {
  const KEY = `to11_${"k".repeat(30)}`;

  it("is in no trace: labels, the body's user, the model, the path, an upstream's words", async () => {
    upstream.always("a", {
      headers: JSON_HEADERS,
      body: JSON.stringify({ ...(JSON.parse(completion("ok")) as object), model: `echo of ${SIGNED}` }),
    });
    const labels = {
      "x-to11-user-id": `user ${KEY}`,
      "x-to11-session-id": SIGNED,
      "x-to11-conversation-id": `${"c".repeat(250)}${KEY}`,
      "x-to11-env": KEY,
      "x-to11-metadata": JSON.stringify({ [KEY]: `value ${KEY}`, plain: "value" }),
    };
    const labelled = await gateway.post(CHAT, chat("route::managed"), labels);
    expect(await gateway.traceOf(labelled)).toMatchObject({
      user_id: "user [redacted]",
      session_id: "[redacted]",
      conversation_id: `${"c".repeat(250)}[redac`,
      environment: "[redacted]",
      metadata: { "[redacted]": "value [redacted]", plain: "value" },
      reported_model: "echo of [redacted]",
    });
    expect((await gateway.traceOf(await gateway.post(CHAT, chat("route::managed", { user: KEY })))).user_id).toBe("[redacted]");

    const passed = await gateway.post(CHAT, chat(`a::model-${KEY}`), { authorization: "Bearer sk-of-the-caller" });
    expect(passed.headers.get("x-to11-target")).toBe("model-[redacted]");
    expect(await gateway.traceOf(passed)).toMatchObject({
      requested_model: "a::model-[redacted]",
      target: "model-[redacted]",
      upstream_model: "model-[redacted]",
      attempts: [{ target: "model-[redacted]", model: "model-[redacted]" }],
    });

    const lost = await rawCall(`${gateway.url}/v1/${KEY}`, {
      method: "POST",
      headers: { authorization: `Bearer ${GATEWAY_KEY}` },
      body: "",
    });
    const traced = new Response(null, { headers: { "x-to11-request-id": String(lost.headers["x-to11-request-id"]) } });
    expect((await gateway.traceOf(traced)).path).toBe("/v1/[redacted]");
  });

  it("is not repeated in the gateway's own words", async () => {
    const response = await gateway.post(CHAT, chat(`nobody-${KEY}-${SIGNED}`));
    expect(response.status).toBe(404);
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain('knows "nobody-[redacted]" for chat');
  });
});
