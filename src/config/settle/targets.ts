import type { LimitTable } from "../../core/governance/limit.ts";
import type { CompiledProvider } from "../compiled.ts";
import { compileCredential } from "./credential.ts";
import type { Findings } from "../file/findings.ts";
import { formatKeyPath, type KeyPath } from "../file/key-path.ts";
import { limitsIn } from "./limits.ts";
import type { RoutesFile, TargetTable } from "../schema.ts";

/** Providers that a message names where several list a model. */
const NAMED_PROVIDERS = 5;

/** A target with its provider found, before a route gives it weight and timeouts. */
export interface SettledTarget {
  readonly name: string;
  readonly model: string;
  /** Position in the providers. */
  readonly provider: number;
  /** `undefined`: the provider takes no key. */
  readonly credential: string | undefined;
  readonly weight: number;
  readonly timeoutMs: number | undefined;
  /** `undefined`: none of its own. */
  readonly limits: LimitTable | undefined;
}

/** Who serves a model, and every target of the file. */
export interface Targets {
  /** The target of that name; `undefined`, with a finding, where there is none, without one where the target itself is already reported. */
  named(name: string, path: KeyPath): SettledTarget | undefined;
  /** A target without a name of its own, for a model that is named directly. */
  forModel(model: string, path: KeyPath): SettledTarget | undefined;
  /** Those that nothing has asked for by name so far, in file order. */
  unused(): readonly SettledTarget[];
}

/** Settles `[targets]`: each has the one provider that lists its model, and the secret it is called with. */
export function compileTargets(file: RoutesFile, providers: readonly CompiledProvider[], findings: Findings): Targets {
  const listing = listingOf(providers, findings);
  const settled = new Map(Object.entries(file.targets ?? {}).map(([name, table]) => [name, settle(name, table, listing)]));
  const used = new Set<string>();
  return {
    named(name, path) {
      used.add(name);
      if (!settled.has(name) && !findings.isMisshapen(["targets", name])) findings.wrong(path, noSuchTarget(name, settled, listing));
      return settled.get(name);
    },
    forModel(model, path) {
      const remedy = (id: string) => `use a target of its own: [targets.NAME] with model = ${JSON.stringify(model)} and provider = "${id}"`;
      const provider = listing.providerOf(model, path, remedy);
      if (provider === undefined) return undefined;
      return {
        name: model,
        model,
        provider,
        credential: providers[provider]?.credential,
        weight: 1,
        timeoutMs: undefined,
        limits: undefined,
      };
    },
    unused: () => [...settled.values()].filter((target) => target !== undefined).filter((target) => !used.has(target.name)),
  };
}

function noSuchTarget(name: string, targets: ReadonlyMap<string, unknown>, listing: Listing): string {
  const message = `there is no target "${name}"`;
  if (listing.lists(name)) return `${message}; to call the model of that name, add [targets.NAME] with model = "${name}" and name it here`;
  return `${message}${listing.findings.meant(name, targets.keys()) || `; add [${formatKeyPath(["targets", name])}] with its model`}`;
}

function settle(name: string, table: TargetTable, listing: Listing): SettledTarget | undefined {
  const { findings, providers } = listing;
  const path = ["targets", name];
  const provider =
    table.provider === undefined
      ? listing.providerOf(table.model, [...path, "model"], (id) => `add provider = "${id}"`)
      : listing.providerNamed(table.provider, table.model, path);
  const own = table.credential === undefined ? undefined : compileCredential([...path, "credential"], table.credential, findings);
  if (provider === undefined) return undefined;
  const keyless = providers[provider]?.auth?.place === "none" || providers[provider]?.credential === undefined;
  if (own !== undefined && keyless && !findings.isMisshapen(["providers", providers[provider]?.id ?? "", "auth_type"])) {
    findings.wrong([...path, "credential"], `is never sent: its provider, ${providers[provider]?.id}, takes no key`);
  }
  return {
    name,
    model: table.model,
    provider,
    credential: own ?? providers[provider]?.credential,
    weight: table.weight ?? 1,
    timeoutMs: table.timeout_ms,
    limits: limitsIn(table.limits),
  };
}

interface Listing {
  readonly providers: readonly CompiledProvider[];
  readonly findings: Findings;
  /** Whether a provider lists the model by name. */
  lists(model: string): boolean;
  /** The one provider that lists the model; `remedy` says what to write where there are several. */
  providerOf(model: string, path: KeyPath, remedy: (id: string) => string): number | undefined;
  providerNamed(id: string, model: string, path: KeyPath): number | undefined;
}

function listingOf(providers: readonly CompiledProvider[], findings: Findings): Listing {
  const byModel = new Map<string, number[]>();
  const byId = new Map(providers.map((provider, position) => [provider.id, { position, models: new Set(provider.models) }]));
  providers.forEach(({ models }, position) => {
    for (const model of models) {
      const listing = byModel.get(model);
      if (listing === undefined) byModel.set(model, [position]);
      else listing.push(position);
    }
  });
  const idOf = (position: number) => providers[position]?.id ?? "";
  return {
    providers,
    findings,
    lists: (model) => byModel.has(model),
    providerOf(model, path, remedy) {
      const found = byModel.get(model) ?? byModel.get("*") ?? [];
      if (found.length === 1) return found[0];
      if (found.length > 1) {
        const ids = found.slice(0, NAMED_PROVIDERS).map(idOf);
        const more = found.length > ids.length ? ` and ${found.length - ids.length} more` : "";
        findings.wrong(path, `${ids.join(" and ")}${more} list "${model}"; say which one serves it: ${remedy(ids[0] ?? "")}`);
      } else if (!findings.lacksModels) {
        const meant = findings.meant(model, byModel.keys());
        findings.wrong(path, `no provider lists "${model}"${meant || "; add it to the models of the provider that has it"}`);
      }
      return undefined;
    },
    providerNamed(id, model, path) {
      const named = byId.get(id);
      if (named === undefined) {
        const meant = findings.meant(id, byId.keys()) || `; add [${formatKeyPath(["providers", id])}]`;
        if (!findings.isMisshapen(["providers", id])) findings.wrong([...path, "provider"], `there is no provider "${id}"${meant}`);
        return undefined;
      }
      const { position, models } = named;
      if (models.has(model) || models.has("*") || findings.isMisshapen(["providers", id, "models"])) return position;
      const meant = findings.meant(model, models) || `; add it to providers.${id}.models`;
      findings.wrong([...path, "model"], `the provider ${id} does not list "${model}"${meant}`);
      return undefined;
    },
  };
}
