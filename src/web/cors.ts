import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { World } from "./world.ts";

/** Response headers that a page may read besides the ones browsers always show. */
const EXPOSED = [
  "x-to11-request-id",
  "x-to11-layer",
  "x-to11-route",
  "x-to11-strategy",
  "x-to11-target",
  "x-to11-upstream-provider",
  "x-to11-attempts",
  "x-to11-config",
  "x-to11-simulated",
  "x-to11-error-code",
  "x-gateway-variant",
  "x-should-retry",
  "retry-after",
  "traceparent",
];
/** How long a browser may remember a preflight, seconds. */
const PREFLIGHT_MAX_AGE_S = 600;

/** Lets the pages of `cors_origins` call. A preflight needs no key; it is answered by the project that calls without a project's name belong to. */
export function crossOrigin(): MiddlewareHandler<{ Bindings: World }> {
  const allowing = cors({
    async origin(origin, c) {
      const world: World = c.env;
      const served = await world.control.served(c.req.header("x-to11-project-id"), world.keepAlive);
      return served.ok && served.value.table.corsOrigins.has(origin) ? origin : null;
    },
    allowMethods: ["GET", "POST"],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
  return (c, next) => (c.req.header("origin") === undefined ? next() : allowing(c, next));
}
