import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request as open, type RequestOptions, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { DEV_PROOF_HEADER } from "../../../core/secrets/dev-proof.ts";
import type { PageCookie } from "./page-cookie.ts";

/** The door of the local gateway: the one port that callers know. */
export interface FrontDoor {
  close(): Promise<void>;
}

/** Where it stands. */
export interface FrontDoorOptions {
  readonly port: number;
  /** The port behind it, where wrangler listens. */
  readonly gatewayPort: number;
  /** What it shows the Worker for requests that may be believed. */
  readonly proof: string;
  readonly cookie: PageCookie;
}

/** Bytes of a request's head at most, as many as Cloudflare takes. */
const HEAD_BYTES = 128 * 1024;

/** Headers of one connection, not of the request: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "expect",
  "upgrade",
  "http2-settings",
]);

const NONE: ReadonlySet<string> = new Set();

/** What wrangler and miniflare believe of anybody: which address was asked for, by whom, with what trust. */
const BELIEVED_INSIDE = /^(mf-|x-mf-|x-forwarded-|forwarded$|cf-|x-to11-dev-)/i;

/** Of this machine's own names: only a page under them gets the cookie. */
const OWN_HOST = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/** A proof that nobody can guess. */
export function newProof(): string {
  return randomBytes(32).toString("hex");
}

/**
 * Opens the door: passes everything on to wrangler as it came, but for headers that only the runtimes inside may set. So the Host that the Worker sees is the
 * one that was asked for, and a request around the door has no proof. @throws the system's error where the port is taken.
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const server = createServer({
    maxHeaderSize: HEAD_BYTES,
    // Who is slow is the Worker's to judge, and a connection that is kept is the caller's to close.
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
    noDelay: true,
    // Some clients offer HTTP/2 with each request.
    shouldUpgradeCallback: isWebSocket,
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => pass(request, response, options));
  server.on("upgrade", (request, socket, head) => passWebSocket(request, { socket, head }, options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port, host: "127.0.0.1" }, resolve);
  });
  return { close: () => closed(server, sockets) };
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  // All of them: Node's own closeAllConnections leaves WebSockets open, and the server with them.
  for (const socket of sockets) socket.destroy();
  await isClosed;
}

function pass(request: IncomingMessage, response: ServerResponse, options: FrontDoorOptions): void {
  const inner = open({ ...innerRequest(request, options), headers: innerHeaders(request, options, OF_THE_CONNECTION) });
  inner.on("response", (answer) => {
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(request, answer, options.cookie));
    response.flushHeaders();
    // An answer that breaks off is broken off.
    pipeline(answer, response, () => undefined);
  });
  inner.on("error", () => {
    // Behind an answer it is the rest of the request that nobody wants.
    if (response.headersSent) return;
    response.writeHead(503, { "content-type": "text/plain", "retry-after": "1" });
    response.end("The local gateway does not answer; it may be starting.\n");
  });
  response.on("close", () => inner.destroy());
  request.pipe(inner);
}

/** What a client says behind its handshake goes on as it comes. */
interface Client {
  readonly socket: Duplex;
  readonly head: Buffer;
}

function passWebSocket(request: IncomingMessage, { socket, head }: Client, options: FrontDoorOptions): void {
  const inner = open({ ...innerRequest(request, options), headers: innerHeaders(request, options, NONE) });
  inner.on("upgrade", (answer, behind, first) => {
    socket.write(headOf(answer, pairsOf(answer.rawHeaders)));
    socket.write(first);
    behind.write(head);
    pipeline(socket, behind, socket, () => undefined);
  });
  inner.on("response", (answer) => {
    const passed = pairsOf(answer.rawHeaders).filter(
      ([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()) && !/^transfer-encoding$/i.test(name),
    );
    socket.write(headOf(answer, [...passed, ["connection", "close"]]));
    pipeline(answer, socket, () => undefined);
  });
  inner.on("error", () => socket.destroy());
  socket.on("error", () => inner.destroy());
  inner.end();
}

function headOf({ statusCode, statusMessage }: IncomingMessage, headers: readonly (readonly [string, string])[]): string {
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/** A connection of its own for each: one that is kept may be closed by the other side at the moment it is used. */
function innerRequest({ url = "/", method = "GET" }: IncomingMessage, { gatewayPort }: FrontDoorOptions): RequestOptions {
  return { host: "127.0.0.1", port: gatewayPort, method, path: pathOf(url), agent: false };
}

function innerHeaders(request: IncomingMessage, { proof, cookie }: FrontDoorOptions, without: ReadonlySet<string>): string[] {
  const passed = pairsOf(request.rawHeaders).filter(([name]) => !BELIEVED_INSIDE.test(name) && !without.has(name.toLowerCase()));
  const proven = cookie.vouchesFor(request.headers) ? [[DEV_PROOF_HEADER, proof]] : [];
  return [...passed, ...proven].flat();
}

/** Proxies are asked with a whole address; its host is not believed. */
function pathOf(url: string): string {
  if (url.startsWith("/")) return url;
  const parsed = URL.parse(url);
  return parsed === null ? "/" : parsed.pathname + parsed.search;
}

function answerHeaders(request: IncomingMessage, answer: IncomingMessage, cookie: PageCookie): string[] {
  const passed = pairsOf(answer.rawHeaders).filter(([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()));
  const isPage = answer.headers["content-type"]?.startsWith("text/html") === true && OWN_HOST.test(request.headers.host ?? "");
  return [...passed, ...(isPage ? [["set-cookie", cookie.header]] : [])].flat();
}

/** Names and values, which Node gives one after the other. */
function pairsOf(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[at * 2] ?? "", raw[at * 2 + 1] ?? ""]);
}
