import type { GatewayClient, ServedConfig } from "../control/gateway-client.ts";

/** Publishes over whatever serves now. The answer says which version it is, and what it took the place of. */
export async function publishOver(
  client: GatewayClient,
  toml: string,
): Promise<{ readonly version: string; readonly replaced: ServedConfig }> {
  const replaced = await client.config();
  const { version } = await client.publish(toml, replaced.version);
  return { version, replaced };
}
