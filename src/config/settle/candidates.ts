import type { CompiledCandidate, CompiledProvider } from "../compiled.ts";
import type { RouteTable, RoutesFile } from "../schema.ts";
import type { SettledTarget } from "./targets.ts";

/** What settles a candidate's timeouts besides its target. */
export interface TimeoutSources {
  readonly models: NonNullable<RoutesFile["models"]>;
  readonly providers: readonly CompiledProvider[];
}

/** A target as one route uses it. Its timeout is the first of: target, route, model, provider (which holds the defaults already). */
export function candidateOf(target: SettledTarget, route: RouteTable, sources: TimeoutSources): CompiledCandidate | undefined {
  const provider = sources.providers[target.provider];
  if (provider === undefined) return undefined;
  const { [target.model]: model } = sources.models;
  return {
    target: target.name,
    provider: target.provider,
    model: target.model,
    ...(target.credential === undefined ? {} : { credential: target.credential }),
    weight: target.weight,
    ...(target.limits === undefined ? {} : { limits: target.limits }),
    timeoutMs: target.timeoutMs ?? route.timeout_ms ?? model?.timeout_ms ?? provider.timeoutMs,
    idleTimeoutMs: route.idle_timeout_ms ?? provider.idleTimeoutMs,
  };
}
