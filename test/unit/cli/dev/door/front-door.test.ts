import { once } from "node:events";
import { createServer, type IncomingMessage, request, type RequestOptions, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../../../../src/cli/dev/door/front-door.ts";
import { PageCookie } from "../../../../../src/cli/dev/door/page-cookie.ts";
import { freePort } from "../../../../../src/cli/dev/process/port.ts";

let inner: Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];
let door: FrontDoor;
let port: number;
const cookie = new PageCookie(4000, "f".repeat(64));

beforeEach(async () => {
  asked = [];
  serve = (_request, response) => void response.end("ok");
  inner = createServer((incoming, response) => {
    asked.push(incoming);
    serve(incoming, response);
  });
  inner.listen(0, "127.0.0.1");
  await once(inner, "listening");
  port = await freePort();
  door = await openFrontDoor({ port, gatewayPort: (inner.address() as AddressInfo).port, proof: "the-proof", cookie });
});
afterEach(async () => {
  await door.close();
  inner.closeAllConnections();
  await new Promise((resolve) => inner.close(resolve));
});

async function call(options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const sent = request({ host: "127.0.0.1", port, agent: false, ...options }).end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

it("passes a call and its answer on as they came", async () => {
  serve = (incoming, response) => {
    const answer = ["X-Own", "a", "x-own", "b", "Content-Type", "text/event-stream"];
    void text(incoming).then((body) => response.writeHead(418, "Short and stout", answer).end(`got ${body}`));
  };
  const headers = ["Host", `localhost:${port}`, "X-Label", "1", "x-label", "2", "Transfer-Encoding", "chunked"];
  const response = await call({ method: "PATCH", path: "/v1/a%2Fb?c=d", headers }, "hello");
  expect([response.statusCode, response.statusMessage, await text(response)]).toEqual([418, "Short and stout", "got hello"]);
  expect(response.rawHeaders.slice(0, 6)).toEqual(["X-Own", "a", "x-own", "b", "Content-Type", "text/event-stream"]);
  expect(asked[0]).toMatchObject({ method: "PATCH", url: "/v1/a%2Fb?c=d", headers: { host: `localhost:${port}`, "x-label": "1, 2" } });
});

it("takes away what the runtimes inside would believe, and adds the proof itself", async () => {
  const believed = [
    "MF-Original-URL",
    "mf-cf-blob",
    "X-MF-Anything",
    "X-Forwarded-Proto",
    "Forwarded",
    "CF-Connecting-IP",
    "X-To11-Dev-Proof",
  ];
  await text(await call({ headers: Object.fromEntries(believed.map((name) => [name, "http://localhost/"])) }));
  expect(Object.keys(asked[0]?.headers ?? {}).toSorted()).toEqual(["connection", "host", "x-to11-dev-proof"]);
  expect(asked[0]?.headers["x-to11-dev-proof"]).toBe("the-proof");
  await text(await call({ headers: { "sec-fetch-site": "same-origin" } }));
  expect(asked[1]?.headers["x-to11-dev-proof"]).toBeUndefined();
});

it("looks at no host but the header's", async () => {
  await text(await call({ path: "http://localhost:4000/api/config?a=b", headers: { host: "evil.example" } }));
  expect(asked[0]).toMatchObject({ url: "/api/config?a=b", headers: { host: "evil.example" } });
});

it("hands each byte on at once, and an answer that breaks off breaks off", async () => {
  serve = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  const response = await call();
  const [first] = (await once(response, "data")) as [Buffer];
  expect(first.toString()).toBe("data: 1\n\n");
  inner.closeAllConnections();
  const [error] = (await once(response, "error")) as [Error];
  expect(error.message).toBe("aborted");
});

it("tells the gateway that a caller has left, before the answer and in it", async () => {
  serve = () => undefined;
  const sent = request({ host: "127.0.0.1", port, agent: false }).end();
  sent.on("error", () => undefined);
  await expect.poll(() => asked.length).toBe(1);
  const left = once(asked[0]?.socket ?? inner, "close");
  sent.destroy();
  await left;
  serve = (_request, response) => void response.write("first");
  const response = await call();
  await once(response, "data");
  const leftAgain = once(asked[1]?.socket ?? inner, "close");
  response.destroy();
  await leftAgain;
});

it("passes on an answer that comes before the request is whole", async () => {
  serve = (_request, response) => void response.writeHead(413).end("too large");
  const sent = request({ host: "127.0.0.1", port, agent: false, method: "POST", headers: { "content-length": "1000000" } });
  sent.on("error", () => undefined);
  sent.write("x");
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  expect([response.statusCode, await text(response)]).toEqual([413, "too large"]);
  sent.destroy();
});

it("takes an offer of HTTP/2 for what it is", async () => {
  serve = (incoming, response) => void text(incoming).then((body) => response.end(`got ${body}`));
  const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__", "content-length": "5" };
  const response = await call({ method: "POST", headers }, "hello");
  expect([response.statusCode, await text(response)]).toEqual([200, "got hello"]);
  expect(asked[0]?.headers.upgrade).toBeUndefined();
});

const handshake = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "x" };

it("carries a WebSocket both ways, and a refusal of one", async () => {
  inner.on("upgrade", (incoming, socket) => {
    if (incoming.url === "/refused") return void socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nx-host: ${incoming.headers.host}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  const sent = request({ host: "127.0.0.1", port, agent: false, headers: { host: "localhost:4000", ...handshake } }).end();
  const [response, socket] = (await once(sent, "upgrade")) as [IncomingMessage, import("node:net").Socket];
  expect([response.statusCode, response.headers["x-host"]]).toEqual([101, "localhost:4000"]);
  socket.write("echo");
  expect(String(await once(socket, "data"))).toBe("echo");
  socket.destroy();
  const refused = await call({ path: "/refused", headers: handshake });
  expect([refused.statusCode, await text(refused)]).toEqual([401, "no"]);
});

it("ends a WebSocket that is open when it closes", async () => {
  inner.on("upgrade", (_incoming, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n");
    socket.on("error", () => undefined).pipe(socket);
  });
  const sent = request({ host: "127.0.0.1", port, agent: false, headers: handshake }).end();
  const [, socket] = (await once(sent, "upgrade")) as [IncomingMessage, import("node:net").Socket];
  const ended = once(socket, "close");
  await door.close();
  await ended;
  door = await openFrontDoor({ port, gatewayPort: (inner.address() as AddressInfo).port, proof: "the-proof", cookie });
});

it("says so where the gateway does not answer", async () => {
  await new Promise((resolve) => inner.close(resolve));
  const response = await call();
  expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
  inner.listen(0, "127.0.0.1");
  await once(inner, "listening");
});
