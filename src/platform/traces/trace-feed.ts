import { DurableObject } from "cloudflare:workers";
import { matches, type TraceFilter } from "../../core/trace/trace-filter.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import { utcDay } from "../../core/trace/trace-id.ts";
import type { Env } from "../env.ts";
import { DAY_MS, indexOf, storeAt } from "./trace-places.ts";

/** Who may watch one project's traces at once. */
const MAX_READERS = 32;

/** Messages that a reader is sent without a word from it. Workers cannot see how much of what they sent is still on its way. */
const WINDOW = 500;

/** What is known of a reader; kept with its socket, so that it outlives the object's sleep. */
interface Reader {
  readonly filter: TraceFilter;
  /** Messages sent since it last said something. */
  readonly sent: number;
  /** Traces left out that it was not yet told of. */
  readonly dropped: number;
}

/**
 * Who watches a project's traces: one object per project, asleep while none come. A reader gets `{"trace": …}` as each is stored. It says anything at all to be
 * sent `WINDOW` more; until then traces are left out, and it is told how many with `{"dropped": n}`. So a reader that is slow or gone holds up nobody.
 */
export class TraceFeed extends DurableObject<Env> {
  /** Begins to watch. `?filter=`: a `TraceFilter` as JSON, checked by the caller. */
  override async fetch(request: Request): Promise<Response> {
    if (this.ctx.getWebSockets().length >= MAX_READERS) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const query = new URL(request.url).searchParams;
    keep(server, { filter: JSON.parse(query.get("filter") ?? "{}") as TraceFilter, sent: 0, dropped: 0 });
    await this.#wakeStores(query.get("project") ?? "");
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Stores that were told that nobody listens would leave out the first seconds. */
  async #wakeStores(project: string): Promise<void> {
    const days = { from: utcDay(Date.now() - DAY_MS), to: utcDay(Date.now() + DAY_MS) };
    const places = await indexOf(this.env, project).places(project, days);
    await Promise.allSettled(places.map((place) => storeAt(this.env, place).wake()));
  }

  /** Hands traces (JSON) to all whose filter they pass; `dropped`: how many were left out before them. Whether anybody listens. */
  publish(traces: readonly string[], dropped: number): boolean {
    const sockets = this.ctx.getWebSockets();
    const published = sockets.length === 0 ? [] : traces.map((json) => ({ json, trace: JSON.parse(json) as TraceRecord }));
    for (const socket of sockets) {
      const { filter, ...reader } = readerOf(socket);
      const wanted = published.filter(({ trace }) => matches(filter, trace));
      const next = { filter, ...reader, dropped: reader.dropped + dropped };
      deliver(
        socket,
        next,
        wanted.map(({ json }) => json),
      );
    }
    return sockets.length > 0;
  }

  /** A reader has read what it was sent. */
  override webSocketMessage(socket: WebSocket): void {
    deliver(socket, { ...readerOf(socket), sent: 0 }, []);
  }
}

function deliver(socket: WebSocket, reader: Reader, traces: readonly string[]): void {
  let { sent, dropped } = reader;
  if (dropped > 0 && sent < WINDOW) {
    send(socket, `{"dropped":${dropped}}`);
    sent += 1;
    dropped = 0;
  }
  const fitting = traces.slice(0, WINDOW - sent);
  for (const json of fitting) send(socket, `{"trace":${json}}`);
  keep(socket, { ...reader, sent: sent + fitting.length, dropped: dropped + traces.length - fitting.length });
}

function send(socket: WebSocket, message: string): void {
  // One that is closing is in the list until its close has come back.
  if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(message);
}

function keep(socket: WebSocket, reader: Reader): void {
  socket.serializeAttachment(reader);
}

function readerOf(socket: WebSocket): Reader {
  return socket.deserializeAttachment() as Reader;
}
