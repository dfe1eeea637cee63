import type { AllowList } from "../core/governance/key-plan.ts";
import { isoTime } from "./api/serving.ts";
import type { Entrance } from "./entrance.ts";

/** Where a caller reads what its own key is and may do. */
export const KEY_PATH = "/v1/key";

/** The caller's own key, as its holder may see it. */
export function ownKey({ caller, plan }: Entrance): object {
  const { apiKey, issued } = caller;
  return {
    id: apiKey,
    name: issued?.name ?? null,
    plan: plan?.name ?? null,
    team: issued?.team ?? null,
    owner: issued?.owner ?? null,
    metadata: issued?.metadata ?? {},
    scopes: issued?.scopes ?? ["call"],
    expires_at: isoTime(issued?.expiresAtMs ?? null),
    allows: plan?.allow === undefined ? null : listsOf(plan.allow),
  };
}

/** What may be asked for, by the names of routes.toml. */
function listsOf({ routes, functions, models, providers }: AllowList): object {
  return { routes: [...routes], functions: [...functions], models: [...models], providers: [...providers] };
}
