import type { HeaderMap } from "../core/header-map.ts";
import type { Caller } from "../gateway/request/caller.ts";
import type { Ports } from "../gateway/ports.ts";
import type { Entrance } from "./entrance.ts";

/** A request on its way, its headers read once. */
export interface Incoming {
  readonly request: Request;
  readonly headers: HeaderMap;
  /** Decoded. */
  readonly path: string;
  readonly entrance: Entrance;
  readonly caller: Caller;
  readonly ports: Ports;
}

/** Whether a request wants to become a WebSocket. */
export function isUpgrade(headers: HeaderMap): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}
