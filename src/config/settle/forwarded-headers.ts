import type { AuthForm } from "../../core/routing/provider-type.ts";
import { KEY_HEADERS } from "../../core/secrets/key-headers.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { forwardFault } from "./header-name.ts";

/** What the check of a name has to know besides. */
interface Context {
  /** `undefined`: keys are sent as the provider's type says. */
  readonly auth: AuthForm | undefined;
  readonly findings: Findings;
}

/** `forward_headers`: names in lower case, none of the connection or the gateway, and none under which keys are sent. */
export function compileForwarded(path: KeyPath, names: readonly string[], { auth, findings }: Context): readonly string[] {
  const lower = names.map((name) => name.toLowerCase());
  lower.forEach((name, index) => {
    const isKeys = KEY_HEADERS.includes(name) || (auth?.place === "header" && auth.name === name);
    const fault = isKeys ? "cannot go on: it carries keys, and the gateway sends the one that belongs there" : forwardFault(name);
    if (fault !== undefined) findings.wrong([...path, index], fault);
  });
  return [...new Set(lower)];
}
