import type { ServerResponse } from "node:http";
import type { Call } from "../call.ts";
import type { Fault } from "./fault.ts";

/** One socket write, flushed before the next one starts. `delayMs` is waited before it. */
export type Chunk = string | Uint8Array | { readonly data: string | Uint8Array; readonly delayMs: number };

/** What a chunk writes. */
export function chunkData(chunk: Chunk): string | Uint8Array {
  return typeof chunk === "object" && "data" in chunk ? chunk.data : chunk;
}

/**
 * What follows the last chunk. `whole`: the answer ends as its framing says; `close`: an ordinary close (FIN) where more was promised;
 * `reset`: the connection is reset (RST); `silence`: nothing more until the caller leaves or the simulator is closed or reset.
 */
export type Ending = "whole" | "close" | "reset" | "silence";

/** An HTTP answer, played exactly: `{ status: 503, body: "no" }`, `{ body: ["data: {", "}\n\n"], ending: "reset" }`. */
export interface Answer {
  /** Waited before the status line, milliseconds; default 0. */
  readonly delayMs?: number;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** One piece, or one socket write per element; the headers are flushed before the first. Default: nothing. */
  readonly body?: string | Uint8Array | readonly Chunk[];
  /**
   * How the body is delimited; default `chunked` for an array, else `length`. With `length` and an ending other than `whole`, more bytes are
   * promised than sent. `close`: by the end of the connection.
   */
  readonly framing?: "length" | "chunked" | "close";
  /** Default `whole`. */
  readonly ending?: Ending;
  /** Waited between the last chunk and the ending, milliseconds; default 0. */
  readonly endDelayMs?: number;
}

/** The connection ends, or says nothing, before any header. */
export interface NoAnswer {
  readonly noAnswer: "close" | "reset" | "silence";
  /** Default 0. */
  readonly delayMs?: number;
}

/** Bytes straight onto the socket, status line included: for garbage, bad chunk sizes, split headers. `whole` closes the connection. */
export interface RawAnswer {
  readonly raw: readonly Chunk[];
  readonly ending?: Ending;
  readonly endDelayMs?: number;
}

/** The normal answer of the path under a fault, for this call only. */
export interface FaultStep {
  readonly fault: Fault;
}

/** Answers by hand. The call's body is read. A rejection ends the connection. */
export type Handler = (call: Call, response: ServerResponse) => void | Promise<void>;

/** What one call gets. `"normal"`: what an unscripted call gets. */
export type Step = Answer | NoAnswer | RawAnswer | FaultStep | Handler | "normal";
