import type { Step } from "../../src/simulator/index.ts";
import { type Answer, type Chunk, chunkData } from "../../src/simulator/play/step.ts";
import { COMMENT, event, JSON_HEADERS, STREAM_HEADERS } from "./upstream.ts";

// What an upstream may do with a chat call, good or bad. Every answer bears a token of its own in each of its events and errors, so that it shows whose bytes
// a caller got.

/** What can happen. `…_mid`: after `at` contents (0: before the first; in a plain answer always in the middle). */
export const ACT_NAMES = [
  "answer",
  "other_text",
  "no_done",
  "cut_after_finish",
  "close_mid",
  "reset_mid",
  "end_mid",
  "stall_mid",
  "error_mid",
  "refuse",
  "too_long",
  "html",
  "empty",
  "redirect",
  "done_only",
  "comments",
  "close",
  "reset",
  "silence",
] as const;
export type ActName = (typeof ACT_NAMES)[number];

/** One act: what an upstream does with one call. */
export interface Act {
  readonly name: ActName;
  /** Contents before it breaks. */
  readonly at: number;
  /** The status where it refuses. */
  readonly status: number;
  /** Lengths of the socket writes of a stream, over and over. */
  readonly writes: readonly number[];
  /** Waited before the first of them, ms; left out: none. */
  readonly delayMs?: number;
}

/** Refusals that are tried again or elsewhere, then those that are the caller's own. */
export const FAILING_STATUSES = [401, 402, 403, 408, 409, 425, 429, 500, 502, 503, 504, 520, 529] as const;
export const OWN_STATUSES = [400, 404, 413, 422] as const;

/** The usual answer, and another one that cannot be joined to it. */
export const WORDS = ["Once ", "upon ", "a ", "time ", "there ", "was ", "a ", "fox."] as const;
export const TEXT = WORDS.join("");
export const OTHER_WORDS = ["In ", "a ", "hole ", "in ", "the ", "ground."] as const;
export const OTHER_TEXT = OTHER_WORDS.join("");

/** What an act does well. */
export const GOOD: Act = { name: "answer", at: 0, status: 200, writes: [1_000_000] };

/** A call as an act sees it. */
export interface ActedCall {
  readonly token: string;
  readonly stream: boolean;
  /** What of the answer the caller has already, where this call is to go on with it. */
  readonly said: string;
  /** The input tokens it reports; `undefined`: a stream that was not asked for usage. */
  readonly usage: number | undefined;
}

/** The step that plays an act. */
export function stepOf(act: Act, call: ActedCall): Step {
  const refusal = (status: number, code: string | null, message: string): Answer => ({
    status,
    headers: JSON_HEADERS,
    body: JSON.stringify({ error: { message: `${message} ${call.token}`, type: "error", param: null, code } }),
  });
  switch (act.name) {
    case "refuse":
      return refusal(act.status, null, "refused");
    case "too_long":
      return refusal(400, "context_length_exceeded", "too long");
    case "html":
      return { headers: { "content-type": "text/html" }, body: `<html>${call.token}</html>` };
    case "redirect":
      return { status: 302, headers: { location: `http://127.0.0.1:1/${call.token}` }, body: call.token };
    case "empty":
      return call.stream ? { headers: STREAM_HEADERS, body: [] } : { headers: JSON_HEADERS, body: "" };
    case "done_only":
      return { headers: STREAM_HEADERS, body: [event("[DONE]")] };
    case "comments":
      return { headers: STREAM_HEADERS, body: [COMMENT, `: ${call.token}\n\n`] };
    case "close":
    case "reset":
    case "silence":
      return { noAnswer: act.name };
    default:
      return call.stream ? streamOf(act, call) : plainOf(act, call);
  }
}

/** 5 ms pass between the last byte and a reset: it may overtake what was not read yet. */
const RESET = { ending: "reset", endDelayMs: 5 } as const;

function streamOf(act: Act, call: ActedCall): Answer {
  const chunk = (delta: Readonly<Record<string, unknown>>, finish: string | null = null): string =>
    event({ id: call.token, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] });
  const words = wordsOf(act, call);
  const contents = words.map((content) => chunk({ content }));
  const begun = [chunk({ role: "assistant", content: "" }), ...contents.slice(0, act.at)];
  const usage =
    call.usage === undefined ? [] : [event({ id: call.token, choices: [], usage: { prompt_tokens: call.usage, completion_tokens: 1 } })];
  const whole = [chunk({ role: "assistant", content: "" }), ...contents, chunk({}, "stop"), ...usage];
  const send = (texts: readonly string[]): Answer => ({ headers: STREAM_HEADERS, body: late(written(texts.join(""), act.writes), act) });
  switch (act.name) {
    case "close_mid":
      return { ...send(begun), ending: "close" };
    case "reset_mid":
      return { ...send(begun), ...RESET };
    case "end_mid":
      return send(begun);
    case "stall_mid":
      return { ...send(begun), ending: "silence" };
    case "error_mid":
      return send([...begun, errorEvent(call.token), event("[DONE]")]);
    case "no_done":
      return send(whole);
    case "cut_after_finish":
      return { ...send(whole), ...RESET };
    default:
      return send([...whole, event("[DONE]")]);
  }
}

/** Whether the error event of a stream goes out in more than one write: its first bytes may reach the caller before anybody can tell what it is. */
export function breaksErrorEvent(act: Act, call: ActedCall): boolean {
  const { body } = streamOf(act, call);
  return (
    act.name === "error_mid" &&
    Array.isArray(body) &&
    !body.some((write: Chunk) => Buffer.from(chunkData(write)).includes(errorEvent(call.token)))
  );
}

function errorEvent(token: string): string {
  return event({ error: { message: `gave up ${token}`, code: 503 } });
}

function plainOf(act: Act, call: ActedCall): Answer {
  const text = wordsOf(act, call).join("");
  const body = JSON.stringify({
    id: call.token,
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: call.usage, completion_tokens: 1 },
  });
  const half = [body.slice(0, 40)];
  switch (act.name) {
    case "close_mid":
      return { headers: JSON_HEADERS, body: half, ending: "close" };
    case "reset_mid":
      return { headers: JSON_HEADERS, body: half, ...RESET };
    case "end_mid":
      return { headers: JSON_HEADERS, body: half, framing: "close" };
    case "stall_mid":
      return { headers: JSON_HEADERS, body: half, ending: "silence" };
    case "error_mid":
      return { headers: JSON_HEADERS, body: JSON.stringify({ error: { message: `gave up ${call.token}`, code: 503 } }) };
    default:
      return { headers: JSON_HEADERS, body: late(written(body, act.writes), act) };
  }
}

/** The words that are left to say; who goes on with an answer does not begin another one. */
function wordsOf(act: Act, call: ActedCall): readonly string[] {
  if (act.name === "other_text" && call.said === "") return OTHER_WORDS;
  const left = (TEXT.startsWith(call.said) ? TEXT : OTHER_TEXT).slice(call.said.length);
  return left === "" ? [] : left.split(/(?<= )/);
}

function late(writes: readonly Uint8Array[], { delayMs = 0 }: Act): Chunk[] {
  return writes.map((data, index) => (index === 0 && delayMs > 0 ? { data, delayMs } : data));
}

/** A text in socket writes of these lengths, at most as many as a test has time for: the rest comes in one. */
function written(text: string, lengths: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const writes: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = writes.length >= MOST_WRITES ? bytes.length : (lengths[writes.length % lengths.length] ?? bytes.length);
    writes.push(bytes.subarray(at, at + length));
    at += length;
  }
  return writes;
}

const MOST_WRITES = 60;
