import { GatewayClient } from "./gateway-client.ts";
import { envFileOf, requireVariables, valueOf, type Variables } from "../variables.ts";

/** What every command that talks to a gateway takes. */
export interface GatewayOptions {
  readonly url: string;
  readonly project?: string;
  readonly json?: boolean;
}

/** The gateway that `--url` names, opened with TO11_ADMIN_KEY of the shell's environment, else of .dev.vars. */
export async function connect(options: GatewayOptions, shell: Variables): Promise<GatewayClient> {
  const variables = await requireVariables(envFileOf(undefined), shell);
  const adminKey = valueOf(variables, "TO11_ADMIN_KEY");
  return new GatewayClient({
    url: options.url,
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(adminKey === "" ? {} : { adminKey }),
  });
}
