import { concatBytes } from "../../core/bytes.ts";
import type { AnswerFacts } from "../../core/endpoint.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import type { FlowingBody } from "../attempt/answer-body.ts";
import type { Caller } from "../request/caller.ts";
import type { ReadResult, StopReason } from "../attempt/connection.ts";
import type { Ports } from "../ports.ts";
import { steadyClock } from "../steady-clock.ts";
import { isWhole, type StreamWatch, textOf } from "./stream-watch.ts";

/**
 * Silence behind a finish reason that stands alone, ms: no more content is to be expected, but usage and the last event may be late. A provider that never
 * closes keeps its caller no longer.
 */
const FINISH_SILENCE_MS = 5_000;

/** An upstream that seems to be silent is looked at once more after so long, ms: on a busy machine its bytes may lie there unread. */
const LAST_LOOK_MS = 50;

/** Where an answer comes from, and how long it may be silent between contents while the caller is reading, ms. */
export interface Source extends FlowingBody {
  readonly idleMs: number;
}

/** A committed answer on its way to the caller. */
export interface FlowOrder {
  readonly body: Source;
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
  /** Text of the last upstream, as its judge counted it. */
  readonly textBytes: number;
  readonly facts: AnswerFacts;
  /** Nobody could read all of the events. */
  readonly unwatched: boolean;
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
      start: (controller) => flow.start(controller),
      pull: (controller) => flow.pull(controller),
      cancel: () => order.caller.leave(),
    },
    { highWaterMark: 0 },
  );
}

class Flow {
  readonly #order: FlowOrder;
  readonly #ports: Ports;
  readonly #now: () => number;
  readonly #ended: (end: FlowEnd) => void;
  /** Where the answer comes from now: a rescue puts another one in its place. */
  #body: Source;
  #heldSent = false;
  #over = false;
  #bytes = 0;
  /** What earlier, broken sources told, and the text they gave. */
  #earlierFacts: AnswerFacts = {};
  #earlierSaid = "";
  /** When the last content came, and the last bytes, each moved on by the time the caller kept us waiting. */
  #lastContentAt: number;
  #lastBytesAt: number;
  #handedOverAt: number;
  /** Whose turn it is: to send, or to take what was sent. */
  #turn: "upstreams" | "callers" | "ours" = "callers";
  /** Its upstream's time was over when it was last looked at. */
  #isSuspect = false;
  #rested = false;
  #isTotalOver = false;
  #forgetCaller: () => void = () => undefined;
  #cancelIdleTimer: () => void = () => undefined;
  #cancelTotalTimer: () => void = () => undefined;

  constructor(order: FlowOrder, ports: Ports, ended: (end: FlowEnd) => void) {
    this.#order = order;
    this.#body = order.body;
    this.#ports = ports;
    this.#ended = ended;
    this.#now = steadyClock(() => ports.now(), ports.now());
    this.#lastContentAt = this.#now();
    this.#lastBytesAt = this.#lastContentAt;
    this.#handedOverAt = this.#lastContentAt;
  }

  start(controller: Controller): void {
    const { caller, timeLeftMs } = this.#order;
    if (caller.gone) return this.#leave();
    this.#forgetCaller = caller.whenGone(() => this.#leave());
    if (timeLeftMs !== Infinity) this.#cancelTotalTimer = this.#ports.after(timeLeftMs, () => this.#endTotal());
    this.#armTimer(this.#body.idleMs, controller);
  }

  async pull(controller: Controller): Promise<void> {
    const waitedMs = this.#now() - this.#handedOverAt;
    this.#lastContentAt += waitedMs;
    this.#lastBytesAt += waitedMs;
    this.#turn = "ours";
    const before = this.#bytes;
    while (!this.#over && this.#bytes === before) {
      if (this.#heldSent) await this.#forward(controller);
      else await this.#forwardHeld(controller);
    }
    this.#turn = "callers";
    this.#handedOverAt = this.#now();
  }

  #endTotal(): void {
    this.#isTotalOver = true;
    this.#body.connection.stop("total");
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
    this.#turn = "upstreams";
    const chunk = await connection.read();
    this.#turn = "ours";
    if (this.#over) return;
    if (chunk === "broken" || chunk === "end") {
      if (watch !== undefined) this.#send(controller, watch.end(chunk));
      await this.#finish(controller, chunk);
      return;
    }
    if (watch === undefined) {
      this.#lastContentAt = this.#now();
      this.#send(controller, chunk);
      return;
    }
    const { judge } = watch;
    const { contents } = judge;
    this.#send(controller, watch.take(chunk));
    if (judge.contents > contents || judge.unwatched) this.#lastContentAt = this.#now();
    if (judge.rests) this.#lastBytesAt = this.#now();
    await this.#judge(controller, watch);
  }

  /** Ends the answer where its last events say so, and waits no longer than need be where its finish reason came. */
  async #judge(controller: Controller, watch: StreamWatch): Promise<void> {
    const { judge } = watch;
    if (judge.failure !== undefined || judge.done || watch.strays) await this.#finish(controller, "broken");
    else if (judge.rests && !this.#rested) this.#rest(controller);
  }

  #send(controller: Controller, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    controller.enqueue(bytes);
  }

  /** Nothing more comes from this upstream, or nothing more is wanted. */
  async #finish(controller: Controller, read: Exclude<ReadResult, Uint8Array>): Promise<void> {
    const { connection, watch } = this.#body;
    const { stopped } = connection;
    connection.stop("finished");
    if (watch === undefined ? read === "end" : isWhole(watch, read)) {
      controller.close();
      this.#end("complete", stopped);
    } else if (watch === undefined) {
      this.#end("truncated", stopped);
      controller.error(new Error(truncation(stopped, undefined)));
    } else if (!(await this.#rescued(stopped)) && !this.#over) {
      const message = this.#ports.redact(truncation(stopped, watch.judge.failure?.message));
      const events = this.#body.watch?.fail({ code: "stream_truncated", message }, this.#earlierFacts) ?? "";
      this.#send(controller, new TextEncoder().encode(events));
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
      !watch.judge.isPlainText ||
      watch.strays ||
      watch.judge.finished ||
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
    // The tokens that count are those of the upstream that ends the answer.
    const { usage: _brokenOnes, ...facts } = watch.judge.facts;
    this.#earlierFacts = mergeFacts(this.#earlierFacts, facts);
    this.#earlierSaid = said;
    this.#body = next;
    this.#heldSent = false;
    this.#rested = false;
    this.#lastContentAt = this.#now();
    // The time may have been over while somebody was looked for.
    if (this.#isTotalOver) next.connection.stop("total");
    return true;
  }

  #end(outcome: FlowEnd["outcome"], stopped: StopReason | undefined): void {
    this.#over = true;
    this.#cancelIdleTimer();
    this.#cancelTotalTimer();
    this.#forgetCaller();
    const { watch } = this.#body;
    const facts = mergeFacts(this.#earlierFacts, watch?.judge.facts ?? {});
    const text = this.#earlierSaid + (watch === undefined ? "" : textOf(watch));
    const unwatched = watch?.judge.unwatched ?? false;
    const textBytes = watch?.judge.textBytes ?? 0;
    this.#ended({ outcome, stopped, bytes: this.#bytes, textBytes, facts: text === "" ? facts : { ...facts, text }, unwatched });
  }

  /** From here on less silence is waited for: the timer is set again. */
  #rest(controller: Controller): void {
    this.#rested = true;
    this.#cancelIdleTimer();
    this.#checkSilence(controller);
  }

  /** One timer for the whole stream, set again when it fires: a timer per chunk costs an eighth of a stream's CPU. */
  #armTimer(ms: number, controller: Controller): void {
    this.#cancelIdleTimer = this.#ports.after(ms, () => this.#checkSilence(controller));
  }

  #checkSilence(controller: Controller): void {
    const leftMs = this.#silentAt() - this.#now();
    const isOver = leftMs <= 0;
    if (isOver && this.#turn === "callers") return this.#giveUpCaller(controller);
    if (isOver && this.#turn === "upstreams" && this.#isSuspect) this.#body.connection.stop("idle");
    this.#isSuspect = isOver;
    this.#armTimer(isOver ? LAST_LOOK_MS : leftMs, controller);
  }

  /** When whoever has the turn has said nothing for too long, ms since the epoch. */
  #silentAt(): number {
    const { idleMs, watch } = this.#body;
    if (this.#turn === "callers") return this.#handedOverAt + idleMs;
    const idleAt = this.#lastContentAt + idleMs;
    return watch?.judge.rests === true ? Math.min(idleAt, this.#lastBytesAt + FINISH_SILENCE_MS) : idleAt;
  }

  /** A caller who takes nothing for as long as an upstream may say nothing has gone, whatever its connection says. */
  #giveUpCaller(controller: Controller): void {
    controller.error(new Error("the caller took nothing of its answer for idle_timeout_ms"));
    this.#order.caller.leave();
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
