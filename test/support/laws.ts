import type { AttemptRecord, TraceRecord } from "../../src/core/trace/trace-record.ts";
import { breaksErrorEvent, OTHER_TEXT, OWN_STATUSES, TEXT } from "./acts.ts";
import type { Acted } from "./faulty-upstream.ts";

// What has to hold of every request, whatever its upstreams do: one answer, whole or said not to be, from whom the trace says.

/** A route as far as the laws go. */
export interface LawfulRoute {
  /** As `model` in the request. */
  readonly model: string;
  /** Targets that a request tries, one after the other. */
  readonly targets: number;
  readonly retries: number;
  readonly rescues: boolean;
  /** It has a total timeout, which may end it before all was tried. */
  readonly hurried: boolean;
  readonly managed: boolean;
}

/** What a caller got. */
export interface Got {
  readonly status: number;
  readonly text: string;
  /** The body broke off. */
  readonly aborted: boolean;
}

/** One request and what came of it. */
export interface Case {
  readonly route: LawfulRoute;
  readonly stream: boolean;
  readonly acted: readonly Acted[];
  /** `undefined`: the caller left. */
  readonly got: Got | undefined;
  readonly trace: TraceRecord;
}

/** The laws that a request breaks, in words; none is as it should be. */
export function brokenLaws(given: Case): string[] {
  const broken: string[] = [];
  const law = (holds: boolean, words: string): void => {
    if (!holds) broken.push(words);
  };
  bounded(given, law);
  const seen = { ...given, ...traced(given, law) };
  ordered(seen, law);
  if (seen.got !== undefined) {
    ended(seen, seen.got, law);
    if (seen.got.status < 300) answered(seen, seen.got, law);
    else refused(seen, seen.got, law);
  }
  return broken;
}

/** A case of which each call is an attempt: `ends` says what the trace does of it, in the same order. */
interface Seen extends Case {
  readonly ends: readonly AttemptRecord[];
}

type Law = (holds: boolean, words: string) => void;

const LEAST_BOUND = 6;
/** One, and another for a connection that gave way at once. */
const PASSTHROUGH_BOUND = 2;

function bounded({ route, acted, trace }: Case, law: Law): void {
  const bound = route.managed ? Math.max(LEAST_BOUND, route.targets) : PASSTHROUGH_BOUND;
  law(acted.length <= bound, `${acted.length} calls, at most ${bound} allowed`);
  law(trace.attempts.length <= bound, `${trace.attempts.length} attempts in the trace, at most ${bound} allowed`);
}

/**
 * Each call is an attempt of the trace, in their order for each provider: one that was given up may reach its upstream after the next one's call has, or
 * never. Returns the calls in the order of their attempts.
 */
function traced({ acted, trace, stream, got }: Case, law: Law): Pick<Seen, "acted" | "ends"> {
  const waiting = Map.groupBy(acted, ({ provider }) => provider);
  const found: Acted[] = [];
  const ends: AttemptRecord[] = [];
  for (const attempt of trace.attempts) {
    const calls = waiting.get(attempt.provider) ?? [];
    const [call] = calls;
    if (call !== undefined && fits(attempt, call, { stream, left: got === undefined })) {
      calls.shift();
      found.push(call);
      ends.push(attempt);
    } else {
      law(["timed_out", "cancelled"].includes(attempt.outcome), `the attempt ${words(attempt)} is no ${call?.act.name ?? "call"}`);
    }
  }
  law(found.length === acted.length, `${acted.length} calls, of which the trace shows ${found.length}`);
  return { acted: found, ends };
}

function words({ provider, outcome, status, timeout }: AttemptRecord): string {
  return [provider, outcome, status ?? "", timeout ?? ""].join(" ").trim();
}

/** Whether an act can look like this in a trace. On a slow machine every call may be too late, and a caller who leaves ends any. */
function fits({ outcome, status }: AttemptRecord, call: Acted, how: { readonly stream: boolean; readonly left: boolean }): boolean {
  if (outcome === "timed_out" || (how.left && outcome === "cancelled")) return true;
  return outcomesOf(call, how.stream).some(([one, its]) => one === outcome && its === status);
}

type Outcome = readonly [AttemptRecord["outcome"], number | null];

function outcomesOf({ act, said }: Acted, stream: boolean): readonly Outcome[] {
  // Who goes on with a text that is all there has nothing to begin with but the finish reason.
  const begun = stream && act.at > 0 && said !== TEXT;
  switch (act.name) {
    case "answer":
    case "no_done":
      return [["answered", 200]];
    case "other_text":
      // Where it was to repeat another text, it cannot be joined.
      return [
        ["answered", 200],
        ["cut", 200],
      ];
    case "close_mid":
      return [["cut", 200]];
    case "reset_mid":
      return [
        ["cut", 200],
        ["unreachable", null],
      ];
    case "cut_after_finish":
      return [
        ["answered", 200],
        ["cut", 200],
        ["unreachable", null],
      ];
    case "end_mid":
      return begun ? [["cut", 200]] : [["invalid", 200]];
    case "stall_mid":
    case "silence":
      return [];
    case "error_mid":
      return begun ? [["cut", 200]] : [["refused", 503]];
    case "refuse":
      return [["refused", act.status]];
    case "too_long":
      return [["refused", 400]];
    case "html":
    case "empty":
    case "done_only":
    case "comments":
      return [["invalid", 200]];
    case "redirect":
      return [["invalid", 302]];
    case "close":
    case "reset":
      return [["unreachable", null]];
  }
}

/** Nobody is asked again after another was, nor after a timeout; nobody at all after an answer or a refusal that is the caller's own. */
function ordered({ route, acted, trace: { attempts } }: Case, law: Law): void {
  const tooLong = acted.some(({ act }) => act.name === "too_long");
  const groups: AttemptRecord[][] = [];
  for (const attempt of attempts) {
    const group = groups.at(-1);
    if (group?.[0]?.provider === attempt.provider) group.push(attempt);
    else groups.push([attempt]);
  }
  law(new Set(groups.map(([first]) => first?.provider)).size === groups.length, "a target was asked again after another one");
  for (const group of groups) {
    // A rescue may ask one target twice: to go on, then to start again. A connection that gives way at once is tried again even without retries.
    law(group.length <= 1 + Math.max(1, route.retries) + (route.rescues ? 1 : 0), `${group.length} attempts of one target`);
    law(
      group.slice(0, -1).every(({ outcome }) => outcome !== "timed_out"),
      "a silent target was asked again",
    );
  }
  const settled = ({ outcome, status }: AttemptRecord): boolean =>
    outcome === "answered" || (outcome === "refused" && !route.rescues && !tooLong && OWN_STATUSES.some((own) => own === status));
  const begun = attempts.findIndex(settled);
  law(begun < 0 || begun === attempts.length - 1, "somebody was asked after the answer was settled");
}

function ended({ stream, trace, route }: Case, got: Got, law: Law): void {
  law(!got.aborted, "the body broke off");
  law(got.status === trace.status, `the caller got ${got.status}, the trace says ${trace.status}`);
  law(
    Buffer.byteLength(got.text) === trace.response_bytes || got.status >= 300,
    `${Buffer.byteLength(got.text)} bytes, the trace says ${trace.response_bytes}`,
  );
  law(got.status >= 300 === (trace.outcome === "failed"), `status ${got.status}, and the trace says ${trace.outcome}`);
  law(trace.outcome !== "client_closed", "the trace says that a caller left who had not");
  law(trace.outcome !== "rescued" || (stream && route.rescues), "rescued where nobody asked for it");
}

function answered(seen: Case, got: Got, law: Law): void {
  const { acted, trace } = seen;
  const tokens = tokensIn(got.text);
  const owners = tokens.map((token) => acted.findIndex((call) => call.token === token));
  const last = acted.length - 1;
  law(!owners.includes(-1), `bytes of nobody: ${tokens.join(" ")}`);
  law(seen.route.rescues || owners.every((owner) => owner === last), "bytes of another than the last attempt");
  law(
    owners.every((owner, index) => owner > (owners[index - 1] ?? -1)),
    "bytes of attempts out of their order",
  );
  law(owners.length > 0, "an answer of nobody");
  const whole = seen.stream ? streamed(seen, got, law) : plain(got, law);
  law(whole === (trace.outcome !== "truncated"), `${whole ? "whole" : "broken"}, and the trace says ${trace.outcome}`);
  law((trace.finish_reason === "stop") === whole, `finish reason ${trace.finish_reason ?? "none"}`);
  const usage = trace.usage.input_tokens;
  // A reset may overtake the usage, and the total time be over before it.
  const overtaken = (seen.route.hurried || acted[last]?.act.name === "cut_after_finish") && usage === null;
  if (whole) law(usage === acted[last]?.usage || overtaken, `usage of another attempt: ${usage ?? "none"}`);
  law(trace.provider === acted[last]?.provider || (seen.route.rescues && !whole), `served by ${trace.provider ?? "nobody"}`);
}

/** The tokens that occur, each once, in the order of their first occurrence. */
function tokensIn(text: string): string[] {
  return [...new Set(text.match(/<[\w-]+\.\d+>/g) ?? [])];
}

function plain(got: Got, law: Law): boolean {
  const value = parsed(got.text) as { choices?: { message: { content: string } }[] } | undefined;
  const text = value?.choices?.[0]?.message.content ?? "";
  law(text === TEXT || text === OTHER_TEXT, `an answer that is none: ${got.text.slice(0, 200)}`);
  return true;
}

/** Reads a stream as a strict client would; true where it ends whole. */
function streamed({ acted, route, trace }: Case, got: Got, law: Law): boolean {
  law(/(\n\n|data: \[DONE\]\n?)$/.test(got.text), "the last event is not whole");
  const events = got.text
    .split("\n\n")
    .slice(0, -1)
    .filter((text) => !text.startsWith(":"));
  const values = events.map((text) => (text === "data: [DONE]" ? "done" : parsed(text.replace("data: ", "")))) as (
    | Chunk
    | "done"
    | undefined
  )[];
  // A reset may overtake the bytes before it, and a timeout may strike anywhere: half an event may be out then, which is ended before the last word.
  const overtaken =
    ["reset_mid", "cut_after_finish"].includes(acted.at(-1)?.act.name ?? "") || trace.attempts.at(-1)?.outcome === "timed_out";
  law(
    values.every((value, index) => value !== undefined || (overtaken && index === values.length - 2)),
    "an event that is no JSON",
  );
  const chunks = values.filter((value): value is Chunk => value !== undefined && value !== "done");
  const text = chunks.map(({ choices }) => choices?.[0]?.delta.content ?? "").join("");
  law(TEXT.startsWith(text) || OTHER_TEXT.startsWith(text), `a text that nobody said: ${text}`);
  const errors = chunks.filter(({ error }) => error !== undefined);
  const finishes = chunks.filter(({ choices }) => (choices?.[0]?.finish_reason ?? null) !== null);
  const dones = values.filter((value) => value === "done").length;
  law(
    chunks.every(({ usage }) => usage === undefined),
    "usage that the caller did not ask for",
  );
  if (errors.length > 0) {
    const own = errors.filter(({ error }) => error?.code === "stream_truncated");
    law(own.length === 1 && values.at(-1) === own[0], "an error that is not the last word");
    // The upstream's own error goes on where its first bytes had.
    const last = acted.at(-1);
    const maySayTwo = last !== undefined && breaksErrorEvent(last.act, { ...last, stream: true });
    law(errors.length === 1 || maySayTwo, "an error of the upstream's in the stream");
    law(finishes.length === 0 && dones === 0, "a stream that breaks and finishes");
    return false;
  }
  const silentEnd = route.hurried || ["no_done", "cut_after_finish"].includes(acted.at(-1)?.act.name ?? "");
  law(finishes.length === 1, `${finishes.length} finish reasons and no error`);
  law((dones === 1 && values.at(-1) === "done") || (dones === 0 && silentEnd), `${dones} times [DONE]`);
  law(text === TEXT || text === OTHER_TEXT, `a whole stream of half a text: ${text}`);
  return true;
}

interface Chunk {
  readonly error?: { readonly code?: string };
  readonly choices?: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
  readonly usage?: unknown;
}

function refused({ route, acted, ends, trace }: Seen, got: Got, law: Law): void {
  const value = parsed(got.text) as { error?: { message?: string; code?: string | null } } | undefined;
  law(value?.error !== undefined, `an error without OpenAI's shape: ${got.text.slice(0, 200)}`);
  const [token, ...others] = tokensIn(got.text);
  const owner = acted.find((call) => call.token === token);
  law(others.length === 0, "errors of several attempts in one");
  if (token === undefined)
    law(OWN_CODES.get(value?.error?.code ?? "") === got.status, `${got.status} with code ${value?.error?.code ?? "none"}`);
  else {
    // One that came too late was not heard.
    const firstTooLong = acted.find((call, index) => call.act.name === "too_long" && ends[index]?.outcome === "refused");
    law(owner === acted.at(-1) || owner === firstTooLong, "the error of another attempt than the last");
    law(
      owner !== undefined && got.status === (owner.act.name === "refuse" ? owner.act.status : owner.act.name === "error_mid" ? 503 : 400),
      `the status ${got.status} of another`,
    );
  }
  const last = acted.at(-1)?.act;
  const own = last?.name === "refuse" && OWN_STATUSES.some((status) => status === last.status);
  const tried = new Set(trace.attempts.map(({ provider }) => provider)).size;
  law(own || tried === route.targets || route.hurried, `given up after ${tried} of ${route.targets} targets`);
}

/** The gateway's own words for an exhausted chain. */
const OWN_CODES: ReadonlyMap<string, number> = new Map([
  ["upstream_unreachable", 502],
  ["upstream_invalid_response", 502],
  ["upstream_auth", 502],
  ["upstream_timeout", 504],
]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
