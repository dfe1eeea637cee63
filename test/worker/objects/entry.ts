import { Hono } from "hono";
import type { Env } from "../../../src/platform/env.ts";
import { isolateOf } from "../../../src/platform/isolate.ts";
import { controlApi } from "../../../src/web/api/index.ts";
import { healthOf } from "../../../src/web/api/health.ts";
import type { ApiWorld } from "../../../src/web/api/call.ts";
import { asGatewayError, errorResponse } from "../../../src/web/errors.ts";

export { AdminSessions } from "../../../src/platform/admin-sessions.ts";
export { ConfigRegistry } from "../../../src/platform/config-registry.ts";
export { TraceIndex } from "../../../src/platform/trace-index.ts";
export { TraceStore } from "../../../src/platform/trace-store.ts";

type World = ApiWorld & { gatewayKey(name: string): string | undefined };

const app = new Hono<{ Bindings: World }>()
  .route("/api", controlApi())
  .get("/health", async (c) => c.json(await healthOf(c.req.raw, c.env)))
  .onError((error) => errorResponse(asGatewayError(error)));

/** The control API alone, on the real platform. */
export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response> {
    const { control, secrets } = isolateOf(env);
    return app.fetch(request, { control, keepAlive: (work) => ctx.waitUntil(work), gatewayKey: (name) => secrets.gatewayKey(name) });
  },
};
