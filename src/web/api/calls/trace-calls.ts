import { GatewayError } from "../../../core/gateway-error.ts";
import { isTail, readTraceId } from "../../../core/trace/trace-id.ts";
import { type FilterFault, readTraceFilter, TRACE_FILTERS } from "../../../core/trace/trace-filter.ts";
import { answer, type ApiCall, unknownParameter } from "../call.ts";

/** What GET /api/traces takes besides the project. */
export const LIST_PARAMETERS = [...TRACE_FILTERS, "limit", "cursor"] as const;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** GET /api/traces */
export async function listTraces(call: ApiCall): Promise<Response> {
  const parameters = [...call.query].filter(([name]) => name !== "project" && name !== "limit" && name !== "cursor");
  const filter = readTraceFilter(parameters);
  if (!filter.ok) throw refusal(filter.error);
  const query = { filter: filter.value, limit: limitOf(call.query.get("limit")), cursor: cursorOf(call.query.get("cursor")) };
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
  if (trace === undefined) throw new GatewayError("not_found", `This project has no trace ${JSON.stringify(call.id)}, or no longer.`);
  return answer("wholeTraceSchema", { ...trace });
}

/** GET /api/traces/live: from here on it is a WebSocket. */
export async function watchTraces(call: ApiCall): Promise<Response> {
  const filter = readTraceFilter([...call.query].filter(([name]) => name !== "project"));
  if (!filter.ok) throw refusal(filter.error);
  if (call.request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw new GatewayError("invalid_request", "This call is a WebSocket: connect to it with wss:// (ws:// locally).", { param: "upgrade" });
  const response = await call.control.watchTraces(await call.served(), filter.value);
  if (response.status === 101) return response;
  throw new GatewayError("overloaded", "Too many watch this project's traces already; close one of them and try again.");
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new GatewayError("invalid_request", `limit must be a whole number from 1 to ${MAX_LIMIT}.`, { param: "limit" });
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
