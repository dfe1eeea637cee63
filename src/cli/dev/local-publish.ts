import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayClient, ServedConfig } from "../gateway-client.ts";

/** The time within which a local gateway serves what was published, with a margin. */
const SERVED_WITHIN_MS = 15_000;
const SERVED_POLL_MS = 200;

/** Publishes over whatever serves now. The answer says which version it is, and what it took the place of. */
export async function publishOver(
  client: GatewayClient,
  toml: string,
): Promise<{ readonly version: string; readonly replaced: ServedConfig }> {
  const replaced = await client.config();
  const { version } = await client.publish(toml, replaced.version);
  return { version, replaced };
}

/** Waits until requests see this version, or the time is over within which they should. */
export async function untilServed(client: GatewayClient, version: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + SERVED_WITHIN_MS;
  while (performance.now() < deadline) {
    const { config } = await client.health();
    if (config === undefined || config.version === version) return;
    await sleep(SERVED_POLL_MS, undefined, { signal });
  }
}
