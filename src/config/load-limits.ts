import { limitsOf, type Limit, type LimitTable } from "../core/governance/limit.ts";
import type { TableLimits, TakenAlong } from "../core/governance/table-limits.ts";
import type { CompiledConfig } from "./compiled.ts";

/** The limits of a table, ready to be counted; `undefined`: there are none. */
export function loadedLimits(table: LimitTable | undefined): readonly Limit[] | undefined {
  const limits = limitsOf(table ?? {});
  return limits.length === 0 ? undefined : limits;
}

/** What holds for callers; `undefined`: nobody and nothing is limited. */
export function loadLimits({ limits }: CompiledConfig): TableLimits | undefined {
  if (limits === undefined) return undefined;
  const { timezone, onUnavailable, reserve, project, key, user, session, team, teams = {}, sameToolCall } = limits;
  return {
    timezone,
    onUnavailable,
    reserve,
    revision: 0,
    project: loadedLimits(project),
    key: loadedLimits(key),
    user: loadedLimits(user),
    session: loadedLimits(session),
    team: loadedLimits(team),
    teams: new Map(Object.entries(teams).map(([name, table]) => [name, limitsOf(table)])),
    sameToolCall,
  };
}

/** What each attempt at a target counts against; `undefined`: nothing. `credential`: where it is not the provider's own, it is another account. */
export function loadTakenAlong(
  provider: { readonly id: string; readonly credential?: string; readonly limits?: LimitTable },
  target: { readonly target: string; readonly credential?: string; readonly limits?: LimitTable },
): readonly TakenAlong[] | undefined {
  const account = loadedLimits(provider.limits);
  const own = loadedLimits(target.limits);
  const isOther = target.credential !== undefined && target.credential !== provider.credential;
  const along: TakenAlong[] = [];
  if (account !== undefined)
    along.push({ kind: "account", name: isOther ? `${provider.id}:${target.credential}` : provider.id, limits: account });
  if (own !== undefined) along.push({ kind: "target", name: target.target, limits: own });
  return along.length === 0 ? undefined : along;
}
