import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { CallEnding } from "../call.ts";
import { type Answer, type Chunk, chunkData, type Ending, type NoAnswer, type RawAnswer } from "./step.ts";

/** Where an answer is played. */
export interface Stage {
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Aborts when the caller has left, or the answer ended. */
  readonly gone: AbortSignal;
  /** Says how the connection is about to end, where the response object cannot know. */
  ends(ending: CallEnding): void;
}

/** How many bytes more than sent are promised by the Content-Length of an answer that is to be cut. */
const PROMISED_MORE = 1_000;

/** Plays an answer to its ending; resolves early when the caller leaves. */
export async function play(answer: Answer | NoAnswer | RawAnswer, stage: Stage): Promise<void> {
  if ("raw" in answer) {
    await playChunks(answer.raw, stage, (data, done) => stage.socket.write(data, done));
    return playEnding(answer, stage, () => {
      stage.ends("whole");
      stage.socket.end();
    });
  }
  await sleep(answer.delayMs ?? 0, stage.gone);
  if (stage.gone.aborted) return;
  if ("noAnswer" in answer) return playEnding({ ending: answer.noAnswer }, stage, () => undefined);
  await playAnswer(answer, stage);
}

async function playAnswer(answer: Answer, stage: Stage): Promise<void> {
  const { response } = stage;
  const body = answer.body ?? "";
  const chunks: readonly Chunk[] = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  const framing = answer.framing ?? (chunks === body ? "chunked" : "length");
  const cut = (answer.ending ?? "whole") !== "whole";
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const bodiless = answer.status === 204 || answer.status === 304;
  if (framing === "length" && !bodiless && !response.hasHeader("content-length")) {
    response.setHeader(
      "content-length",
      chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunkData(chunk)), 0) + (cut ? PROMISED_MORE : 0),
    );
  }
  if (framing === "close") response.removeHeader("transfer-encoding");
  response.writeHead(answer.status ?? 200);
  response.flushHeaders();
  await playChunks(chunks, stage, (data, done) => response.write(data, done));
  await playEnding(answer, stage, () => response.end());
}

async function playChunks(
  chunks: readonly Chunk[],
  stage: Stage,
  write: (data: string | Uint8Array, done: () => void) => void,
): Promise<void> {
  for (const chunk of chunks) {
    if (typeof chunk === "object" && "data" in chunk) await sleep(chunk.delayMs, stage.gone);
    if (stage.gone.aborted) return;
    const data = chunkData(chunk);
    // An empty write would end a chunked body.
    if (data.length > 0) await orGone(stage.gone, (done) => write(data, done));
  }
}

async function playEnding(end: { ending?: Ending; endDelayMs?: number }, stage: Stage, whole: () => void): Promise<void> {
  await sleep(end.endDelayMs ?? 0, stage.gone);
  if (stage.gone.aborted) return;
  switch (end.ending ?? "whole") {
    case "whole":
      whole();
      return;
    case "close":
      stage.ends("cut");
      stage.socket.end();
      return;
    case "reset":
      stage.ends("cut");
      stage.socket.resetAndDestroy();
      return;
    case "silence":
      return orGone(stage.gone, () => undefined);
  }
}

/** Resolves after `ms`, or when `gone` aborts. The timer keeps no process alive. */
async function sleep(ms: number, gone: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  await orGone(gone, (done) => (timer = setTimeout(done, ms).unref()));
  clearTimeout(timer);
}

/** Resolves when `start` calls back, or when `gone` aborts. */
function orGone(gone: AbortSignal, start: (done: () => void) => unknown): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      gone.removeEventListener("abort", done);
      resolve();
    };
    gone.addEventListener("abort", done);
    start(done);
  });
}
