import { needsPulse } from "../../core/governance/pulse.ts";
import { ok } from "../../core/result.ts";
import type { ControlServices, KeepAlive } from "../../web/api/services.ts";
import type { ConfigCache } from "../config/config-cache.ts";
import type { Pulses } from "./pulses.ts";

/**
 * What serves a project, and all that its governor says in force, before a request goes on. The governor is asked while KV is looked into; a project that needs
 * none makes not one call to it.
 */
export function governedConfig(config: ConfigCache, pulses: Pulses): ControlServices["served"] {
  return async (project: string | undefined, keepAlive: KeepAlive) => {
    const expected = config.expected(project)?.table;
    const pulse = expected !== undefined && needsPulse(expected) ? pulses.refresh(expected.project, keepAlive) : undefined;
    const found = await config.find(project, keepAlive);
    if (!found.ok || !needsPulse(found.value.table)) return found;
    const { project: meant } = found.value.table;
    await (meant === expected?.project && needsPulse(expected) ? pulse : pulses.refresh(meant, keepAlive));
    // The pulse may have brought a later version.
    return ok(config.peek(meant) ?? found.value);
  };
}
