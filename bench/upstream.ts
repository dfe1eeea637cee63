import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { COMPLETION, CONTENT_EVENTS, PACE_MS, REFUSAL, SHORT_CONTENT_EVENTS, streamEvents, TRANSCRIPTION, USAGE_EVENT } from "./answers.ts";

/**
 * The upstream of every contender, a process of its own: it answers by the request's `user` field ("plain", "burst", "paced", "short") or path, and
 * keeps count of what it was sent. `GET /tally` tells and forgets: how many requests of which length and checksum came.
 */

/** Where in a body the `user` stands. */
const START_BYTES = 512;

const LONG = streamEvents(CONTENT_EVENTS);
const SHORT = streamEvents(SHORT_CONTENT_EVENTS);

let tally = new Map<string, number>();

const server = createServer((request, response) => {
  if (request.url === "/tally") {
    sendTally(response);
    return;
  }
  let start: string | undefined;
  let bytes = 0;
  let checksum = 0;
  request.on("data", (chunk: Buffer) => {
    start ??= chunk.toString("latin1", 0, START_BYTES);
    bytes += chunk.length;
    checksum = crc32(chunk, checksum);
  });
  request.on("end", () => {
    const key = `${bytes}:${checksum}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
    answer(request, start ?? "", response);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));

function sendTally(response: ServerResponse): void {
  response.end(JSON.stringify(Object.fromEntries(tally)));
  tally = new Map();
}

function answer(request: IncomingMessage, start: string, response: ServerResponse): void {
  const url = request.url ?? "";
  if (url.startsWith("/broken/")) return sendWhole(response, 503, REFUSAL);
  if (url.endsWith("/audio/transcriptions")) return sendWhole(response, 200, TRANSCRIPTION);
  const user = /"user":"([a-z]+)"/.exec(start)?.[1];
  if (user === undefined || user === "plain") return sendWhole(response, 200, COMPLETION);
  const plain = user === "short" ? SHORT : LONG;
  const events = start.includes('"include_usage":true') ? [...plain.slice(0, -1), USAGE_EVENT, ...plain.slice(-1)] : plain;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  if (user === "burst") {
    for (const event of events) response.write(event);
    response.end();
  } else sendPaced(events, response);
}

function sendWhole(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** One event each `PACE_MS`, the one of the role at once, and what follows the finish reason together with it. */
function sendPaced(events: readonly string[], response: ServerResponse): void {
  let index = 0;
  const next = (): void => {
    const event = events[index];
    index += 1;
    if (event !== undefined) response.write(event);
    if (!event?.includes('"stop"')) return;
    clearInterval(timer);
    for (const last of events.slice(index)) response.write(last);
    response.end();
  };
  const timer = setInterval(next, PACE_MS);
  response.on("close", () => clearInterval(timer));
  next();
}
