import type { Endpoint } from "../../core/endpoint.ts";
import type { Wanted } from "../../core/translation.ts";
import type { Outcome } from "../../core/attempt/outcome.ts";
import type { AnswerBody } from "./answer-body.ts";
import type { Caller } from "../request/caller.ts";
import { Connection } from "./connection.ts";
import type { Ports } from "../ports.ts";
import { readAnswer, type Watching } from "./read-answer.ts";
import type { UpstreamAddress } from "../request/upstream-request.ts";

/** One upstream call, ready to be made. */
export interface AttemptOrder {
  readonly address: UpstreamAddress;
  readonly body: Uint8Array;
  readonly endpoint: Endpoint;
  readonly wanted: Wanted;
  readonly watching: Watching;
  /** The target's own limit until the first content, ms. */
  readonly firstContentMs: number;
  /** What the route's total timeout leaves, ms; `Infinity` where it has none. */
  readonly timeLeftMs: number;
  readonly caller: Caller;
}

/** Makes one upstream call and waits until it is known what came of it. Never throws; an outcome other than `answered` has closed its connection. */
export async function attempt(order: AttemptOrder, ports: Ports): Promise<Outcome<AnswerBody>> {
  if (order.caller.gone) return { kind: "cancelled" };
  const connection = new Connection();
  const askedAt = ports.now();
  const limit = order.timeLeftMs < order.firstContentMs ? "total" : "first_content";
  const limitMs = Math.min(order.timeLeftMs, order.firstContentMs);
  const cancelTimer = ports.after(limitMs, () => connection.stop(limit));
  const forget = order.caller.whenGone(() => connection.stop("caller"));
  try {
    const response = await send(order, connection, ports);
    if (response === undefined) return unanswered(connection, limitMs, ports.now() - askedAt);
    const { endpoint, wanted, watching } = order;
    const outcome = await readAnswer({ endpoint, wanted, response, connection, watching, nowMs: ports.now() });
    // A limit may have struck while the first content was on its way: an answer is only committed with a living connection.
    const isDead = outcome !== "broken" && isFlowing(outcome) && connection.stopped !== undefined;
    return outcome === "broken" || isDead ? cutOff(connection, limitMs, response.status) : outcome;
  } finally {
    cancelTimer();
    forget();
  }
}

async function send(order: AttemptOrder, connection: Connection, ports: Ports): Promise<Response | undefined> {
  const { url, headers } = order.address;
  try {
    return await ports.fetch(url, { method: "POST", headers, body: order.body, redirect: "manual", signal: connection.signal });
  } catch {
    // Refused, reset, DNS, TLS: the runtime words them alike, so they are one kind. `connection.stopped` tells what this side did.
    return undefined;
  }
}

function isFlowing(outcome: Outcome<AnswerBody>): boolean {
  return outcome.kind === "answered" && outcome.body.kind === "flowing";
}

/** What a connection means on which no headers came. */
function unanswered(connection: Connection, limitMs: number, afterMs: number): Outcome<AnswerBody> {
  return givenUp(connection, limitMs, null) ?? { kind: "unreachable", afterMs };
}

/** What a connection means that ended behind the headers and before the first content. */
function cutOff(connection: Connection, limitMs: number, status: number): Outcome<AnswerBody> {
  return givenUp(connection, limitMs, status) ?? { kind: "cut", status };
}

/** What it means that this side gave the connection up; `undefined`: it did not. */
function givenUp(connection: Connection, limitMs: number, status: number | null): Outcome<AnswerBody> | undefined {
  const { stopped } = connection;
  connection.stop("finished");
  switch (stopped) {
    case "caller":
      return { kind: "cancelled" };
    case "first_content":
    case "total":
      return { kind: "timed_out", limit: stopped, limitMs, status };
    case "idle":
    case "finished":
    case undefined:
      return undefined;
  }
}
