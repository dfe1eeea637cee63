import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayClient, NotAGateway } from "../../../../src/cli/control/gateway-client.ts";

const VERSION = "a".repeat(64);
const CONFIG = {
  project: "default",
  version: VERSION,
  source: "published",
  published_at: "2026-11-20T12:00:00.000Z",
  author: "ada",
  deployed_version: null,
  toml: "",
  warnings: [],
};

let closeServer = (): Promise<void> => Promise.resolve();

afterEach(() => closeServer());

/** A control API that answers each path with what `answers` holds, and keeps the requests. */
async function gateway(answers: Readonly<Record<string, { status?: number; body: unknown }>>) {
  const requests: { line: string; headers: IncomingMessage["headers"] }[] = [];
  const listening = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers });
    const answer = answers[line] ?? { status: 404, body: "<html>" };
    response.writeHead(answer.status ?? 200, {
      "content-type": "application/json",
      ...(answer.status === 302 ? { location: "http://127.0.0.1:1/" } : {}),
    });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  closeServer = () => new Promise((resolve) => listening.close(() => resolve()));
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, requests };
}

describe("the control API from the command line", () => {
  it("publishes over the version it was given, with the key as bearer and a label of who it was", async () => {
    const published = { project: "team", version: VERSION, published_at: "2026-11-20T12:00:00.000Z", distributed: true, warnings: [] };
    const { url, requests } = await gateway({ "PUT /api/config?project=team": { body: published } });
    const client = new GatewayClient({ url, project: "team", adminKey: "the-key" });
    expect(await client.publish("[project]", VERSION)).toEqual(published);
    expect(requests[0]?.headers).toMatchObject({
      authorization: "Bearer the-key",
      "content-type": "application/toml",
      "if-match": `"${VERSION}"`,
      "x-to11-author": expect.stringMatching(/^.+$/),
    });
  });

  it("says who was first when somebody else has published, and what to do", async () => {
    const { url } = await gateway({
      "PUT /api/config": { status: 412, body: { error: { message: "overtaken" } } },
      "GET /api/config": { body: CONFIG },
    });
    await expect(new GatewayClient({ url }).publish("", "b".repeat(64))).rejects.toThrow(
      /^ada published aaaaaaaa at 2026-11-20T12:00:00.000Z, after bbbbbbbb, .*"to11 diff"/,
    );
  });

  it("repeats what the gateway found wrong with the file, each with its line", async () => {
    const problems = [{ severity: "error", path: "routes.a", line: 3, column: 1, message: "is wrong" }];
    const { url } = await gateway({ "PUT /api/config": { status: 400, body: { error: { message: "Not published.", problems } } } });
    await expect(new GatewayClient({ url }).publish("", VERSION)).rejects.toThrow(
      "Not published.\nroutes.toml:3:1 error routes.a: is wrong",
    );
  });

  it("says which key opens a gateway that refuses", async () => {
    const { url } = await gateway({ "GET /api/config": { status: 401, body: { error: { message: "No." } } } });
    await expect(new GatewayClient({ url }).config()).rejects.toThrow("No. TO11_ADMIN_KEY");
  });

  it.each([
    { what: "a page", answer: { body: "<html>" } },
    { what: "another program's JSON", answer: { body: { hello: "world" } } },
    { what: "an error that is no gateway's", answer: { status: 502, body: "bad gateway" } },
    { what: "a redirect, which is not followed with the key", answer: { status: 302, body: "" } },
  ])("tells a gateway from $what", async ({ answer }) => {
    const { url, requests } = await gateway({ "GET /api/config": answer });
    await expect(new GatewayClient({ url, adminKey: "the-key" }).config()).rejects.toThrow(NotAGateway);
    expect(requests).toHaveLength(1);
  });

  it("says in one line that nobody answers", async () => {
    const { url } = await gateway({});
    await closeServer();
    await expect(new GatewayClient({ url }).config()).rejects.toThrow(
      /^No gateway answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. [^\n]*$/,
    );
  });
});
