import type { Ports } from "../gateway/ports.ts";
import type { ControlServices, KeepAlive } from "./api/services.ts";

/** All that the HTTP side needs of the platform, for one request. */
export interface World {
  readonly control: ControlServices;
  /** The request path's view of the world. */
  readonly ports: Ports;
  readonly keepAlive: KeepAlive;
  /** The key that callers may use under this secret's name; `undefined`: not set. */
  gatewayKey(name: string): string | undefined;
  /** The dashboard's page, as it is asked for; `undefined`: this deploy has none. */
  page(request: Request): Promise<Response | undefined>;
  /** Cloudflare's data centre; `null` locally. */
  readonly colo: string | null;
}
