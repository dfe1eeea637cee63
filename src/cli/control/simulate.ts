import { didYouMean } from "../../core/nearest.ts";
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
      `No simulator runs behind ${options.url}: "to11 dev" starts one where a provider's key is missing, or with --simulate all.`,
    );
  }
  const ids = providers.map(({ id }) => id);
  const known = providers.find(({ id }) => id === provider);
  if (known === undefined) {
    throw new CommandFailure(`There is no provider ${provider}${didYouMean(provider, ids)}. There are ${ids.join(", ")}.`);
  }
  if (!known.simulated) {
    throw new CommandFailure(`${provider} is real: its calls do not reach the simulator. "to11 dev --simulate all" simulates it, too.`);
  }
  await control(`${simulator}/-/faults/${encodeURIComponent(provider)}`, fault);
  print(...faultWords(provider, fault));
}

/** What calls to a provider meet from now on, and how that ends. */
export function faultWords(provider: string, fault: ReturnType<typeof faultOf>): readonly string[] {
  if (fault === null) return [`${provider} answers as usual again.`];
  return [
    `From now on ${consequence(provider, fault)}.`,
    `A route with further targets goes on to the next one; "to11 traces" shows it. It ends with: npx to11 simulate ${provider} --clear`,
  ];
}

function consequence(provider: string, fault: SimulatedFault): string {
  if ("status" in fault) return `every call to ${provider} is answered with status ${fault.status}`;
  if ("latency_ms" in fault) return `every answer of ${provider} begins ${fault.latency_ms} ms later`;
  return `every answer of ${provider} breaks off after ${fault.cut_after} events of a stream, or bytes of anything else`;
}

/** A fault as the simulator takes it. */
type SimulatedFault = { readonly status: number } | { readonly latency_ms: number } | { readonly cut_after: number };

/** What the simulator is sent; `null` clears. @throws {CommandFailure} unless exactly one thing is asked for. */
export function faultOf(options: Pick<SimulateOptions, "status" | "latencyMs" | "cutAfter" | "clear">): SimulatedFault | null {
  const { status, latencyMs, cutAfter, clear } = options;
  const faults: SimulatedFault[] = [];
  if (status !== undefined) faults.push({ status });
  if (latencyMs !== undefined) faults.push({ latency_ms: latencyMs });
  if (cutAfter !== undefined) faults.push({ cut_after: cutAfter });
  const [fault = null] = faults;
  if (faults.length + (clear === true ? 1 : 0) === 1) return fault;
  throw new CommandFailure("a provider has one fault at a time: name one of --status N, --latency-ms N, --cut-after N, --clear", 2);
}

async function control(url: string, fault: SimulatedFault | null): Promise<void> {
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
