import { GatewayError } from "../../../core/gateway-error.ts";
import { isTail, readTraceId } from "../../../core/trace/trace-id.ts";
import { type FilterFault, readTraceFilter, TRACE_FILTERS, type TraceFilter } from "../../../core/trace/trace-filter.ts";
import { answer, type ApiCall, unknownParameter } from "../call.ts";
import { limitOf } from "../page-limit.ts";

/** What GET /api/traces takes besides the project. */
export const LIST_PARAMETERS = [...TRACE_FILTERS, "limit", "cursor"] as const;

/** GET /api/traces */
export async function listTraces(call: ApiCall): Promise<Response> {
  const filter = filterOf(call, ["project", "limit", "cursor"]);
  const query = { filter, limit: limitOf(call), cursor: cursorOf(call.query.get("cursor")) };
  const page = await call.control.traces(await call.served()).list(query);
  return answer("tracesSchema", {
    traces: page.traces.map((trace) => ({ ...trace })),
    next_cursor: page.nextCursor,
    searched_until: page.searchedUntilMs === null ? null : new Date(page.searchedUntilMs).toISOString(),
  });
}

/** GET /api/traces/{id} */
export async function oneTrace(call: ApiCall): Promise<Response> {
  if (!readTraceId(call.id).ok)
    throw new GatewayError(
      "invalid_request",
      `${JSON.stringify(call.id)} is no trace's id; that would be what an answer's x-to11-request-id says, such as default_01kt9m2x5f0k7vq3n8h2c4t6w9.`,
      { param: "id" },
    );
  const trace = await call.control.traces(await call.served()).get(call.id);
  if (trace === undefined || (call.key !== undefined && trace.api_key !== call.key.id))
    throw new GatewayError("not_found", `This project has no trace ${JSON.stringify(call.id)}, or no longer.`);
  return answer("wholeTraceSchema", { ...trace });
}

/** GET /api/traces/live: from here on it is a WebSocket. */
export async function watchTraces(call: ApiCall): Promise<Response> {
  const filter = filterOf(call, ["project"]);
  if (call.request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw new GatewayError("invalid_request", "This call is a WebSocket: connect to it with wss:// (ws:// locally).", { param: "upgrade" });
  const response = await call.control.watchTraces(await call.served(), filter);
  if (response.status === 101) return response;
  throw new GatewayError("overloaded", "Too many watch this project's traces already; close one of them and try again.");
}

/** What the call asks for, `others` of its parameters aside; with a key only the traces of its own calls. */
function filterOf({ query, key }: ApiCall, others: readonly string[]): TraceFilter {
  const given = [...query].filter(([name]) => !others.includes(name));
  const filter = readTraceFilter(given);
  if (!filter.ok) throw refusal(filter.error);
  if (key === undefined) return filter.value;
  const own = readTraceFilter([...given.filter(([name]) => name !== "api_key"), ["api_key", key.id]]);
  if (!own.ok) throw refusal(own.error);
  return own.value;
}

function cursorOf(text: string | null): string | undefined {
  if (text === null) return undefined;
  if (isTail(text)) return text;
  throw new GatewayError("invalid_request", "cursor must be the next_cursor of an earlier page.", { param: "cursor" });
}

function refusal(fault: FilterFault): GatewayError {
  switch (fault.kind) {
    case "unknown":
      return unknownParameter(fault.name, LIST_PARAMETERS);
    case "repeated":
      return new GatewayError("invalid_request", `${fault.name} is given more than once.`, { param: fault.name });
    case "invalid":
      return new GatewayError("invalid_request", `${fault.name} must be ${fault.expected}.`, { param: fault.name });
  }
}
