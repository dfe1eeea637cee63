import { concatBytes } from "../../core/bytes.ts";
import type { AnswerFacts, Endpoint } from "../../core/endpoint.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import type { FlowingBody } from "../attempt/answer-body.ts";
import type { Caller } from "../request/caller.ts";
import type { ReadResult, StopReason } from "../attempt/connection.ts";
import type { Ports } from "../ports.ts";
import type { StreamWatch } from "./stream-watch.ts";

/** After the finish reason nothing that matters is awaited: usage and the last event get this long, then the stream is closed as complete. */
const FINISH_GRACE_MS = 2_000;

/** Where an answer comes from, and how long it may be silent between contents while the caller is reading, ms. */
export interface Source extends FlowingBody {
  readonly idleMs: number;
}

/** A committed answer on its way to the caller. */
export interface FlowOrder {
  readonly body: Source;
  readonly endpoint: Endpoint;
  /** Until the route's total timeout, ms; `Infinity` where it has none. */
  readonly timeLeftMs: number;
  readonly caller: Caller;
  /** Finds somebody to finish a broken answer of which the caller has `said`; `undefined`: nobody could. Left out: nobody is asked. */
  readonly rescue?: (said: string, broken: StopReason | undefined) => Promise<Source | undefined>;
}

/** How a flow ended. `bytes`: what the caller was given. `stopped`: why this side gave the last upstream up, if it did. */
export interface FlowEnd {
  readonly outcome: "complete" | "truncated" | "client_closed";
  readonly stopped: StopReason | undefined;
  readonly bytes: number;
  readonly facts: AnswerFacts;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

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
      cancel: () => order.caller.leave(),
    },
    { highWaterMark: 0 },
  );
}

class Flow {
  readonly #order: FlowOrder;
  readonly #ports: Ports;
  readonly #ended: (end: FlowEnd) => void;
  /** Where the answer comes from now: a rescue puts another one in its place. */
  #body: Source;
  #heldSent = false;
  #over = false;
  #bytes = 0;
  /** What earlier, broken sources told, and the text they gave. */
  #earlierFacts: AnswerFacts = {};
  #earlierSaid = "";
  /** When the last content came, moved on by the time the caller kept us waiting. */
  #lastContentAt: number;
  #handedOverAt: number;
  #reading = false;
  #graceGiven = false;
  #forgetCaller: () => void = () => undefined;
  #cancelIdleTimer: () => void = () => undefined;
  #cancelTotalTimer: () => void = () => undefined;

  constructor(order: FlowOrder, ports: Ports, ended: (end: FlowEnd) => void) {
    this.#order = order;
    this.#body = order.body;
    this.#ports = ports;
    this.#ended = ended;
    this.#lastContentAt = ports.now();
    this.#handedOverAt = this.#lastContentAt;
  }

  start(): void {
    const { caller, timeLeftMs } = this.#order;
    this.#forgetCaller = caller.whenGone(() => this.#leave());
    if (timeLeftMs !== Infinity) this.#cancelTotalTimer = this.#ports.after(timeLeftMs, () => this.#body.connection.stop("total"));
    this.#armIdleTimer(this.#body.idleMs);
  }

  async pull(controller: Controller): Promise<void> {
    this.#lastContentAt += this.#ports.now() - this.#handedOverAt;
    const before = this.#bytes;
    while (!this.#over && this.#bytes === before) {
      if (this.#heldSent) await this.#forward(controller);
      else await this.#forwardHeld(controller);
    }
    this.#handedOverAt = this.#ports.now();
  }

  #leave(): void {
    this.#body.connection.stop("caller");
    this.#end("client_closed", "caller");
  }

  async #forwardHeld(controller: Controller): Promise<void> {
    const { held, watch } = this.#body;
    this.#heldSent = true;
    this.#send(controller, concatBytes(held));
    if (watch !== undefined) await this.#judge(controller, watch);
  }

  /** Reads once and hands on what came. */
  async #forward(controller: Controller): Promise<void> {
    const { connection, watch } = this.#body;
    this.#reading = true;
    const chunk = await connection.read();
    this.#reading = false;
    if (this.#over) return;
    if (chunk === "broken" || chunk === "end") {
      if (watch !== undefined && (chunk === "end" || watch.finished)) this.#send(controller, watch.end());
      await this.#finish(controller, chunk);
      return;
    }
    if (watch === undefined) {
      this.#lastContentAt = this.#ports.now();
      this.#send(controller, chunk);
      return;
    }
    const { contents } = watch;
    this.#send(controller, watch.take(chunk));
    if (watch.contents > contents) this.#lastContentAt = this.#ports.now();
    await this.#judge(controller, watch);
  }

  /** Ends the answer where its last events say so, and waits no longer than need be where its finish reason came. */
  async #judge(controller: Controller, watch: StreamWatch): Promise<void> {
    if (watch.failure !== undefined || watch.done || watch.strays) await this.#finish(controller, undefined);
    else if (watch.finished) this.#giveGrace();
  }

  #send(controller: Controller, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    controller.enqueue(bytes);
  }

  /** Nothing more comes from this upstream, or nothing more is wanted. */
  async #finish(controller: Controller, read: Exclude<ReadResult, Uint8Array> | undefined): Promise<void> {
    const { connection, watch } = this.#body;
    const { stopped } = connection;
    connection.stop("finished");
    const whole = watch === undefined ? read === "end" : watch.isWhole && watch.failure === undefined && !watch.strays;
    if (whole) {
      controller.close();
      this.#end("complete", stopped);
    } else if (watch === undefined) {
      this.#end("truncated", stopped);
      controller.error(new Error(truncation(stopped, undefined)));
    } else if (!(await this.#rescued(stopped)) && !this.#over) {
      this.#sendTruncation(controller, truncation(stopped, watch.failure?.message));
      controller.close();
      this.#end("truncated", stopped);
    }
  }

  /** Puts another source in the place of the broken one, if the route wants that and somebody can. */
  async #rescued(stopped: StopReason | undefined): Promise<boolean> {
    const { watch } = this.#body;
    const { rescue } = this.#order;
    const said = this.#earlierSaid + (watch?.said ?? "");
    if (
      rescue === undefined ||
      watch === undefined ||
      !watch.isPlainText ||
      watch.strays ||
      watch.finished ||
      said === "" ||
      stopped === "total"
    ) {
      return false;
    }
    const next = await rescue(said, stopped);
    if (next === undefined) return false;
    if (this.#over) {
      next.connection.stop("caller");
      return false;
    }
    this.#earlierFacts = mergeFacts(this.#earlierFacts, watch.facts);
    this.#earlierSaid = said;
    this.#body = next;
    this.#heldSent = false;
    this.#lastContentAt = this.#ports.now();
    return true;
  }

  #sendTruncation(controller: Controller, message: string): void {
    const event = this.#order.endpoint.errorEvent({ code: "stream_truncated", message });
    // An event that broke off is ended first, or the error would become a part of it.
    const unfinished = this.#body.watch?.hasUnfinishedEvent === true;
    this.#send(controller, new TextEncoder().encode(unfinished ? `\n\n${event}` : event));
  }

  #end(outcome: FlowEnd["outcome"], stopped: StopReason | undefined): void {
    this.#over = true;
    this.#cancelIdleTimer();
    this.#cancelTotalTimer();
    this.#forgetCaller();
    const facts = mergeFacts(this.#earlierFacts, this.#body.watch?.facts ?? {});
    const text = this.#earlierSaid + (this.#body.watch?.text ?? "");
    this.#ended({ outcome, stopped, bytes: this.#bytes, facts: text === "" ? facts : { ...facts, text } });
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
    const limit = this.#graceGiven ? FINISH_GRACE_MS : this.#body.idleMs;
    const idle = this.#reading ? this.#ports.now() - this.#lastContentAt : 0;
    if (idle >= limit) this.#body.connection.stop("idle");
    this.#armIdleTimer(idle >= limit ? limit : limit - idle);
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
