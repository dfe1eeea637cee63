import { GatewayError } from "../core/gateway-error.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { type HeaderMap, readHeaders } from "../core/header-map.ts";
import { CHANCE_BYTES, drawShard, makeTraceId } from "../core/trace/trace-id.ts";
import { ENDPOINTS } from "../endpoints/index.ts";
import { answer, closeRefused } from "../gateway/answer.ts";
import { CountedBody } from "../gateway/request/body-budget.ts";
import type { CallLabels } from "../gateway/request/call.ts";
import { Caller } from "../gateway/request/caller.ts";
import { CallerGone } from "../gateway/exhaustion.ts";
import { TraceDraft } from "../gateway/trace-draft.ts";
import { passingQuery } from "./passing-query.ts";
import { askedProvider } from "./asked-provider.ts";
import { enter, type Entrance } from "./entrance.ts";
import { asGatewayError, errorResponse, unseenResponse } from "./errors.ts";
import { answerHeaders, forwardable, ownHeaders, readLabels, readMetadata, saidAsJson } from "./headers.ts";
import { type Incoming, isUpgrade } from "./incoming.ts";
import { INERT_HEADERS } from "./inert.ts";
import { isModelsPath, modelsAt } from "./models.ts";
import { KEY_PATH, ownKey } from "./own-key.ts";
import { serveProviderApi } from "./provider-api.ts";
import { countRefused } from "./refused-calls.ts";
import { readBody } from "./request-body.ts";
import type { World } from "./world.ts";
import { meantAddress, wrongAddressText } from "./wrong-address.ts";

/** Bytes of chance that one request takes: W3C trace and span id, then what draws the shard, then the id's own. */
const CONTEXT_BYTES = 24;
const SHARD_BYTES = 2;

/** What says how large a body may be, for who sends a larger one. */
const BODY_SETTING = "[limits].max_body_bytes in routes.toml";

/**
 * Answers one request under `/v1` or `/providers`. `routedPath`: its path as the router read it.
 * @throws GatewayError for a request that may not come in; from there on every refusal is answered and traced here.
 */
export async function serveV1(request: Request, routedPath: string, world: World): Promise<Response> {
  const headers = readHeaders(request.headers);
  const entrance = await enter(request, headers, world).catch((error: unknown) => {
    countRefused();
    throw error;
  });
  const path = ENDPOINTS.has(routedPath) ? routedPath : decodedPath(request.url);
  if (isModelsPath(path) && !isUpgrade(headers)) return serveModels(request, headers, path, entrance);
  if (path === KEY_PATH && !isUpgrade(headers)) return serveKey(request, entrance);
  const caller = new Caller();
  request.signal.addEventListener("abort", () => caller.leave());
  const served = serveTraced({ request, headers, path, entrance, caller, ports: world.ports }, world.colo);
  // A caller's reset before the answer would end the whole invocation in the middle, before its trace is closed.
  world.keepAlive(served);
  return served;
}

/** Answers a call, refusals included; rejects never. */
async function serveTraced(incoming: Incoming, colo: string | null): Promise<Response> {
  const metadata = readMetadata(incoming.headers);
  const draft = newDraft(incoming, metadata.ok ? metadata.value : {}, colo);
  try {
    return await serveCall(incoming, draft, metadata);
  } catch (error) {
    closeRefused(draft, error);
    if (error instanceof CallerGone) return unseenResponse();
    return refusal(error, incoming, draft);
  }
}

function decodedPath(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function serveModels(request: Request, headers: HeaderMap, path: string, { table, plan }: Entrance): Response {
  if (request.method !== "GET") throw methodNotAllowed(request.method, path, "GET");
  const models = modelsAt(path, { table, allow: plan?.allow }, headers.get("anthropic-version"));
  return Response.json(models, { headers: INERT_HEADERS });
}

function serveKey(request: Request, entrance: Entrance): Response {
  if (request.method !== "GET") throw methodNotAllowed(request.method, KEY_PATH, "GET");
  return Response.json(ownKey(entrance), { headers: { ...INERT_HEADERS, "cache-control": "no-store" } });
}

function methodNotAllowed(method: string, path: string, allowed: string): GatewayError {
  return new GatewayError("method_not_allowed", `${path} is called with ${allowed}, not ${method}.`, { headers: { allow: allowed } });
}

async function serveCall(incoming: Incoming, draft: TraceDraft, metadata: ReturnType<typeof readMetadata>): Promise<Response> {
  const { request, headers, path, entrance } = incoming;
  if (isUpgrade(headers) && path.startsWith("/v1/")) throw noWebSockets(path);
  const asked = ENDPOINTS.has(path) ? undefined : askedProvider(new URL(request.url).pathname, headers, entrance);
  if (asked === undefined) {
    const endpoint = endpointOf(request, path);
    if (!metadata.ok) throw metadata.error;
    return serveEndpoint(incoming, endpoint, draft);
  }
  if (!metadata.ok) throw metadata.error;
  return serveProviderApi(incoming, asked, draft);
}

async function serveEndpoint(incoming: Incoming, endpoint: Endpoint, draft: TraceDraft): Promise<Response> {
  const { request, headers, path, entrance, caller, ports } = incoming;
  const { table } = entrance;
  const forwarded = forwardable(headers, draft.labels, ports.holdsSecret);
  const held = await readBody(request, headers, { bytes: table.maxBodyBytes, setting: BODY_SETTING }, ports);
  const body = new CountedBody(held.bytes, () => held.release());
  const letGo = body.hold();
  try {
    const call = {
      path,
      endpoint,
      contentType: headers.get("content-type") ?? "",
      body,
      headers,
      forwarded: endpoint.requestBody === "json" ? saidAsJson(forwarded.always) : forwarded.always,
      forwardedOnPassthrough: forwarded.onPassthrough,
      plan: entrance.plan,
      query: passingQuery(request.url, ports.holdsSecret),
      providerKey: entrance.caller.providerKey,
      labels: draft.labels,
      caller,
    };
    const delivery = await answer(call, table, draft, ports);
    const encodeBody = delivery.encoding === undefined ? "automatic" : "manual";
    return new Response(delivery.body, { status: delivery.status, headers: answerHeaders(delivery, draft, ports.redact), encodeBody });
  } finally {
    letGo();
  }
}

/** Clients that prefer WebSockets (Codex does) then send the same as a POST. */
function noWebSockets(path: string): GatewayError {
  return new GatewayError(
    "websocket_unsupported",
    `There are no WebSockets at ${path}: send the request as a POST, or open one at /providers/{id}/….`,
  );
}

function endpointOf(request: Request, path: string): Endpoint {
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) {
    throw new GatewayError("unknown_path", wrongAddressText(path, meantAddress(path)));
  }
  if (request.method !== "POST") throw methodNotAllowed(request.method, path, "POST");
  return endpoint;
}

function newDraft({ headers, path, entrance, ports }: Incoming, metadata: CallLabels["metadata"], colo: string | null): TraceDraft {
  const { caller, table } = entrance;
  const startedAtMs = ports.now();
  const random = ports.randomBytes(CONTEXT_BYTES + SHARD_BYTES + CHANCE_BYTES);
  const shard = drawShard(random.subarray(CONTEXT_BYTES), table.traces.shards);
  const id = makeTraceId({ project: table.project, startedAtMs, shard, random: random.subarray(CONTEXT_BYTES + SHARD_BYTES) });
  const labels = { ...readLabels(headers, random), apiKey: caller.apiKey, holder: caller.issued, metadata, colo };
  return new TraceDraft({ id, startedAtMs, path, endpoint: ENDPOINTS.get(path)?.kind ?? null, labels }, table, ports);
}

function refusal(error: unknown, { path, ports }: Incoming, draft: TraceDraft): Response {
  const known = asGatewayError(error);
  // The one place where a bug shows: its name and the trace to look at, no stack and no message, which might quote a secret.
  if (known.code === "internal")
    console.error(`internal error ${error instanceof Error ? error.name : typeof error} in request ${draft.id}`);
  const response = errorResponse(known, known.code === "unknown_path" ? (meantAddress(path)?.path ?? path) : path, {
    id: draft.id,
    redact: ports.redact,
  });
  for (const [name, value] of Object.entries(ownHeaders(draft))) response.headers.set(name, value);
  return response;
}
