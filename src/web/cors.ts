import type { Context, Handler } from "hono";
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
  "x-to11-translated",
  "x-to11-dropped",
  "x-to11-error-code",
  "x-gateway-variant",
  "x-should-retry",
  "x-request-id",
  "request-id",
  "retry-after",
  "traceparent",
];
/** How long a browser may remember a preflight, seconds. */
const PREFLIGHT_MAX_AGE_S = 600;

type Serve = (c: Context<{ Bindings: World }>) => Promise<Response>;
type Refuse = (error: Error, c: Context<{ Bindings: World }>) => Response;

/**
 * Serves, and lets the pages of `cors_origins` call and read what they are told, refusals included. A preflight needs no key; it is answered by the
 * project that calls without a project's name belong to. A wrapper of the one handler, no middleware before it: who calls without a page pays nothing for it.
 */
export function crossOrigin(serve: Serve, refuse: Refuse): Handler<{ Bindings: World }> {
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
  return (c) => {
    if (c.req.header("origin") === undefined) return serve(c);
    return allowing(c, async () => {
      c.res = await serve(c).catch((error: Error) => refuse(error, c));
    });
  };
}
