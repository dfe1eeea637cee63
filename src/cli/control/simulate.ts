import { CommandFailure } from "../command-failure.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { print } from "../terminal/terminal.ts";
import type { Variables } from "../variables.ts";

/** A fault to have, or `clear`. */
export interface SimulateOptions extends GatewayOptions {
  readonly status?: number;
  readonly latencyMs?: number;
  readonly cutAfter?: number;
  readonly clear?: boolean;
}

/** Gives a simulated provider a fault, or takes its faults away. */
export async function simulate(provider: string, options: SimulateOptions, shell: Variables): Promise<void> {
  const fault = faultOf(options);
  const { providers, simulator } = await (await connect(options, shell)).providers();
  if (simulator === null) {
    throw new CommandFailure(
      `No simulator runs behind ${options.url}: "to11 dev" starts one when no credential is set, or with --simulate all.`,
    );
  }
  if (!providers.some(({ id }) => id === provider)) {
    throw new CommandFailure(`There is no provider ${provider}; there are ${providers.map(({ id }) => id).join(", ")}.`);
  }
  await control(`${simulator}/-/faults/${encodeURIComponent(provider)}`, fault);
  print(
    fault === null
      ? `${provider} answers as usual again`
      : `${provider} now has ${JSON.stringify(fault)}; "to11 simulate ${provider} --clear" ends it`,
  );
}

/** What the simulator is sent; `null` clears. @throws {CommandFailure} unless exactly one thing is asked for. */
export function faultOf(options: Pick<SimulateOptions, "status" | "latencyMs" | "cutAfter" | "clear">): Record<string, number> | null {
  const { status, latencyMs, cutAfter, clear } = options;
  const faults: Record<string, number>[] = [];
  if (status !== undefined) faults.push({ status });
  if (latencyMs !== undefined) faults.push({ latency_ms: latencyMs });
  if (cutAfter !== undefined) faults.push({ cut_after: cutAfter });
  const [fault = null] = faults;
  if (faults.length + (clear === true ? 1 : 0) === 1) return fault;
  throw new CommandFailure("a provider has one fault at a time: name one of --status N, --latency-ms N, --cut-after N, --clear", 2);
}

async function control(url: string, fault: Record<string, number> | null): Promise<void> {
  const init =
    fault === null ? { method: "DELETE" } : { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(fault) };
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new CommandFailure(`The simulator at ${new URL(url).origin} does not answer; is "to11 dev" still running on this machine?`);
  }
  if (!response.ok) throw new CommandFailure(`The simulator refused: ${response.status} ${(await response.text()).slice(0, 300)}`);
}
