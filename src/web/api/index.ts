import { Hono } from "hono/tiny";
import type { IssuedKey } from "../../core/governance/issued-key.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { refuseBeyondScope, refuseForeign, requireAdmission } from "./admin-auth.ts";
import { ApiCall, type ApiWorld } from "./call.ts";
import { API_ROUTES, type ApiRoute } from "./routes.ts";

const OPENAPI: ApiRoute = {
  method: "GET",
  path: "/openapi.json",
  summary: "This API, documented",
  parameters: [],
  async respond({ control }) {
    const document = await control.openApi();
    if (document !== undefined) return Response.json(document);
    throw new GatewayError("not_found", "This deploy ships no openapi.json: its assets were not built with `to11 build`.");
  },
};

/** What a call of it finds. `key`: the issued key that it is made with; `undefined`: an operator makes it. */
interface ApiEnvironment {
  Bindings: ApiWorld;
  Variables: { key: IssuedKey | undefined };
}

/** The control API, to be mounted at `/api`. Refusals are thrown as `GatewayError`s; whoever mounts it renders them. */
export function controlApi(): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  const routes: readonly ApiRoute[] = [...API_ROUTES, OPENAPI];
  app.use("*", async (c, next) => {
    refuseForeign(c.req.raw);
    const path = c.req.path.replace(/^\/api/, "");
    const isForAnyone = routes.some((route) => route.access === "anyone" && route.path === path && route.method === c.req.method);
    if (!isForAnyone) c.set("key", await requireAdmission(c.req.raw, c.env, c.req.query("project")));
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  for (const route of routes) {
    app.on(route.method, honoPath(route), (c) => {
      const id = c.req.param("id") ?? "";
      const key = c.get("key");
      if (key !== undefined) refuseBeyondScope(key, route.access);
      return route.respond(new ApiCall(c.req.raw, c.env, { ...route, id, key }));
    });
  }
  for (const [path, ofPath] of Map.groupBy(routes, honoPath)) {
    const allow = ofPath.map(({ method }) => method).join(", ");
    app.all(path, (c) => {
      throw new GatewayError("method_not_allowed", `${c.req.path} is called with ${allow}, not ${c.req.method}.`, { headers: { allow } });
    });
  }
  return app;
}

/** `/keys/{id}/rotate` is `/keys/:id/rotate`. */
function honoPath({ path }: ApiRoute): string {
  return path.replace(/\{\w+\}/, ":id");
}
