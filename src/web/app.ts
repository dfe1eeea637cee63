import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { GatewayError } from "../core/gateway-error.ts";
import { CallerGone } from "../gateway/exhaustion.ts";
import { hex } from "../core/trace/traceparent.ts";
import { controlApi } from "./api/index.ts";
import { healthOf } from "./api/calls/health.ts";
import { crossOrigin } from "./cors.ts";
import { asGatewayError, errorResponse, unseenResponse } from "./errors.ts";
import { dialectPath } from "./models.ts";
import { isPageCall } from "./page-call.ts";
import { serveV1 } from "./v1.ts";
import type { World } from "./world.ts";
import { meantAddress, wrongAddressText } from "./wrong-address.ts";

const UNTRACED_ID_BYTES = 12;

/** The Worker's HTTP side: `/v1` and `/providers` for callers, `/api` for operators, `/health` for both, and the dashboard's page wherever somebody looks for one. */
export function createApp(): Hono<{ Bindings: World }> {
  const app = new Hono<{ Bindings: World }>();
  app.all(
    "/v1/*",
    crossOrigin((c) => serveV1(c.req.raw, c.req.path, c.env), refuse),
  );
  app.all(
    "/providers/:id/:path{.+}",
    crossOrigin((c) => serveV1(c.req.raw, c.req.path, c.env), refuse),
  );
  app.route("/api", controlApi());
  app.get("/health", async (c) => c.json(await healthOf(c.req.raw, c.env)));
  app.notFound(async (c) => {
    const world: World = c.env;
    const page = isPageCall(c.req.raw, c.req.path) ? await world.page(c.req.raw) : undefined;
    return page ?? unknownPath(c.req.path, world);
  });
  app.onError(refuse);
  return app;
}

function unknownPath(path: string, world: World): Response {
  const meant = meantAddress(path);
  const error = new GatewayError("unknown_path", wrongAddressText(path, meant));
  return errorResponse(error, meant?.path ?? path, { id: untracedId(world), redact: world.ports.redact });
}

function refuse(error: Error, c: Context<{ Bindings: World }>): Response {
  if (error instanceof CallerGone) return unseenResponse();
  // Asked only where something threw: such a request fails wherever its address is first read.
  const known = URL.canParse(c.req.url) ? asGatewayError(error) : new GatewayError("invalid_request", "The Host header holds no host.");
  // A bug: its name is all that may be logged, a message might quote a secret.
  const id = untracedId(c.env);
  if (known.code === "internal") console.error(`internal error ${error.name} in request ${id}`);
  return errorResponse(known, dialectPath(c.req.path, c.req.header("anthropic-version")), { id, redact: c.env.ports.redact });
}

/** An id for an answer that has no trace: it tells one line of a log from another. */
function untracedId({ ports }: World): string {
  return `untraced_${hex(ports.randomBytes(UNTRACED_ID_BYTES))}`;
}
