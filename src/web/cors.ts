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
 * Serves, and lets the pages of `cors_origins` call and read what they are told, refusals included. A preflight needs no key. It, and who is not let in, is
 * answered by the project that calls without a project's name belong to: which others there are is told to nobody without a key. A wrapper of the one
 * handler, no middleware before it: who calls without a page pays nothing for it.
 */
export function crossOrigin(serve: Serve, refuse: Refuse): Handler<{ Bindings: World }> {
  /** The origins that may read an answer, by its request. */
  const readers = new WeakMap<Request, ReadonlySet<string>>();
  const allowing = cors({
    origin: (origin, c) => (readers.get(c.req.raw)?.has(origin) === true ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
  return async (c) => {
    // What becomes a WebSocket is no answer that a page could be kept from reading.
    if (c.req.header("origin") === undefined || c.req.header("upgrade") !== undefined) return serve(c);
    let isLetIn = c.req.method !== "OPTIONS";
    const answer = isLetIn
      ? await serve(c).catch((error: Error) => {
          isLetIn = false;
          return refuse(error, c);
        })
      : undefined;
    const { control, keepAlive } = c.env;
    const served = isLetIn
      ? await control.served(c.req.header("x-to11-project-id"), keepAlive)
      : await control.servedToStrangers(undefined, keepAlive);
    if (served.ok) readers.set(c.req.raw, served.value.table.corsOrigins);
    if (answer !== undefined) c.res = answer;
    return (await allowing(c, () => Promise.resolve())) ?? c.res;
  };
}
