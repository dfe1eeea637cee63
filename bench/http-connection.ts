import { connect, type Socket } from "node:net";

/** One answer, read off the socket. Times are of `performance.now()`, ms. */
export interface Answer {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
  readonly body: Buffer;
  readonly sentAt: number;
  /** When the first bytes came that hold the marker looked for; `undefined`: none did. */
  readonly markedAt: number | undefined;
  readonly endedAt: number;
}

/** How the end of a body is found: a length, or chunks. */
type Framing = { readonly kind: "length"; left: number } | { readonly kind: "chunked"; readonly decoder: ChunkDecoder };

/** A keep-alive connection for one request at a time: as little work around the socket as the measured side allows. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #marker: string | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #head: string | undefined;
  #framing: Framing = { kind: "length", left: 0 };
  #parts: Buffer[] = [];
  #sentAt = 0;
  #markedAt: number | undefined;
  #resolve: ((answer: Answer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  /** `marker`: text whose first arrival in a body is timed. */
  constructor(port: number, marker: string | undefined) {
    this.#marker = marker;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (data) => this.#take(data));
    this.#socket.on("error", (error) => this.#reject?.(error));
    this.#socket.on("close", () => this.#reject?.(new Error("the connection was closed before the answer was whole")));
  }

  /** Sends a whole request, head and body, and reads the answer. */
  send(parts: readonly Buffer[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#head = undefined;
      this.#parts = [];
      this.#markedAt = undefined;
      this.#sentAt = performance.now();
      this.#socket.cork();
      for (const part of parts) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    let body = data;
    if (this.#head === undefined) {
      this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
      const end = this.#pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#head = this.#pending.toString("latin1", 0, end);
      this.#framing = framingOf(this.#head);
      body = this.#pending.subarray(end + 4);
      this.#pending = Buffer.alloc(0);
    }
    if (this.#marker !== undefined && this.#markedAt === undefined && body.includes(this.#marker)) this.#markedAt = performance.now();
    if (this.#takeBody(body)) this.#finish();
  }

  /** Whether the body is whole. */
  #takeBody(body: Buffer): boolean {
    const framing = this.#framing;
    if (framing.kind === "chunked") return framing.decoder.push(body, this.#parts);
    if (body.length > 0) this.#parts.push(body);
    framing.left -= body.length;
    return framing.left <= 0;
  }

  #finish(): void {
    const head = this.#head ?? "";
    this.#resolve?.({
      status: Number(head.slice(9, 12)),
      head,
      body: this.#parts.length === 1 ? (this.#parts[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#parts),
      sentAt: this.#sentAt,
      markedAt: this.#markedAt,
      endedAt: performance.now(),
    });
  }
}

/** The value of a header in a head; `undefined` where there is none. */
export function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, "i").exec(head)?.[1];
}

function framingOf(head: string): Framing {
  const length = headerOf(head, "content-length");
  if (length !== undefined) return { kind: "length", left: Number(length) };
  return { kind: "chunked", decoder: new ChunkDecoder() };
}

/** Reads `Transfer-Encoding: chunked`, without trailers. */
class ChunkDecoder {
  #line = "";
  /** Bytes left of the current chunk, its CRLF included; 0: a size line is being read. */
  #left = 0;

  /** Adds the decoded bytes to `parts`; `true` once the last chunk came. */
  push(data: Buffer, parts: Buffer[]): boolean {
    let at = 0;
    while (at < data.length) {
      if (this.#left > 0) {
        const end = Math.min(data.length, at + this.#left);
        const contentEnd = Math.min(end, at + this.#left - 2);
        if (contentEnd > at) parts.push(data.subarray(at, contentEnd));
        this.#left -= end - at;
        at = end;
        continue;
      }
      const lineEnd = data.indexOf(0x0a, at);
      if (lineEnd < 0) {
        this.#line += data.toString("latin1", at);
        return false;
      }
      const size = Number.parseInt(this.#line + data.toString("latin1", at, lineEnd), 16);
      this.#line = "";
      at = lineEnd + 1;
      // The blank line that ends the body follows the size 0; it comes with it.
      if (size === 0) return true;
      this.#left = size + 2;
    }
    return false;
  }
}
