import { concatBytes } from "../core/bytes.ts";
import type { AnswerFacts, Endpoint } from "../core/endpoint.ts";
import type { FlowingBody } from "./answer-body.ts";
import type { StopReason } from "./connection.ts";
import type { Ports } from "./ports.ts";

/** After the finish reason nothing that matters is awaited: usage and the last event get this long, then the stream is closed as complete. */
const FINISH_GRACE_MS = 2_000;

/** A committed answer on its way to the caller. */
export interface FlowOrder {
  readonly body: FlowingBody;
  readonly endpoint: Endpoint;
  /** Between contents, while the caller is reading, ms. */
  readonly idleMs: number;
  /** Until the route's total timeout, ms; `Infinity` where it has none. */
  readonly timeLeftMs: number;
  /** Aborts when the caller leaves. */
  readonly caller: AbortSignal;
}

/** How a flow ended. `bytes`: what the caller was given. */
export interface FlowEnd {
  readonly outcome: "complete" | "truncated" | "client_closed";
  readonly bytes: number;
  readonly facts: AnswerFacts;
}

/**
 * The caller's body: the same bytes, watched. Pull-driven, so a caller that reads slowly slows the upstream, and one that leaves closes it.
 * `ended` is called exactly once.
 */
export function observe(order: FlowOrder, ports: Ports, ended: (end: FlowEnd) => void): ReadableStream<Uint8Array> {
  const flow = new Flow(order, ports, ended);
  return new ReadableStream<Uint8Array>(
    {
      start: () => flow.start(),
      pull: (controller) => flow.pull(controller),
      cancel: () => flow.leave(),
    },
    { highWaterMark: 0 },
  );
}

class Flow {
  readonly #order: FlowOrder;
  readonly #ports: Ports;
  readonly #ended: (end: FlowEnd) => void;
  #over = false;
  #heldSent = false;
  #bytes = 0;
  /** When the last content came, moved on by the time the caller kept us waiting. */
  #lastContentAt: number;
  #handedOverAt: number;
  #reading = false;
  #graceGiven = false;
  #cancelIdleTimer: () => void = () => undefined;
  #cancelTotalTimer: () => void = () => undefined;
  readonly #leave = (): void => this.leave();

  constructor(order: FlowOrder, ports: Ports, ended: (end: FlowEnd) => void) {
    this.#order = order;
    this.#ports = ports;
    this.#ended = ended;
    this.#lastContentAt = ports.now();
    this.#handedOverAt = this.#lastContentAt;
  }

  start(): void {
    const { caller, timeLeftMs, body, idleMs } = this.#order;
    caller.addEventListener("abort", this.#leave);
    if (timeLeftMs !== Infinity) this.#cancelTotalTimer = this.#ports.after(timeLeftMs, () => body.connection.stop("total"));
    this.#armIdleTimer(idleMs);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (!this.#heldSent) {
      this.#heldSent = true;
      const { watch } = this.#order.body;
      this.#send(controller, concatBytes(this.#order.body.held));
      if (watch?.failure !== undefined || watch?.done === true) this.#finish(controller);
      return;
    }
    this.#lastContentAt += this.#ports.now() - this.#handedOverAt;
    while (!this.#over) {
      if (await this.#forwardOne(controller)) break;
    }
    this.#handedOverAt = this.#ports.now();
  }

  /** The caller has gone. */
  leave(): void {
    if (this.#over) return;
    this.#order.body.connection.stop("caller");
    this.#end("client_closed");
  }

  /** Reads and hands on once; `true` when the caller was given something or the flow is over. */
  async #forwardOne(controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> {
    const { connection, watch } = this.#order.body;
    this.#reading = true;
    const chunk = await connection.read();
    this.#reading = false;
    if (this.#over) return true;
    if (chunk === "broken" || chunk === "end") {
      if (chunk === "end" && watch !== undefined) this.#send(controller, watch.rest());
      this.#finish(controller, chunk);
      return true;
    }
    if (watch === undefined) {
      this.#lastContentAt = this.#ports.now();
      this.#send(controller, chunk);
      return true;
    }
    const { contents } = watch;
    const out = watch.take(chunk);
    if (watch.contents > contents) this.#lastContentAt = this.#ports.now();
    this.#send(controller, out);
    if (watch.failure !== undefined || watch.done) this.#finish(controller);
    else if (watch.finished) this.#giveGrace();
    return this.#over || out.length > 0;
  }

  #send(controller: ReadableStreamDefaultController<Uint8Array>, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    controller.enqueue(bytes);
  }

  /** Nothing more comes from the upstream, or nothing more is wanted. */
  #finish(controller: ReadableStreamDefaultController<Uint8Array>, read?: "end" | "broken"): void {
    const { connection, watch } = this.#order.body;
    const { stopped } = connection;
    connection.stop("finished");
    const whole = watch === undefined ? read === "end" : watch.isWhole && watch.failure === undefined;
    if (whole) {
      controller.close();
      this.#end("complete");
      return;
    }
    if (watch === undefined) {
      this.#end("truncated");
      controller.error(new Error(truncation(stopped, undefined)));
      return;
    }
    this.#sendTruncation(controller, truncation(stopped, watch.failure?.message));
    controller.close();
    this.#end("truncated");
  }

  #sendTruncation(controller: ReadableStreamDefaultController<Uint8Array>, message: string): void {
    const { body, endpoint } = this.#order;
    // An event that broke off is ended first, or the error would become a part of it.
    const unfinished = body.watch !== undefined && body.watch.hasUnfinishedEvent;
    const event = endpoint.errorEvent({ code: "stream_truncated", message });
    this.#send(controller, new TextEncoder().encode(unfinished ? `\n\n${event}` : event));
  }

  #end(outcome: FlowEnd["outcome"]): void {
    this.#over = true;
    this.#cancelIdleTimer();
    this.#cancelTotalTimer();
    this.#order.caller.removeEventListener("abort", this.#leave);
    this.#ended({ outcome, bytes: this.#bytes, facts: this.#order.body.watch?.facts ?? {} });
  }

  #giveGrace(): void {
    if (this.#graceGiven) return;
    this.#graceGiven = true;
    this.#cancelIdleTimer();
    this.#armIdleTimer(FINISH_GRACE_MS);
  }

  /** One timer for the whole stream, set again when it fires: a timer per chunk costs an eighth of a stream's CPU. */
  #armIdleTimer(ms: number): void {
    this.#cancelIdleTimer = this.#ports.after(ms, () => this.#checkIdle());
  }

  #checkIdle(): void {
    const limit = this.#graceGiven ? FINISH_GRACE_MS : this.#order.idleMs;
    const idle = this.#reading ? this.#ports.now() - this.#lastContentAt : 0;
    if (idle >= limit) this.#order.body.connection.stop("idle");
    else this.#armIdleTimer(limit - idle);
  }
}

function truncation(stopped: StopReason | undefined, failure: string | undefined): string {
  if (failure !== undefined) return `The upstream gave up in the middle of its answer: ${failure}`;
  switch (stopped) {
    case "idle":
      return "The upstream fell silent in the middle of its answer (idle_timeout_ms).";
    case "total":
      return "The answer took longer than the route allows (total_timeout_ms).";
    case "first_content":
    case "caller":
    case "finished":
    case undefined:
      return "The upstream's connection ended in the middle of its answer.";
  }
}
