import type { GatewayClient } from "../../control/gateway-client.ts";
import { readFeed } from "../../control/trace-feed.ts";
import { traceSchema } from "../../control/shown-trace.ts";
import { requestLine } from "./request-line.ts";

/** Shows one line for each request of a gateway as it ends, until the connection to the gateway is lost. */
export async function showRequests(client: GatewayClient, log: { readonly show: (line: string) => void }): Promise<void> {
  await readFeed(client.watchTraces({}), {
    trace(trace) {
      const shown = traceSchema.safeParse(trace);
      if (shown.success) log.show(requestLine(shown.data));
    },
    dropped: (count) => log.show(`${count} requests came too fast to be shown; "to11 traces" has them.`),
  });
}
