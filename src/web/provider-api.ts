import { GatewayError } from "../core/gateway-error.ts";
import { apiPlan } from "../core/routing/api-plan.ts";
import { withQuery } from "../core/routing/api-path.ts";
import type { Try } from "../core/routing/plan.ts";
import { bearsGatewayKey } from "../core/secrets/gateway-key.ts";
import { type ApiBody, type ApiOrder, askProvider, tooLarge } from "../gateway/provider-api/ask-provider.ts";
import type { Ports } from "../gateway/ports.ts";
import { forwardedTo } from "../gateway/request/forwarded-headers.ts";
import { missingKey, passthroughKey } from "../gateway/request/passthrough-key.ts";
import { addressOf, type CredentialChoice, type UpstreamAddress } from "../gateway/request/upstream-request.ts";
import type { TraceDraft } from "../gateway/trace-draft.ts";
import type { AskedProvider } from "./asked-provider.ts";
import { answerHeaders, forwardable, ownHeaders } from "./headers.ts";
import { type Incoming, isUpgrade } from "./incoming.ts";
import { discardBody } from "./request-body.ts";

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What files and uploads need of a caller's headers besides those that models do. */
const ASKED = /^(range|if-(none-)?match|if-(un)?modified-since|if-range|content-encoding|x-goog-upload-.*)$/;
/** The WebSocket's own are the runtime's, but for what both sides speak over it. */
const ASKED_OF_SOCKETS = /^sec-websocket-protocol$/;
/** And of an answer's. */
const ANSWERED = /^(content-disposition|content-range|accept-ranges|etag|last-modified|x-goog-upload-.*)$/;

/**
 * Answers a request to a provider's own API: method, query, body and answer as they are.
 * @throws GatewayError, CallerGone as `askProvider` does, and where there is no key to call with.
 */
export async function serveProviderApi(incoming: Incoming, asked: AskedProvider, draft: TraceDraft): Promise<Response> {
  const { request, entrance, caller, ports } = incoming;
  if (!METHODS.includes(request.method)) {
    throw new GatewayError("method_not_allowed", `A provider's API is not called with ${request.method}.`, {
      headers: { allow: METHODS.join(", ") },
    });
  }
  const plan = apiPlan(asked.provider, `/v1/${asked.path}`);
  const [attempted] = plan.tries;
  if (attempted === undefined) throw new Error("a plan without a call");
  draft.plan = plan;
  const { provider } = asked;
  const stored = provider.passthrough === "stored" ? "lent" : "kept";
  const credential = passthroughKey(attempted, { providerKey: entrance.caller.providerKey, stored }, ports);
  if (credential === undefined)
    throw missingKey(attempted, "A call to a provider's own API", ', or let the provider say passthrough = "stored"');
  const address = addressFor(incoming, attempted, { credential, draft });
  const body = await bodyOf(incoming, entrance.table.maxUploadBytes);
  const order: ApiOrder = { plan, attempted, credential, address, method: request.method, body, draft, caller };
  const answer = await askProvider(order, ports);
  if (answer.kind === "socket") {
    const protocol = answer.protocol === undefined ? {} : { "sec-websocket-protocol": answer.protocol };
    return new Response(null, { status: 101, webSocket: answer.socket, headers: { ...ownHeaders(draft), ...protocol } });
  }
  const { delivery } = answer;
  const shown = answerHeaders(delivery, draft, ports.redact);
  for (const [name, value] of delivery.headers) if (ANSWERED.test(name)) shown[name] = ports.redact(value);
  return new Response(delivery.body, {
    status: delivery.status,
    headers: shown,
    encodeBody: delivery.encoding === undefined ? "automatic" : "manual",
  });
}

/** Where the call goes, with the caller's headers and query string, without anything that is a secret of the gateway's. */
function addressFor(
  { request, headers, ports }: Incoming,
  attempted: Try,
  { credential, draft }: { readonly credential: CredentialChoice; readonly draft: TraceDraft },
): UpstreamAddress {
  const { provider } = attempted.candidate;
  const standing = forwardable(headers, draft.labels, ports.holdsSecret);
  const wanted = isUpgrade(headers) ? ASKED_OF_SOCKETS : ASKED;
  const more = [...headers].filter(([name, value]) => wanted.test(name) && isHarmless(value, ports));
  const call = { headers, forwarded: [...standing.always, ...more], forwardedOnPassthrough: standing.onPassthrough };
  const address = addressOf(
    attempted,
    credential,
    { forwarded: forwardedTo(provider, call, credential, ports), query: [], wanted: "whole" },
    ports,
  );
  if ("refused" in address) {
    draft.addAttempt({ attempted, offsetMs: draft.elapsedMs(), waitedMs: 0 }, { outcome: "unsent", status: null });
    throw new GatewayError("config_error", `The provider ${JSON.stringify(provider.id)} could not be called: ${address.refused}.`);
  }
  const url = withQuery(address.url, new URL(request.url).search.slice(1), (text) => isHarmless(text, ports));
  if (!address.simulated && !isWithin(url, provider.api.baseUrl)) {
    throw new GatewayError("invalid_request", "The path behind the provider leads out of its address.");
  }
  const upgrade = isUpgrade(headers) ? { upgrade: "websocket" } : {};
  return { ...address, url, headers: { ...address.headers, ...upgrade } };
}

function isHarmless(text: string, ports: Ports): boolean {
  return !bearsGatewayKey(text) && !ports.holdsSecret(text);
}

/** Whether an address, as it is read by whoever is about to call it, lies below another. */
function isWithin(url: string, baseUrl: string): boolean {
  const [read, base] = [new URL(url), new URL(baseUrl)];
  return read.origin === base.origin && read.pathname.startsWith(base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`);
}

/** @throws GatewayError for a body that announces to be too large: nobody is called for it. */
async function bodyOf({ request, headers, ports }: Incoming, maxBytes: number): Promise<ApiBody | null> {
  if (request.method === "GET" || request.method === "HEAD" || request.body === null) return null;
  const announced = Number(headers.get("content-length") ?? Number.NaN);
  const body = { stream: request.body, bytes: Number.isSafeInteger(announced) ? announced : undefined, maxBytes };
  if (announced <= maxBytes || body.bytes === undefined) return body;
  await discardBody(request.body, ports);
  throw tooLarge({ body });
}
