import type { Ports } from "../gateway/ports.ts";
import type { ControlServices, KeepAlive } from "./api/services.ts";
import type { GatewayKey } from "./auth.ts";

/** All that the HTTP side needs of the platform, for one request. */
export interface World {
  readonly control: ControlServices;
  /** The request path's view of the world. */
  readonly ports: Ports;
  readonly keepAlive: KeepAlive;
  /** The secrets that callers may show, where a project names them: those of the form of a gateway key. The same list for all requests of an isolate. */
  readonly gatewayKeys: readonly GatewayKey[];
  /** The dashboard's page, as it is asked for; `undefined`: this deploy has none. */
  page(request: Request): Promise<Response | undefined>;
  /** Cloudflare's data centre; `null` locally. */
  readonly colo: string | null;
}
