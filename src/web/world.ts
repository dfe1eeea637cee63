import type { Ports } from "../gateway/ports.ts";
import type { ControlServices, KeepAlive } from "./api/services.ts";

/** All that the HTTP side needs of the platform for one request. */
export interface World {
  readonly control: ControlServices;
  /** A secret of the deployment by its name, for the gateway's own keys; `undefined`: not set. */
  secretValue(name: string): string | undefined;
  /** The request path's view of the world, with traces kept alive by `keepAlive`. */
  ports(keepAlive: KeepAlive): Ports;
  /** Cloudflare's data centre; `null` locally. */
  readonly colo: string | null;
}
