import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { answerCall } from "./play/answer-call.ts";
import { type Call, type CallEnding, CallLog, type OpenCall } from "./call.ts";
import { controlAnswer } from "./play/control.ts";
import { errorAnswer } from "./play/error-answer.ts";
import type { Fault } from "./play/fault.ts";
import { play, type Stage } from "./play/play.ts";
import type { Step } from "./play/step.ts";
import { underFault } from "./play/under-fault.ts";

/** How a simulator is started. */
export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** The wait before each token of a stream, milliseconds; default 5, about the pace of a fast model. */
  readonly tokenDelayMs?: number;
}

/**
 * The built-in upstream: every provider at once, on 127.0.0.1. A call goes to `{url}/{provider id}{path}`. What it gets: the provider's next
 * scripted step, else its standing step, else the path's normal answer under the provider's fault, if there is one.
 * It keeps no process alive.
 */
export interface Simulator {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `baseUrl("openai")` is `http://127.0.0.1:PORT/openai/v1`: what routes.toml takes as `base_url`. */
  baseUrl(provider: string): string;

  /** Queues what the provider's next calls get, one step each. */
  script(provider: string, ...steps: readonly Step[]): void;
  /** What the provider's calls get when no step is queued; `"normal"` undoes it. */
  always(provider: string, step: Step): void;
  /** How many queued steps were not called for yet. */
  pending(provider: string): number;

  /** The same as `PUT {url}/-/faults/{provider}`. */
  setFault(provider: string, fault: Fault): void;
  /** The same as `DELETE {url}/-/faults/{provider}`. */
  clearFault(provider: string): void;

  /** The kept calls (the last 1,000, and at most 128 MiB of bodies), oldest first. */
  calls(provider?: string): readonly Call[];
  /** Resolves with the calls as soon as there are `count` or more, bodies read. @throws Error after `timeoutMs` (default 2,000). */
  waitForCalls(count: number, timeoutMs?: number, provider?: string): Promise<readonly Call[]>;
  /** Resolves as soon as the call's answer ended or its connection closed. @throws Error after `timeoutMs` (default 2,000). */
  waitForClose(call: Call, timeoutMs?: number): Promise<Call>;

  /** Forgets calls, steps and faults, and cuts the answers that still run. Ids start at 1 again. */
  reset(): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

const WAIT_MS = 2_000;

/** Larger request bodies are refused with 413. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Starts a simulator. @throws the system's error where the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const upstream = new Upstream(options.tokenDelayMs ?? 5);
  // An upstream that closes idle connections would race with a caller who is about to use one again.
  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, noDelay: true },
    (request, response) => void upstream.serve(request, response),
  );
  server.on("connection", (socket: Socket) => socket.unref());
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    baseUrl: (provider) => `${url}/${provider}/v1`,
    script: (provider, ...steps) => upstream.script(provider, steps),
    always: (provider, step) => void upstream.standing.set(provider, step),
    pending: (provider) => upstream.queues.get(provider)?.length ?? 0,
    setFault: (provider, fault) => void upstream.faults.set(provider, fault),
    clearFault: (provider) => void upstream.faults.delete(provider),
    calls: (provider) => upstream.log.list(provider),
    waitForCalls: (count, timeoutMs = WAIT_MS, provider) => upstream.waitForCalls(count, timeoutMs, provider),
    waitForClose: (call, timeoutMs = WAIT_MS) => upstream.waitForClose(call, timeoutMs),
    reset: () => upstream.reset(),
    close: async () => {
      await stop(server);
      await upstream.ended();
    },
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      server.unref();
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The state of one simulator. */
class Upstream {
  readonly log = new CallLog();
  readonly queues = new Map<string, Step[]>();
  readonly standing = new Map<string, Step>();
  readonly faults = new Map<string, Fault>();
  readonly #open = new Set<Socket>();
  readonly #tokenDelayMs: number;

  constructor(tokenDelayMs: number) {
    this.#tokenDelayMs = tokenDelayMs;
  }

  script(provider: string, steps: readonly Step[]): void {
    this.queues.set(provider, [...(this.queues.get(provider) ?? []), ...steps]);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = Date.now();
    const { socket } = request;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const body = await readBody(request);
    const [, provider = "", path = "", query = ""] = /^\/([^/?]*)([^?]*)(.*)$/.exec(request.url ?? "") ?? [];
    if (provider === "-") {
      const answer = controlAnswer({ method: request.method ?? "", path, body: body.bytes.toString() }, this.faults);
      return play(answer, { response, socket, gone: gone.signal, ends: () => undefined });
    }
    const call: OpenCall = {
      id: this.log.nextId(),
      provider,
      method: request.method ?? "",
      path,
      query: new URLSearchParams(query),
      headers: plainHeaders(request),
      rawHeaders: request.rawHeaders,
      body: body.bytes,
      bodyWhole: body.whole,
      startedAt,
      closedAt: undefined,
      ending: undefined,
      finished: false,
    };
    await this.#answer(call, { response, socket, gone: gone.signal });
  }

  async #answer(call: OpenCall, stage: Omit<Stage, "ends">): Promise<void> {
    const { response, socket, gone } = stage;
    let ending: CallEnding | undefined;
    const closed = (): void => {
      this.#open.delete(socket);
      this.log.close(call, ending ?? (response.writableFinished ? "whole" : hasLeft(socket) ? "left" : "cut"));
    };
    this.#open.add(socket);
    this.log.add(call);
    if (gone.aborted) return closed();
    gone.addEventListener("abort", closed, { once: true });
    try {
      await this.#playNext(call, { response, socket, gone, ends: (how) => (ending = how) });
    } catch (error) {
      // A step that fails is a mistake in the script: it shows to whoever started the simulator, and the caller is not left hanging.
      console.error(`The simulator's step for ${call.method} /${call.provider}${call.path} failed:`, error);
      ending = "cut";
      socket.destroy();
    }
  }

  async #playNext(call: Call, stage: Stage): Promise<void> {
    const step = this.queues.get(call.provider)?.shift() ?? this.standing.get(call.provider) ?? "normal";
    if (typeof step === "function") return step(call, stage.response);
    if (step !== "normal" && !("fault" in step)) return play(step, stage);
    const fault = step === "normal" ? this.faults.get(call.provider) : step.fault;
    const answer = call.bodyWhole
      ? await answerCall(call, this.#tokenDelayMs)
      : errorAnswer(call.path, { status: 413, message: `The simulator takes bodies of at most ${MAX_BODY_BYTES} bytes.` });
    return play(fault === undefined ? answer : underFault(answer, fault, call.path), stage);
  }

  async waitForCalls(count: number, timeoutMs: number, provider: string | undefined): Promise<readonly Call[]> {
    await this.log.wait("call", timeoutMs, {
      met: () => this.log.list(provider).length >= count,
      missing: () => `${this.log.list(provider).length} of ${count} calls arrived`,
    });
    return this.log.list(provider);
  }

  async waitForClose(call: Call, timeoutMs: number): Promise<Call> {
    await this.log.wait("close", timeoutMs, {
      met: () => call.closedAt !== undefined,
      missing: () => `call ${call.id} (${call.method} /${call.provider}${call.path}) did not close`,
    });
    return call;
  }

  reset(): void {
    this.queues.clear();
    this.standing.clear();
    this.faults.clear();
    this.log.clear();
    for (const socket of this.#open) socket.destroy();
  }

  /** Resolves when every answer has ended. */
  ended(): Promise<void> {
    return this.log.wait("close", WAIT_MS, { met: () => this.#open.size === 0, missing: () => `${this.#open.size} answers did not end` });
  }
}

/** Whether it was the other side that ended the connection. */
function hasLeft(socket: Socket): boolean {
  return socket.readableEnded || socket.errored !== null;
}

/** Reads a request's body to its end, to the bound, or until the caller leaves. */
async function readBody(request: IncomingMessage): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request) {
      length += piece.length;
      if (length <= MAX_BODY_BYTES) pieces.push(piece);
    }
  } catch {
    // The caller left in the middle: what came is kept, and the call says that it is not whole.
    return { bytes: Buffer.concat(pieces), whole: false };
  }
  return { bytes: Buffer.concat(pieces), whole: length <= MAX_BODY_BYTES };
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]));
}
