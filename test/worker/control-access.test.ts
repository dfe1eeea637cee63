import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, rawCall, rawModels, rawPost, type RawResponse } from "../support/raw-call.ts";

const EVIL = "https://evil.example.com";

let deployed: Gateway;
/** Deployed with an admin key that is too short. */
let careless: Gateway;

beforeAll(async () => {
  const toml = '[auth]\napi_keys = ["env::TO11_API_KEY"]\n';
  [deployed, careless] = await Promise.all([
    startGateway({ toml }),
    startGateway({ toml, bindings: { TO11_ADMIN_KEY: "short-admin-key" } }),
  ]);
});

/** Each with a wrong key comes from elsewhere: nobody has to wait. */
let clients = 0;
function elsewhere(): { readonly "cf-connecting-ip": string } {
  clients += 1;
  return { "cf-connecting-ip": `192.0.2.${clients}` };
}

afterAll(() => Promise.all([deployed.close(), careless.close()]));

describe("the control API", () => {
  const PATHS = [
    "/api/traces",
    "/api/config",
    "/api/config/",
    "/api/config/versions",
    "/api/providers",
    "/api/credentials",
    "/api/projects",
  ];

  it.each(PATHS)("%s is closed without the admin key", async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${GATEWAY_KEY}` }, { authorization: `Bearer ${ADMIN_KEY}x` }, bearer(ADMIN_KEY)]) {
      expect((await rawCall(deployed.url + path, { headers: { ...elsewhere(), ...headers } })).status).toBe(401);
    }
    expect((await deployed.api(path)).status).toBe(200);
  });

  it("the API's description is closed too; a deploy without assets has none", async () => {
    expect((await rawCall(`${deployed.url}/api/openapi.json`)).status).toBe(401);
    expect((await deployed.api("/api/openapi.json")).status).toBe(404);
  });

  it("a path that does not exist tells nothing to strangers either", async () => {
    expect((await rawCall(`${deployed.url}/api/nothing`)).status).toBe(401);
    expect((await deployed.api("/api/nothing")).status).toBe(404);
  });

  it("an admin key under 32 characters opens nothing", async () => {
    const headers = { authorization: "Bearer short-admin-key" };
    expect((await rawCall(`${careless.url}/api/config`, { headers })).status).toBe(401);
    const signIn = await rawPost(`${careless.url}/api/session`, { key: "short-admin-key" });
    expect(signIn.status).toBe(401);
    expect(signIn.headers["set-cookie"]).toBeUndefined();
  });

  it("health tells what is wrong only to operators", async () => {
    expect(JSON.parse((await rawCall(`${deployed.url}/health`)).body.toString())).toEqual({ status: "ok", version: expect.any(String) });
    expect(await (await deployed.api("/health")).json()).toMatchObject({ problems: [], config: { source: "bundled" } });
  });

  it("a refusal without a trace has an id all the same", async () => {
    expect((await rawModels(deployed.url, {})).headers["x-to11-request-id"]).toMatch(/^untraced_[0-9a-f]{24}$/);
  });

  it("health counts the calls that were not let in; they leave no trace", async () => {
    const refused = async (): Promise<number> =>
      ((await (await deployed.api("/health")).json()) as { refused_calls: number }).refused_calls;
    const before = await refused();
    expect((await rawModels(deployed.url, {})).status).toBe(401);
    expect((await rawModels(deployed.url, bearer("to11_wrong-key-of-the-right-length-0001"))).status).toBe(401);
    expect(await refused()).toBe(before + 2);
  });

  it("signs in with the key, out again, and the cookie is a session of its own", async () => {
    const wrong = await rawPost(`${deployed.url}/api/session`, { key: `${ADMIN_KEY}x` });
    expect(wrong.status).toBe(401);
    const right = await rawPost(`${deployed.url}/api/session`, { key: ADMIN_KEY });
    expect(right.status).toBe(204);
    const [setCookie = ""] = right.headers["set-cookie"] ?? [];
    expect(setCookie).toMatch(
      /^__Host-to11_session=[0-9a-f]{64}\.[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const cookie = setCookie.slice(0, setCookie.indexOf(";"));
    const withCookie = (headers: Readonly<Record<string, string>> = {}): Promise<RawResponse> =>
      rawCall(`${deployed.url}/api/config`, { headers: { cookie, ...headers } });
    expect((await withCookie()).status).toBe(200);
    expect((await withCookie({ origin: EVIL })).status).toBe(403);
    expect((await withCookie({ authorization: "Bearer wrong" })).status, "a key that is sent must be right").toBe(401);
    expect((await rawModels(deployed.url, { cookie })).status, "an operator's session is no caller's key").toBe(401);
    expect((await rawCall(`${deployed.url}/api/session`, { method: "DELETE", headers: { cookie } })).status).toBe(204);
    expect((await withCookie()).status).toBe(401);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "a write sent as %s is refused: any page could send it unasked",
    async (type) => {
      const headers = { "content-type": type, "if-match": "*", authorization: `Bearer ${ADMIN_KEY}` };
      expect((await rawCall(`${deployed.url}/api/config`, { method: "PUT", headers, body: "[auth]\nopen = true\n" })).status).toBe(400);
      expect((await rawModels(deployed.url, {})).status).toBe(401);
    },
  );
});
