import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { callAndStay } from "../support/leaving-caller.ts";
import { type OpenUpstream, startOpenUpstream } from "../support/open-upstream.ts";
import { bearer } from "../support/raw-call.ts";
import { type SocketUpstream, startSocketUpstream } from "../support/socket-upstream.ts";

const LIMIT_MS = 400;
const MEBIBYTE = 1024 * 1024;
/** What 90 of them may take to be sent on a busy machine. */
const SENT_MS = 30_000;

let upstream: OpenUpstream;
let sockets: SocketUpstream;
let gateway: Gateway;

const KEYS = { ...bearer(GATEWAY_KEY), authorization: "Bearer sk-caller" };

beforeAll(async () => {
  [upstream, sockets] = await Promise.all([startOpenUpstream(), startSocketUpstream()]);
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[limits]
max_body_bytes = 1000
max_upload_bytes = ${80 * MEBIBYTE}
[providers.a]
base_url = "${upstream.baseUrl}"
timeout_ms = ${LIMIT_MS}
idle_timeout_ms = ${LIMIT_MS}
[providers.b]
base_url = "${sockets.baseUrl}"
passthrough = "stored"
`,
    bindings: { B_API_KEY: "stored-b" },
  });
});
afterAll(async () => {
  await gateway?.close();
  await Promise.all([upstream?.close(), sockets?.close()]);
});
beforeEach(() => {
  upstream.serve = (request, response) => {
    request.resume();
    request.on("end", () => response.end("done"));
  };
});

/** An upload that is sent piece by piece. */
function upload(headers: Readonly<Record<string, string>> = {}) {
  const sent = httpRequest(`${gateway.url}/providers/a/files`, { method: "POST", headers: { ...KEYS, ...headers }, agent: false });
  const answered = new Promise<{ status: number; text: string; id: string }>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (response) => {
      let text = "";
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, text, id: String(response.headers["x-to11-request-id"]) });
    });
  });
  return { sent, answered };
}

function traceOf(id: string) {
  return gateway.traceOf(new Response(null, { headers: { "x-to11-request-id": id } }));
}

describe("a body", () => {
  it("goes on while it comes, with the length that was announced", async () => {
    const pieces: string[] = [];
    let length: string | undefined;
    upstream.serve = (request, response) => {
      length = request.headers["content-length"];
      request.on("data", (chunk) => pieces.push(String(chunk)));
      request.on("end", () => response.end("done"));
    };
    const { sent, answered } = upload({ "content-length": "10" });
    sent.write("first");
    await expect.poll(() => pieces).toEqual(["first"]);
    sent.end("later");
    expect(await answered).toMatchObject({ status: 200, text: "done" });
    expect([pieces, length]).toEqual([["first", "later"], "10"]);
  });

  it("of no known length goes on in chunks", async () => {
    let headers: Record<string, unknown> = {};
    upstream.serve = (request, response) => {
      headers = request.headers;
      request.resume();
      request.on("end", () => response.end("done"));
    };
    const { sent, answered } = upload();
    sent.write("first");
    sent.end("later");
    const { status, id } = await answered;
    expect([status, headers["transfer-encoding"], headers["content-length"]]).toEqual([200, "chunked", undefined]);
    expect((await traceOf(id)).request_bytes).toBe(10);
  });

  it("may be larger than all that an isolate holds", async () => {
    let bytes = 0;
    upstream.serve = (request, response) => {
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => response.end("done"));
    };
    const { sent, answered } = upload({ "content-length": String(80 * MEBIBYTE) });
    const piece = Buffer.alloc(MEBIBYTE, 1);
    for (let count = 0; count < 80; count += 1) if (!sent.write(piece)) await once(sent, "drain");
    sent.end();
    const { status, id } = await answered;
    expect([status, bytes]).toEqual([200, 80 * MEBIBYTE]);
    expect((await traceOf(id)).request_bytes).toBe(80 * MEBIBYTE);
  });

  it.each([
    ["announced", { "content-length": String(90 * MEBIBYTE) }],
    ["found out", {}],
  ])("larger than max_upload_bytes is refused: %s", async (_how, headers) => {
    const { sent, answered } = upload(headers);
    const piece = Buffer.alloc(MEBIBYTE, 1);
    const send = async (): Promise<void> => {
      for (let count = 0; count < 90; count += 1) if (!sent.write(piece)) await once(sent, "drain");
      sent.end();
    };
    const sending = send();
    const { status, text, id } = await answered;
    expect([status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([413, "payload_too_large"]);
    expect(await traceOf(id)).toMatchObject({ outcome: "rejected", error_code: "payload_too_large" });
    sent.destroy();
    await Promise.race([sending, sleep(50)]);
  });

  it("that an upstream does not wait for may still be sent: its answer is delivered", async () => {
    upstream.serve = (_request, response) => response.writeHead(403, { "content-type": "application/json" }).end('{"error":"no"}');
    const { sent, answered } = upload({ "content-length": String(8 * MEBIBYTE) });
    for (let count = 0; count < 8; count += 1) sent.write(Buffer.alloc(MEBIBYTE, 1));
    sent.end();
    expect(await answered).toMatchObject({ status: 403, text: '{"error":"no"}' });
  });

  it("of which nothing more comes is given up: 408", async () => {
    const { sent, answered } = upload({ "content-length": "10" });
    sent.write("first");
    const { status, text, id } = await answered;
    expect([status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([408, "request_timeout"]);
    expect(await traceOf(id)).toMatchObject({ outcome: "rejected", error_code: "request_timeout", attempts: [{ outcome: "cancelled" }] });
    sent.destroy();
  });

  it("that takes its time is not given up while it comes, and then its answer is waited for as long as any", async () => {
    const { sent, answered } = upload({ "content-length": "6" });
    for (const piece of ["1", "2", "3", "4", "5", "6"]) {
      await sleep(LIMIT_MS / 4);
      sent.write(piece);
    }
    sent.end();
    expect(await answered).toMatchObject({ status: 200, text: "done" });
  });

  it("of which an upstream takes nothing is given up: 504", async () => {
    upstream.serve = (request) => void request.pause();
    const { sent, answered } = upload({ "content-length": String(64 * MEBIBYTE) });
    for (let count = 0; count < 64; count += 1) sent.write(Buffer.alloc(MEBIBYTE, 1));
    const { status, text, id } = await answered;
    expect([status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([504, "upstream_timeout"]);
    expect(await traceOf(id)).toMatchObject({ outcome: "failed", attempts: [{ outcome: "timed_out", timeout: "idle" }] });
    sent.destroy();
  });

  it.each([
    ["its caller leaves", 1, (sent: ReturnType<typeof upload>["sent"]) => void sent.destroy()],
    ["it is too large", 90, () => undefined],
    ["nothing more comes", 1, () => undefined],
  ])("that breaks off is never taken for a whole one: %s", async (_why, mebibytes, breakOff) => {
    let seen: "nothing" | "a whole body" | "a broken body" = "nothing";
    let isHere = false;
    upstream.serve = (request, response) => {
      request.on("data", () => (isHere = true));
      request.on("end", () => (seen = "a whole body"));
      request.on("close", () => (seen = request.complete ? "a whole body" : "a broken body"));
      request.on("end", () => response.end("done"));
    };
    const { sent, answered } = upload();
    answered.catch(() => undefined);
    sent.on("drain", () => undefined);
    for (let count = 0; count < mebibytes; count += 1) sent.write(Buffer.alloc(MEBIBYTE, 1));
    await expect.poll(() => isHere).toBe(true);
    breakOff(sent);
    await expect.poll(() => seen, { timeout: SENT_MS }).toBe("a broken body");
    sent.destroy();
  });

  it("whose caller leaves takes the upstream's call with it", async () => {
    let isClosed = false;
    let isHere = false;
    upstream.serve = (request) => {
      isHere = true;
      request.on("close", () => (isClosed = true));
    };
    const call = { headers: { ...KEYS, "x-to11-session-id": "left" }, body: "first", announced: 10 };
    const caller = await callAndStay(`${gateway.url}/providers/a/files`, call);
    await expect.poll(() => isHere).toBe(true);
    caller.reset();
    await expect.poll(() => isClosed).toBe(true);
    expect(await gateway.traceOfSession("left")).toMatchObject({ outcome: "client_closed", status: 499 });
  });
});

describe("an answer", () => {
  const get = (): Promise<Response> => gateway.fetch("/providers/a/files/1/content", { headers: KEYS });

  it("goes on while it comes", async () => {
    let finish: () => void = () => undefined;
    upstream.serve = (_request, response) => {
      response.write("first");
      finish = () => response.end("later");
    };
    const response = await get();
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    finish();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("later");
    expect((await reader?.read())?.done).toBe(true);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", response_bytes: 10 });
  });

  it("that never begins is given up: 504", async () => {
    upstream.serve = () => undefined;
    const response = await get();
    expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([504, "upstream_timeout"]);
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "failed",
      attempts: [{ outcome: "timed_out", timeout: "first_content" }],
    });
  });

  it("that falls silent is cut, never ended cleanly", async () => {
    upstream.serve = (_request, response) => void response.write("first");
    const response = await get();
    await expect(response.text()).rejects.toThrow();
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated", error_code: "stream_truncated", response_bytes: 5 });
  });

  it("that is a refusal is told by its status, however its body breaks off", async () => {
    upstream.serve = (_request, response) => void response.writeHead(404, { "content-type": "text/plain" }).write("not fou");
    const response = await get();
    expect([response.status, await response.text()]).toEqual([404, "not fou"]);
  });

  it("on a connection that gives way at once is asked for once more", async () => {
    let calls = 0;
    upstream.serve = (request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else response.end("done");
    };
    const response = await get();
    expect([response.status, await response.text(), response.headers.get("x-to11-attempts")]).toEqual([200, "done", "2"]);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ outcome: "unreachable" }, { outcome: "answered" }]);
  });

  it("that nobody gives is a 502", async () => {
    upstream.serve = (request) => request.socket.destroy();
    const response = await get();
    expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([502, "upstream_unreachable"]);
  });
});

describe("a WebSocket", () => {
  const open = (path: string, headers: Readonly<Record<string, string>> = {}, protocols: string[] = []): WebSocket => {
    const init = { headers: { ...bearer(GATEWAY_KEY), ...headers }, protocols };
    return new WebSocket(gateway.url.replace("http", "ws") + path, init as unknown as string[]);
  };
  const next = async (socket: WebSocket): Promise<unknown> => ((await once(socket, "message")) as [MessageEvent])[0].data;

  it("is joined to the provider's: each message goes on as it came, both ways", async () => {
    const socket = open("/providers/b/realtime?model=gpt-realtime", { "x-to11-session-id": "joined", "openai-beta": "realtime=v1" }, [
      "realtime",
      "odd",
    ]);
    socket.binaryType = "arraybuffer";
    const { url, headers } = JSON.parse(String(await next(socket))) as { url: string; headers: Record<string, string> };
    expect(url).toBe("/v1/realtime?model=gpt-realtime");
    expect(headers).toMatchObject({
      authorization: "Bearer stored-b",
      "openai-beta": "realtime=v1",
      "sec-websocket-protocol": "realtime, odd",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-to11"))).toEqual([]);
    expect(socket.protocol).toBe("realtime");
    socket.send("héllo");
    expect(await next(socket)).toBe("echo héllo");
    socket.send("bytes");
    expect(new Uint8Array((await next(socket)) as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    socket.send(new Uint8Array([9, 8]));
    expect(new Uint8Array((await next(socket)) as ArrayBuffer)).toEqual(new Uint8Array([9, 8]));
    socket.send("close 4001 why");
    const [closed] = (await once(socket, "close")) as [CloseEvent];
    expect([closed.code, closed.reason]).toEqual([4001, "why"]);
    const trace = await gateway.traceOfSession("joined");
    expect(trace).toMatchObject({ status: 101, outcome: "complete", layer: "passthrough", provider: "b", path: "/providers/b/realtime" });
    expect(trace.request_bytes).toBe("héllo".length + 1 + "bytes".length + 2 + "close 4001 why".length);
  });

  it("that its caller closes is closed there, and traced", async () => {
    const socket = open("/providers/b/realtime", { "x-to11-session-id": "closed" });
    await next(socket);
    socket.close(1000, "enough");
    await once(socket, "close");
    expect(await gateway.traceOfSession("closed")).toMatchObject({ status: 101, outcome: "complete" });
  });

  it("is nobody's without a gateway key", async () => {
    const socket = open("/providers/b/realtime", { "x-to11-authorization": "Bearer to11_nobodys-key-000000000000000000000" });
    const [failed] = (await once(socket, "error")) as [Event];
    expect(failed.type).toBe("error");
  });

  it("that a provider does not open is answered as it answers", async () => {
    upstream.serve = (_request, response) => void response.writeHead(404, { "content-type": "text/plain" }).end("none here");
    const socket = open("/providers/a/realtime", { authorization: "Bearer sk-caller", "x-to11-session-id": "unopened" });
    await once(socket, "error");
    expect(await gateway.traceOfSession("unopened")).toMatchObject({ status: 404, outcome: "failed" });
  });
});
